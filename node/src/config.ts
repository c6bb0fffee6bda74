/** A node's configuration file: JSON, checked field by field, with the field's path in every error. */
import * as v from 'valibot'
import {
  MAX_BLOCK_TIME,
  MAX_CALL_TIMEOUT,
  MAX_CALL_WORKERS,
  MAX_PORT,
  MIN_CALL_GAS,
  MIN_KEPT_STATES,
} from './configLimits.ts'
import { SECP256K1_ORDER } from './crypto/secp256k1.ts'
import { ENGINE_NAMES } from './execution/executionConfig.ts'
import { isPeerAddress } from './network/peerAddress.ts'
import { LOG_FORMATS } from './runtime/logging/readableLine.ts'

/** Peers a node dials at start; a network has at most 20 validators. */
const MAX_BOOTSTRAP_PEERS = 64

const MAX_ALLOWED_ORIGINS = 64
const MAX_ACCOUNTS = 1_000

/** A path, not resolved. Node itself refuses a NUL byte, but with other words. */
const path = v.pipe(
  v.string(),
  v.nonEmpty('must be a path, not empty'),
  v.check((text) => !text.includes('\0'), 'must be a path, without NUL bytes'),
)
const host = v.pipe(v.string(), v.nonEmpty('must be an IP address or a host name, such as 127.0.0.1'))
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_PORT))
const seed = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/i, 'must be 0x and 64 hex digits (32 bytes)'))
const privateKey = v.pipe(
  seed,
  v.check(isPrivateKey, 'must be a private key: above 0 and below the order of secp256k1'),
)
const origin = v.pipe(
  v.string(),
  v.check(isOrigin, 'must be an origin as browsers write it, such as https://app.example or http://10.0.0.7:3000'),
)
const address = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{40}$/i, 'must be 0x and 40 hex digits (20 bytes)'))

const peerAddress = v.pipe(
  v.string(),
  v.check(isPeerAddress, 'must be a multiaddr with a peer id, such as /ip4/127.0.0.1/tcp/30303/p2p/12D3KooW...'),
)

const schema = v.strictObject({
  /** How the node calls itself in its log. */
  name: v.pipe(v.string(), v.maxLength(64)),
  genesisFile: path,
  /** The node's own directory: database, signer's record, transaction pool. */
  dataDir: path,
  engine: v.picklist(ENGINE_NAMES),
  rpc: v.strictObject({
    host,
    port,
    /** Web pages that may call every method, besides those of this machine; any page may read, and send what is signed. */
    allowOrigin: v.optional(v.pipe(v.array(origin), v.maxLength(MAX_ALLOWED_ORIGINS))),
    /** Milliseconds that a call, an estimate or a trace may run; 5000 unless said. */
    callTimeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CALL_TIMEOUT))),
    /** Most gas of one; 50 million, or the block's limit where that is more, unless said. */
    callGasCap: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(MIN_CALL_GAS))),
    /** Threads that run them; 1 unless said. */
    callWorkers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CALL_WORKERS))),
  }),
  /** Prometheus metrics at /metrics of this address (docs/metrics.md). Absent: none are kept and nothing listens. */
  metrics: v.optional(
    v.strictObject({
      /** 127.0.0.1 unless said. */
      host: v.optional(host),
      port,
    }),
  ),
  p2p: v.strictObject({
    host,
    port,
    /** ed25519 seed of the libp2p identity. */
    seed,
    /** Multiaddrs with /p2p/<peer id>. */
    bootstrap: v.pipe(v.array(peerAddress), v.maxLength(MAX_BOOTSTRAP_PEERS)),
  }),
  /** ed25519 seed that signs proposals and votes; null for a node that only follows. */
  validatorSeed: v.nullable(seed),
  /**
   * Private keys of the accounts that this node signs for (eth_sendTransaction, eth_sign and their like), given by a
   * devnet: everybody who reaches its JSON-RPC as a program or as a page of this machine can use them. Absent: it signs
   * for nobody.
   */
  accounts: v.optional(v.pipe(v.array(privateKey), v.maxLength(MAX_ACCOUNTS))),
  /**
   * Private key that signs dev transactions, where the genesis names its address as the controller: everybody who may call
   * control methods uses it.
   */
  devControllerKey: v.optional(privateKey),
  /**
   * True at the first start of a key that has never signed: its record begins here. False: a record that is missing was
   * lost, and the validator abstains until a height is decided without it.
   */
  validatorIsNew: v.boolean(),
  /** Receives the tips of the blocks this node proposes. */
  feeRecipient: address,
  /** Null: blocks are made when there are transactions. */
  blockTimeMs: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_BLOCK_TIME))),
  /**
   * How a node with an empty directory gets the chain: `blocks` (the default) executes every block from the genesis on,
   * `snapshot` fetches the state of a recent certified block and has no history before it.
   */
  sync: v.optional(v.picklist(['blocks', 'snapshot'])),
  /**
   * Newest blocks whose states are kept, for questions about them and for nodes that fetch a snapshot; 4096 unless
   * said, null for all. Those that a chain in dev mode may go back to are kept, too.
   */
  keepStates: v.optional(
    v.nullable(
      v.pipe(
        v.number(),
        v.safeInteger(),
        v.minValue(MIN_KEPT_STATES, `must be ${MIN_KEPT_STATES} or more, or null for all`),
      ),
    ),
  ),
  logLevel: v.picklist(['debug', 'info', 'warn', 'error']),
  /** JSON for programs (the default), or text for people (runtime/logging/readableLine.ts). */
  logFormat: v.optional(v.picklist(LOG_FORMATS)),
  /** The log goes to this file, which is kept small (runtime/logging/logFile.ts), instead of to standard output. */
  logFile: v.optional(path),
})

