/** Bounds of a node's configuration, which `devnet up` has too: it refuses what its nodes would refuse. */
export { MIN_KEPT_STATES } from './chain/limits.ts'

export const MAX_PORT = 65_535
/** Milliseconds. */
export const MAX_BLOCK_TIME = 600_000
/** The least gas of any call: that of a transfer. */
export const MIN_CALL_GAS = 21_000
/** Milliseconds. */
export const MAX_CALL_TIMEOUT = 600_000
export const MAX_CALL_WORKERS = 16
