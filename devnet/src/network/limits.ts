/** One machine runs them all, and each two of them have a link: 20 nodes are 380 proxies. */
export const MAX_NODE_COUNT = 20

/** Where Ethereum tools look for a node. */
export const DEFAULT_RPC_PORT = 8545

/** A node that begins with a snapshot answers once it has all of it: gigabytes over links made slow take their time. */
export const SNAPSHOT_TIMEOUT_MS = 3_600_000

/** Bytes of a node's answer that are taken: more than a node gives unless it is told to (`maxResponseLength`). */
export const MAX_ANSWER_BYTES = 33_554_432
