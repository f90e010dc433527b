/** The figures for a person: what was measured, what it is, what it should be, and against what. */
export function rowsOf({ ingest, append, unchanged, search, commands, handoff, memory, quick }) {
  const rows = [['figure', 'measured', 'target', 'reference']]
  const add = (figure, measured, target, reference) => rows.push([figure, measured, target, reference])
  if (ingest) {
    add('ingest', `${ingest.ratio_to_ceiling} (${ingest.mb_per_second} MB/s; by CPU time ${ingest.cpu_ratio_to_ceiling})`, '>= 0.6', `bare ceiling, ${ingest.ceiling_mb_per_second} MB/s`)
    add('database size', `${ingest.database_over_transcripts}`, '', 'size of the transcripts')
    add('longest write transaction', `${ingest.longest_transaction_ms} ms`, '< 200 ms', 'write lock held, without checkpoint')
  }
  if (append) add(`a line appended to ${append.transcript_mb} MB`, `${append.p50_ms} ms (p95 ${append.p95_ms})`, '< 15 ms', `${append.ratio_to_bare} x one bare row, ${append.bare_p50_ms} ms`)
  if (unchanged) add(`sync, ${unchanged.transcripts} unchanged`, `${unchanged.seconds_above_node} s`, '< 0.4 s', 'above node -e 0')
  if (search) {
    const target = { 'up to 10,000 hits': '< 20 ms', 'about 100,000 hits': '< 100 ms', 'more hits': '', 'newest first': '< 20 ms' }
    for (const [hits, ms] of Object.entries(search.p95_ms)) add(`search, ${hits}`, `p95 ${ms} ms`, target[hits], 'worst of all filters')
    const bare = search.results.filter(({ sort, filter }) => sort === 'relevance' && filter === 'none')
    for (const { hits, p50_ms, bare_p50_ms, ratio_to_bare } of bare) add(`  ${hits} hits, no filter`, `p50 ${p50_ms} ms`, '', `${ratio_to_bare} x FTS5 alone, ${bare_p50_ms} ms`)
  }
  if (commands?.list) {
    add('gobby session list', `${commands.list.ratio_to_node} (${commands.list.ms} ms)`, '<= 4.5', `node -e 0, ${commands.list.node_ms} ms`)
    add('gobby session search', `${commands.search.ratio_to_node} (${commands.search.ms} ms)`, '<= 5', `node -e 0, ${commands.search.node_ms} ms`)
  }
  if (handoff) {
    add('create_handoff, median session', `${Math.round(handoff.create_handoff_ms)} ms`, '< 50 ms', `${handoff.sessions} sessions, beside git's own time`)
    add(`analysis of ${Math.round(handoff.megabytes)} MB`, `${Math.round(handoff.median_ms)} ms`, '< 1 s', `${handoff.messages} messages, from the database`)
  }
  if (memory) add('memory, 1 GB transcript', `${memory.rss_mb} MB`, '< 300 MB', 'resident set at its largest')
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd())
  return quick ? [...lines, 'Quick: a small corpus and database, too small for the targets.'] : lines
}
