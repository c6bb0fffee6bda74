/**
 * Seconds that `devnet send`, `deploy` and `receipt` wait for a transaction to be in a block, unless `--wait` says
 * otherwise.
 */
export const DEFAULT_WAIT_SECONDS = 60
export const MAX_WAIT_SECONDS = 86_400

/** Times that a transaction is signed anew because another one has taken its nonce. */
export const MAX_NONCE_ATTEMPTS = 50
/** Milliseconds between them: the first, each longer by as much, up to the last. */
export const MIN_NONCE_WAIT_MS = 20
export const MAX_NONCE_WAIT_MS = 500

/** Milliseconds between two looks for a receipt: a devnet makes a block within as many. */
export const LOOK_AGAIN_MS = 50
/** Milliseconds after which a node that does not answer a look is asked again. */
export const LOOK_TIMEOUT_MS = 5_000
/** Milliseconds between two looks at why the chain stands. */
export const STANDSTILL_LOOK_MS = 1_000
/** Milliseconds without the receipt after which it is said what is waited for. */
export const QUIET_MS = 8_000
/** Milliseconds after which what is waited for is said again. */
export const SAY_AGAIN_MS = 30_000

/** Logs of a receipt that are shown as text; `--json` has all. */
export const MAX_LOGS = 100

/** Lines of a trace that are shown as text; `--json` has all. */
export const MAX_TRACE_LINES = 2_000

/** Transactions of a block, and events of a search, that are shown as text; `--json` has all. */
export const MAX_LISTED = 200
