/** How a store is opened. */
export type OpenOptions = {
  /** How long a writer waits for another one, in milliseconds; normally 5,000. */
  busy_timeout_ms?: number
  /** Refuse a database that would have to be brought up to date first: for callers who cannot wait for that. */
  as_it_is?: boolean
}
