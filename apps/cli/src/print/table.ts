import { type Screen } from './screen.js'
import { fit, harmless, oneLine, widthOf } from './text.js'

export type Column<Row> = {
  head: string
  value(row: Row): string | number | null
  /** What a terminal shows instead; a pipe always gets the value. */
  shown?(row: Row): string
  style?: Parameters<Screen['paint']>[0] | ((row: Row) => Parameters<Screen['paint']>[0])
  right?: boolean
  /** A narrow terminal does without it. */
  spare?: boolean
}

const GAP = 2
/** Columns are spared, the right ones first, until the last one has this much. */
const ENOUGH = 20
/** The last column keeps at least this much, even if the line then is too long for the terminal. */
const LEAST = 8

/** A table on a terminal, its last column cut at the edge; in a pipe one line of tab-separated values for each row. */
export function table<Row>(rows: Row[], columns: Column<Row>[], screen: Screen): string {
  if (!screen.terminal) return rows.map((row) => `${columns.map(({ value }) => oneLine(String(value(row) ?? ''))).join('\t')}\n`).join('')
  const cells = rows.map((row) => columns.map(({ value, shown }) => oneLine(harmless(shown ? shown(row) : String(value(row) ?? '')))))
  const widths = columns.map(({ head }, at) => Math.max(widthOf(head), ...cells.map((line) => widthOf(line[at] ?? ''))))
  const last = columns.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP, 0)
  const spare = columns.findLastIndex((column) => column.spare)
  if (spare >= 0 && screen.columns - before < Math.min(widths[last] ?? 0, ENOUGH)) return table(rows, columns.toSpliced(spare, 1), screen)
  // A number that is cut would be another one.
  if (!columns[last]?.right) widths[last] = Math.min(widths[last] ?? 0, Math.max(LEAST, screen.columns - before))
  const pad = (text: string, at: number): [string, string] => {
    const cut = fit(text, widths[at] ?? 0)
    return [cut, ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cut)))]
  }
  const line = (texts: string[], paint: (text: string, at: number) => string): string =>
    texts
      .map((text, at) => {
        const [cut, space] = pad(text, at)
        return columns[at]?.right ? space + paint(cut, at) : paint(cut, at) + (at === last ? '' : space)
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  const head = columns.some((column) => column.head !== '') ? [line(columns.map((column) => column.head), (text) => screen.paint('dim', text))] : []
  const body = cells.map((texts, row) =>
    line(texts, (text, at) => {
      const style = columns[at]?.style
      return style ? screen.paint(typeof style === 'function' ? style(rows[row] as Row) : style, text) : text
    }),
  )
  return `${[...head, ...body].join('\n')}\n`
}
