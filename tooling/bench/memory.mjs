/** What one transcript of a gigabyte needs. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { measureIn } from './child.mjs'
import { longTranscript } from './corpus.mjs'
import { rounded } from './figures.mjs'
import { made, scratch } from './places.mjs'

export async function memory({ say }) {
  const bytes = 1 << 30
  say('one transcript of 1 GB')
  const folder = await made('gigabyte-1', (folder) => void longTranscript(join(folder, 'claude/projects/-work-bench/0c0ffee0-0000-4000-8000-000000000002.jsonl'), bytes))
  const home = scratch('memory')
  const { rss_mb, seconds, longest_transaction_ms, messages } = await measureIn('./ingest-run.mjs', [folder, home])
  rmSync(home, { recursive: true, force: true })
  return { transcript_bytes: bytes, messages, rss_mb: rounded(rss_mb), mb_per_second: rounded(bytes / 1e6 / seconds), longest_transaction_ms: rounded(longest_transaction_ms) }
}
