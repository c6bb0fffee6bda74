/** Bounds of the metrics and of the server that gives them. */

/** Connections to the metrics server at the same time; one more is closed. A scraper needs one. */
export const MAX_METRICS_CONNECTIONS = 16
/** Milliseconds a request for metrics may take to arrive, and a connection may be idle. */
export const METRICS_REQUEST_TIMEOUT = 5_000
/**
 * Milliseconds for which an answer is given again: collecting costs the main thread, and a caller that asks more often
 * gets no more.
 */
export const METRICS_LIFETIME = 500
/** Milliseconds for which the sizes of databases are not looked up again: each file of theirs is asked for its size. */
export const DATABASE_SIZE_LIFETIME = 10_000