export type NodeConfigJson = v.InferOutput<typeof schema>

function isPrivateKey(text: string): boolean {
  // Text that is no hex has its own error.
  const key = /^0x[0-9a-f]{64}$/i.test(text) ? BigInt(text) : 1n
  return key > 0n && key < SECP256K1_ORDER
}

/** The configuration is wrong: the author of the file is to blame. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Scheme, name and port, without a path, in the spelling of the Origin header. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

/**
 * Checks the configuration of a node, as `JSON.parse` gives it. Paths stay as they are.
 *
 * @example
 * ```ts
 * import { parseNodeConfig } from '@touchstone/node'
 *
 * const config = parseNodeConfig({
 *   name: 'follower',
 *   genesisFile: 'genesis.json',
 *   dataDir: 'data',
 *   engine: 'compiled',
 *   rpc: { host: '127.0.0.1', port: 8545 },
 *   p2p: { host: '0.0.0.0', port: 30303, seed: `0x${'01'.repeat(32)}`, bootstrap: [] },
 *   validatorSeed: null,
 *   validatorIsNew: false,
 *   feeRecipient: `0x${'00'.repeat(20)}`,
 *   blockTimeMs: null,
 *   logLevel: 'info',
 * })
 * config.rpc.port // => 8545
 * ```
 * @throws ConfigError naming the first field that is wrong, and what is allowed there.
 */
export function parseNodeConfig(json: unknown): NodeConfigJson {
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const issue = result.issues[0]
  throw new ConfigError(`${v.getDotPath(issue) ?? 'the file'}: ${wordsOf(issue)}`)
}

/** The library's, but of a field that is missing and of one that there is not. */
function wordsOf({ type, expected, received, message, path }: v.InferIssue<typeof schema>): string {
  if (type !== 'strict_object') return message
  const above = path?.slice(0, -1).map(({ key }) => String(key)) ?? []
  if (received === 'undefined') return 'missing'
  if (expected !== 'never') return message
  return `there is no such field; known are ${fieldsOf(above).join(', ')}`
}

/** The names of the fields of an object in the file. */
function fieldsOf(path: readonly string[]): readonly string[] {
  let entries: Readonly<Record<string, unknown>> = schema.entries
  for (const key of path) {
    const found = entries[key] as { readonly wrapped?: unknown }
    entries = ((found.wrapped ?? found) as { readonly entries: typeof entries }).entries
  }
  return Object.keys(entries)
}
