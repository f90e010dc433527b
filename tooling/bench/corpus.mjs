/** Transcripts in the layout of the CLIs, multiplied from real ones under other ids. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { made, root } from './places.mjs'

const VERSION = 1
/** Larger files come in every second copy only, or a thousand files would be twice the bytes that are asked for. */
const LARGE = 1 << 20

const shared = join(root, '../shared/transcripts')
const samples = join(root, 'tooling/samples')

/** The folders of the three CLIs: where the originals lie, and where a copy goes below the corpus. */
const layouts = existsSync(shared)
  ? { name: 'shared transcripts', claude: join(shared, 'claude-code'), codex: join(shared, 'codex'), gemini: join(shared, 'gemini') }
  : { name: 'tooling/samples (no folder ../shared/transcripts)', claude: join(samples, 'claude'), codex: join(samples, 'codex'), gemini: join(samples, 'gemini/.gemini') }

export const corpusName = layouts.name

/** What points gobby at a corpus. */
export function corpusEnv(folder, home) {
  return {
    HOME: home,
    USERPROFILE: home,
    GOBBY_HOME: join(home, '.gobby'),
    CLAUDE_CONFIG_DIR: join(folder, 'claude'),
    CODEX_HOME: join(folder, 'codex'),
    GEMINI_CLI_HOME: join(folder, 'gemini'),
  }
}

/** A corpus of at least so many files and bytes, made of transcripts of at most `largest` bytes. */
export function corpus({ files, bytes = 0, largest = Infinity }) {
  const size = largest === Infinity ? `${Math.round(bytes / 1e6)}MB` : `small`
  const key = `corpus-${VERSION}-${existsSync(shared) ? 'shared' : 'samples'}-${files}-${size}`
  return made(key, (folder) => {
    const originals = [...transcripts(layouts.claude, 'projects', 'claude'), ...transcripts(layouts.codex, 'sessions', 'codex'), ...transcripts(layouts.gemini, 'tmp', 'gemini/.gemini')].filter((original) => original.bytes.length <= largest)
    const total = { files: 0, bytes: 0 }
    for (let copy = 1; total.files < files || total.bytes < bytes; copy++) {
      for (const original of originals) {
        if (original.bytes.length > LARGE && copy % 2 === 0) continue
        const path = join(folder, renamed(original, copy))
        mkdirSync(dirname(path), { recursive: true })
        const text = original.isTranscript ? rewritten(original.bytes.toString('latin1'), copy) : original.bytes.toString('latin1')
        writeFileSync(path, text, 'latin1')
        if (!original.isTranscript) continue
        total.files++
        total.bytes += text.length
      }
    }
    writeFileSync(join(folder, 'total.json'), JSON.stringify(total))
  })
}

export const corpusTotal = (folder) => JSON.parse(readFileSync(join(folder, 'total.json'), 'utf8'))

function transcripts(top, folder, target) {
  const entries = readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.jsonl?$|^\.project_root$/.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { target, name: relative(top, path), bytes: readFileSync(path), isTranscript: /^(?!.*\.meta\.json)(.*\.jsonl|session-.*\.json)$/.test(basename(path)) }
    })
}

/** In a folder of its own for each copy, and with the ids in its name rewritten as those inside. */
function renamed({ target, name }, copy) {
  const parts = rewritten(name, copy).split('/')
  if (target !== 'codex') parts[1] = `${parts[1]}-c${copy}`
  return join(target, ...parts)
}

const UUID = /\b[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)/g
const CALL = /\b(toolu_|call_|msg_|req_|fc_|ctc_|rs_)([A-Za-z0-9]{4})(?=[A-Za-z0-9]{8})/g

/** The same length, so that a corpus is as large as what it was made from; order of time-ordered ids is kept. */
function rewritten(text, copy) {
  const mark = copy.toString(36).padStart(4, '0')
  return text.replace(UUID, (first) => (parseInt(first, 16) ^ copy).toString(16).padStart(8, '0')).replace(CALL, `$1${mark}`)
}

/** One Claude Code transcript of so many bytes, the same lines over and over under other ids; `line(n)` is one more line. */
export function longTranscript(path, bytes) {
  const [original] = transcripts(layouts.claude, 'projects', 'claude')
    .filter(({ name, isTranscript }) => isTranscript && !name.includes('subagents'))
    .sort((a, b) => b.bytes.length - a.bytes.length)
  const text = original.bytes.toString('latin1').trimEnd()
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  for (let written = 0, copy = 1; written < bytes; copy++) {
    const more = `${inSession(rewritten(text, copy), path)}\n`
    appendFileSync(path, more, 'latin1')
    written += more.length
  }
  const answer = text.split('\n').find((line) => line.includes('"type":"assistant"') && line.includes('"type":"text"'))
  return { line: (n) => Buffer.from(`${inSession(rewritten(answer, 100_000 + n), path)}\n`, 'latin1') }
}

const inSession = (text, path) => text.replace(/"sessionId":"[^"]+"/g, `"sessionId":"${basename(path, '.jsonl')}"`)
