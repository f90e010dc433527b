/** The figures for a person: what was measured, what it is, what it should be, and against what. */
export function rowsOf({ hooks, ingest, append, unchanged, search, http, mcp, commands, handoff, memory, quick }) {
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
  if (http) {
    const { list, record, search: searched, streams } = http
    add('GET /sessions', `${list.ratio} (${list.own_per_second}/s)`, '>= 0.25', `the same ${list.bytes} bytes from memory, ${list.memory_per_second}/s`)
    add('GET /sessions/{ref}', `${record.ratio} (${record.own_per_second}/s)`, '>= 0.5', `the same ${record.bytes} bytes from memory, ${record.memory_per_second}/s`)
    add('GET /messages/search', `p95 ${searched.p95_ms} ms (p50 ${searched.p50_ms})`, '< 40 ms', `${searched.connections} connections, up to 10,000 hits`)
    add(`${streams.streams} streams`, `${streams.slowest_ms} ms, ${streams.rss_mb} MB`, '< 1 s, < 250 MB', 'from a line in the transcript to the last stream')
  }
  if (mcp?.tools) {
    const { create_handoff, search_messages, ...reading } = mcp.tools
    const [slowest, { p95_ms }] = Object.entries(reading).toSorted(([, a], [, b]) => b.p95_ms - a.p95_ms)[0]
    add('MCP, tools that read', `p95 ${p95_ms} ms`, '< 15 ms', `the slowest of ${Object.keys(reading).length}, ${slowest}`)
    add('MCP, search_messages', `p95 ${search_messages.p95_ms} ms`, '< 20 ms', 'up to 10,000 hits')
    add('MCP, create_handoff', `p95 ${create_handoff.p95_ms} ms`, '< 50 ms', "without git's own time")
    add('gobby-mcp, first answer', `${mcp.start.ratio_to_node} (${mcp.start.ms} ms)`, '<= 4', `node -e 0, ${mcp.start.node_ms} ms`)
    for (const { discovery, registries, by_characters, by_o200k } of mcp.tokens) {
      const target = discovery === 'progressive' ? '<= 500' : registries.length === 1 ? '<= 2500' : ''
      add(`tokens of the tools, ${discovery}`, `${by_o200k}`, target, `${registries.length === 1 ? registries[0] : 'all'}; by characters / 4: ${by_characters}`)
    }
  }
  if (commands?.list) {
    add('gobby session list', `${commands.list.ratio_to_node} (${commands.list.ms} ms)`, '<= 4.5', `node -e 0, ${commands.list.node_ms} ms`)
    add('gobby session search', `${commands.search.ratio_to_node} (${commands.search.ms} ms)`, '<= 5', `node -e 0, ${commands.search.node_ms} ms`)
  }
  if (hooks?.small) {
    const { small, large } = hooks
    add('hook, a start with a handoff', `${small.ratio_to_node} (${small.ms} ms, p95 ${small.p95_ms})`, '<= 2.0', `node -e 0, ${small.node_ms} ms; ${small.characters} characters`)
    add('  beside 1,000,000 messages', `p95 ${large.p95_ratio_to_node} (${large.p95_ms} ms, p50 ${large.ms})`, 'p95 <= 3.0', `node -e 0, ${large.node_ms} ms`)
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
