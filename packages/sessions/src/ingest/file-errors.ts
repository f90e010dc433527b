/** The refusals of the file system: they concern one file. */
const REFUSAL = /^(E[A-Z]+|Z_[A-Z_]+|ZSTD_[A-Za-z_]+|ERR_STRING_TOO_LONG|ERR_BUFFER_TOO_LARGE)$/

/** The code of a refusal (gone since the listing, no permission, a damaged archive); undefined for every other failure. */
export function refusalOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && REFUSAL.test(code) ? code : undefined
}
