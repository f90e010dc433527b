/** A first sync of a corpus, against the bare ceiling. */
import { corpus, corpusName, corpusTotal } from './corpus.mjs'
import { measureIn } from './child.mjs'
import { median, rounded } from './figures.mjs'
import { scratch } from './places.mjs'

export async function ingest({ quick, say }) {
  const folder = await corpus(quick ? { files: 150, bytes: 50e6 } : { files: 1100, bytes: 350e6 })
  const total = corpusTotal(folder)
  const recorded = scratch('recorded')
  say(`ingest: ${total.files} files, ${Math.round(total.bytes / 1e6)} MB of ${corpusName}`)
  // The first run writes the rows that the ceiling writes again, and warms the disk cache for all.
  const { longest_transaction_ms } = await measureIn('./ingest-run.mjs', [folder, recorded, 'locks'])
  const runs = []
  for (let round = 0; round < (quick ? 2 : 3); round++) {
    const gobby = await measureIn('./ingest-run.mjs', [folder, scratch('gobby')])
    const ceiling = await measureIn('./ceiling-run.mjs', [recorded, scratch('ceiling')])
    runs.push({ gobby, ceiling, ratio: ceiling.seconds / gobby.seconds })
    say(`  ${rounded(gobby.seconds)} s, ceiling ${rounded(ceiling.seconds)} s`)
  }
  const of = (pick) => median(runs.map(pick))
  return {
    corpus: { made_from: corpusName, files: total.files, bytes: total.bytes, sessions: runs[0].gobby.files, messages: runs[0].gobby.messages },
    ratio_to_ceiling: rounded(of((run) => run.ratio), 2),
    cpu_ratio_to_ceiling: rounded(of((run) => run.ceiling.cpu_seconds / run.gobby.cpu_seconds), 2),
    mb_per_second: rounded(total.bytes / 1e6 / of((run) => run.gobby.seconds)),
    ceiling_mb_per_second: rounded(total.bytes / 1e6 / of((run) => run.ceiling.seconds)),
    ceiling_parse_seconds: rounded(of((run) => run.ceiling.parse), 2),
    ceiling_write_seconds: rounded(of((run) => run.ceiling.write), 2),
    database_over_transcripts: rounded(of((run) => run.gobby.database_bytes) / total.bytes, 2),
    longest_transaction_ms: rounded(longest_transaction_ms),
  }
}
