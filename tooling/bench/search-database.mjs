/** A database of many messages, to search in: words as often as in real texts, sessions and projects as on a busy machine. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '@gobby/storage'
import { made } from './places.mjs'

const VERSION = 1
const SESSIONS_PER_MILLION = 5000
const PROJECTS = 20
const SOURCES = ['claude', 'codex', 'gemini']
const TOOLS = ['Read', 'Bash', 'Edit', 'Grep', 'Write', 'WebFetch']
const VOCABULARY = 60_000
const FIRST_DAY = Date.UTC(2025, 0, 1)
const DAY = 86_400_000

/** The folder of a database with `messages` messages; `words.json` beside it says in how many messages each word is. */
export const searchDatabase = (messages) => made(`search-${VERSION}-${messages}`, (folder) => generate(folder, messages))

export const databaseIn = (folder) => join(folder, 'sessions.db')
export const wordsIn = (folder) => JSON.parse(readFileSync(join(folder, 'words.json'), 'utf8'))

async function generate(folder, count) {
  const random = randomNumbers(7)
  const words = vocabulary(random)
  const pick = byZipf(words, random)
  const hits = new Uint32Array(VOCABULARY)
  const store = await openStore(`file:${databaseIn(folder)}`)
  const sessions = Math.round((count * SESSIONS_PER_MILLION) / 1e6)
  const projects = []
  for (let n = 0; n < PROJECTS; n++) {
    projects.push(await store.projects.add({ name: `project-${n}`, path: `/home/kim/project-${n}`, git_dir: null, now: at(0) }))
  }
  // A few projects and a few sessions have most of it.
  const sizes = Array.from({ length: sessions }, () => Math.exp(gauss(random) * 1.2))
  const scale = count / sizes.reduce((sum, size) => sum + size, 0)
  let written = 0
  for (let n = 0; n < sessions; n++) {
    const length = n === sessions - 1 ? count - written : Math.min(count - written, Math.max(1, Math.round(sizes[n] * scale)))
    const begun = (n / sessions) * 600 * DAY
    const messages = Array.from({ length }, (_, i) => message(i, at(begun + i * 20_000), pick, hits, random))
    written += length
    const last = at(begun + Math.max(0, length - 1) * 20_000)
    const source = SOURCES[Math.floor(random() ** 2 * SOURCES.length)]
    const { session } = await store.sessions.register(
      {
        external_id: `session-${n}`,
        source,
        project_id: projects[Math.floor(random() ** 2 * PROJECTS)].id,
        machine_id: 'bench',
        transcript_path: null,
        parent_session_id: null,
        relation: null,
        agent_depth: 0,
        created_at: at(begun),
        last_activity_at: last,
        status: 'expired',
        cwd: null,
        git_branch: 'main',
        model: null,
        title: `${words[pick()]} ${words[pick()]}`,
      },
      last,
    )
    await store.ingest.append({
      session_id: session.id,
      expected: { byte_offset: 0, generation: 0 },
      first_index: 0,
      messages,
      amendments: [],
      usage: [],
      facts: { last_activity_at: last },
      state: { path: `/none/${n}.jsonl`, byte_offset: length, size: length, mtime_ms: 0, inode: 0, head_hash: '', tail_hash: '', parser_version: 1, parser_state: null, skipped_reasons: {}, skipped_at: [] },
      now: last,
    })
  }
  await store.close()
  writeFileSync(join(folder, 'words.json'), JSON.stringify(words.map((word, n) => [word, hits[n]]).sort((a, b) => b[1] - a[1])))

  function message(i, timestamp, pick, hits, random) {
    const used = new Set()
    const text = (n) => {
      const said = Array.from({ length: n }, () => {
        const word = pick()
        used.add(word)
        return words[word]
      }).join(' ')
      return said
    }
    const size = Math.max(3, Math.min(2000, Math.round(Math.exp(3.4 + gauss(random) * 1.1))))
    const kind = i === 0 ? 0 : random()
    const base = { content: '', tool_name: null, tool_input: null, tool_result: null, tool_use_id: null, is_error: false, is_prompt: false, is_sidechain: false, searchable: true, timestamp, model: null, actions: null }
    const tool_name = TOOLS[Math.floor(random() ** 2 * TOOLS.length)]
    const tool_use_id = `call-${i >> 1}`
    const made =
      kind < 0.06
        ? { ...base, role: 'user', content_type: 'text', content: text(size), is_prompt: true }
        : kind < 0.28
          ? { ...base, role: 'assistant', content_type: kind < 0.2 ? 'text' : 'thinking', content: text(size) }
          : kind < 0.64
            ? { ...base, role: 'assistant', content_type: 'tool_use', tool_name, tool_use_id, tool_input: JSON.stringify({ command: text(Math.min(size, 30)) }) }
            : { ...base, role: 'tool', content_type: 'tool_result', tool_name, tool_use_id, tool_result: text(size * 2) }
    for (const word of used) hits[word]++
    return made
  }
}

const at = (ms) => new Date(FIRST_DAY + ms).toISOString()

/** Pronounceable words, no two alike; the frequent ones are short. */
function vocabulary(random) {
  const syllables = 'ba be bi bo bu da de di do du fa fe fi fo fu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu'.split(' ')
  const words = new Set()
  while (words.size < VOCABULARY) {
    const length = 1 + Math.floor(Math.log10(words.size + 10)) + Math.floor(random() * 2)
    words.add(Array.from({ length }, () => syllables[Math.floor(random() * syllables.length)]).join(''))
  }
  return [...words]
}

/** The n-th word comes 1/n as often as the first (Zipf), as in any language. */
function byZipf(words, random) {
  const sums = new Float64Array(words.length)
  let sum = 0
  for (let n = 0; n < words.length; n++) sums[n] = sum += 1 / (n + 2.7)
  return () => {
    const wanted = random() * sum
    let [low, high] = [0, words.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle] < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Reproducible (mulberry32). */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function gauss(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
