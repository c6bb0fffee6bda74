/** Seconds that `devnet send`, `deploy` and `receipt` wait for a transaction to be in a block, unless `--wait` says otherwise. */
export const defaultWaitSeconds = 60
export const mostWaitSeconds = 86_400

/** Times that a transaction is signed anew because another one has taken its nonce. */
export const mostNonceAttempts = 50
/** Milliseconds between them: the first, each longer by as much, up to the last. */
export const leastNonceWaitMs = 20
export const mostNonceWaitMs = 500

/** Milliseconds between two looks for a receipt: a devnet makes a block within as many. */
export const lookAgainMs = 50
/** Milliseconds after which a node that does not answer a look is asked again. */
export const lookTimeoutMs = 5_000
/** Milliseconds between two looks at why the chain stands. */
export const standstillLookMs = 1_000
/** Milliseconds without the receipt after which it is said what is waited for. */
export const quietMs = 8_000
/** Milliseconds after which what is waited for is said again. */
export const sayAgainMs = 30_000

/** Logs of a receipt that are shown as text; `--json` has all. */
export const mostLogs = 100
