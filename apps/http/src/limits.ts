/** What a client may ask for and how long it may take; told in the README. */

/** The largest body taken, in bytes. */
export const LARGEST_BODY = 10 * 1024 * 1024
/** The address and all headers together, in bytes. */
export const LARGEST_HEADERS = 16 * 1024
/** How deep a body may be nested; a tool's own arguments are some ten levels deep. */
export const DEEPEST_BODY = 200
/** How long headers, and a whole request, may take to come. */
export const HEADERS_MS = 10_000
export const REQUEST_MS = 30_000
/** A connection on which nothing is asked for so long is closed. */
export const IDLE_MS = 5000
/** Connections open at once, and streams among them. */
export const MOST_CONNECTIONS = 2000
export const MOST_STREAMS = 1000
/** A stream shows by a comment that it is alive. */
export const HEARTBEAT_MS = 15_000
/** A listener that takes nothing for so long is gone, or as good as gone. */
export const STALLED_MS = 60_000
/** How long running requests may take to end when the server does. */
export const FINISH_MS = 5000
