/** Every error that a surface may show: what happened, and what to do next. */
export const errorCodes = [
  'invalid',
  'not_found',
  'ambiguous',
  'conflict',
  'nothing_to_hand_over',
  'busy',
  'unavailable',
  'internal',
] as const
/** The kind of a `GobbyError`; each surface has one answer for each (exit code, HTTP status). */
export type ErrorCode = (typeof errorCodes)[number]

/** An error that is the user's to see. `candidates` are refs to choose from, with the code `ambiguous`. */
export class GobbyError extends Error {
  override name = 'GobbyError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly candidates: string[] | undefined

  constructor(code: ErrorCode, message: string, hint?: string, options: { candidates?: string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = hint
    this.candidates = options.candidates
  }
}
