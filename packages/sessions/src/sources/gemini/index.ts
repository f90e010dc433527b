/** The Gemini CLI of Google. */
import type { Source } from '../source.js'
import { folders } from './folders.js'
import { peek } from './head.js'
import { hooks } from './hooks.js'
import { install } from './install.js'
import { readTranscript } from './read.js'
import { actions, outcome } from './tools.js'

export { projectHash } from './folder.js'

/** A session, or in a folder named after its parent a sub-agent's. */
const TRANSCRIPT = /[\\/]tmp[\\/][^\\/]+[\\/]chats[\\/](session-[^\\/]+\.jsonl?|[^\\/]+[\\/][^\\/]+\.jsonl)$/

export const gemini: Source = {
  name: 'gemini',
  label: 'Gemini CLI',
  parser_version: 1,
  rereads: true,
  folders,
  keeps: (path) => TRANSCRIPT.test(path),
  peek,
  // Where an earlier read ended says nothing about a history that is written anew.
  read: (file) => readTranscript(file),
  callingSession: (env) => env.GEMINI_SESSION_ID,
  callerOf: ({ env }) => (env.GEMINI_PROJECT_DIR ? { cwd: env.GEMINI_PROJECT_DIR } : undefined),
  hooks,
  install,
  actions,
  outcome,
}
