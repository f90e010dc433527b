import { styleText } from 'node:util'
import type { Surroundings } from '../surroundings.js'

/** What stdout can show. */
export type Screen = {
  /** A person looks at it; otherwise it is a pipe or a file, which gets complete, plain values. */
  terminal: boolean
  columns: number
  paint(style: Parameters<typeof styleText>[0], text: string): string
}

export function screenOf({ stdout, env }: Pick<Surroundings, 'stdout' | 'env'>): Screen {
  const terminal = stdout.isTTY === true
  const colour = terminal && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    terminal,
    columns: stdout.columns || 80,
    paint: (style, text) => (colour && text !== '' ? styleText(style, text, { validateStream: false }) : text),
  }
}
