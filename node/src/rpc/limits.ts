/**
 * Every bound of the JSON-RPC server, each a named option. A request over a bound gets an error that names the bound;
 * nothing a client sends makes the server hold more than these allow.
 */

/** Most characters of an error's message: what a contract says of its failure (MAX_FAILURE_TEXT), and words around it. */
export const MAX_ERROR_LENGTH = 4_096

/** Characters shown of a method's name or a key that is not known. */
export const SHOWN_LENGTH = 64
/** The same of a parameter that is wrong: a hash and its quotes fit. */
export const SHOWN_VALUE_LENGTH = 70

/** Characters of a tracer's name. `cargo stylus` sends a script of 1 500. */
export const MAX_TRACER_TEXT = 16_384
/** Blocks that trace_filter runs again for one request, and frames that it gives. */
export const MAX_TRACE_BLOCKS = 100
export const MAX_TRACES = 10_000
/** Addresses of one kind in a trace_filter. */
export const MAX_TRACE_ADDRESSES = 256
/** Tracers of one muxTracer. */
export const MAX_MUX_TRACERS = 8
/** The same of an origin or a host: the longest name that DNS has, and more. */
export const SHOWN_ORIGIN_LENGTH = 280

export interface RpcLimits {
  /** Bytes of one HTTP body or WebSocket message. */
  readonly maxBodyBytes: number
  /** Bytes of all HTTP bodies and WebSocket messages held at the same time, until they are answered. See held.ts. */
  readonly maxHeldBodyBytes: number
  /** The same of the pages of all other sites together, apart. */
  readonly maxHeldBodyBytesOfPages: number
  /** Bytes of an oversized HTTP body that are read and thrown away, so that its sender can still read the refusal. */
  readonly maxDrainBytes: number
  /** Arrays and objects inside each other. */
  readonly maxJsonDepth: number
  /** Values, keys and containers of one body, counted before it is parsed: bounds the memory that parsing takes. */
  readonly maxJsonItems: number
  /** Requests in one batch. */
  readonly maxBatchLength: number
  /** Requests of one batch that run at the same time. */
  readonly batchConcurrency: number
  /** Requests that run at the same time, of all clients but the pages of other sites; more wait for their turn. */
  readonly maxInFlight: number
  /** The same of the pages of all other sites together, apart, so that they take nothing from everybody else. */
  readonly maxInFlightOfPages: number
  /**
   * Requests that take longer (method.ts, `slow`: calls, traces, proofs, fee histories) and run at the same time, of all
   * clients but the pages of other sites; three quarters of them of one client. More wait for their turn.
   */
  readonly maxSlowRequests: number
  /** The same of the pages of all other sites together, apart. */
  readonly maxSlowRequestsOfPages: number
  /**
   * Searches through ranges of blocks (eth_getLogs, eth_getFilterLogs, trace_filter, ots_searchTransactionsBefore and
   * After) that run at the same time, of all clients but the pages of other sites; three quarters of them of one
   * client. More wait for their turn.
   */
  readonly maxSearches: number
  /** The same of the pages of all other sites together, apart. */
  readonly maxSearchesOfPages: number
  /**
   * Requests that wait for their turn, of pages and of others and of each pace (method.ts) apart; half of them of one
   * client. Above it: error -32005.
   */
  readonly maxWaitingRequests: number
  /** Messages of one WebSocket that are being answered. While there are so many, it is not read. */
  readonly maxInFlightPerSocket: number
  /** Milliseconds until a request that still runs is answered with an error. */
  readonly requestTimeout: number
  /** Characters of one answer, a batch counted as one. */
  readonly maxResponseLength: number

  /** TCP connections, WebSockets included. One more takes the place of an idle one (connections.ts). */
  readonly maxConnections: number
  /** Bytes of answers that clients have not read yet, all together; HTTP clients are then told to try again. */
  readonly maxHeldAnswerBytes: number
  /** Milliseconds an HTTP connection may do nothing: between requests, and while its client does not read. */
  readonly idleTimeout: number
  /** The same of WebSockets, of all clients but the pages of other sites; and of these pages, all together and apart. */
  readonly maxSockets: number
  readonly maxSocketsOfPages: number
  readonly maxSubscriptionsPerSocket: number
  /** Bytes waiting to be read by one WebSocket client; a slower reader is disconnected. */
  readonly maxSocketBufferBytes: number
  /** Milliseconds between pings; a client that has not answered the last one is disconnected. */
  readonly pingInterval: number

  /** One more takes the place of the one that was not asked for longest, of the client that has most. */
  readonly maxFilters: number
  /** Milliseconds after which a filter nobody asked for is dropped. */
  readonly filterLifetime: number
  /** Newest block hashes kept for block filters, all together; a filter that falls further behind is dropped. */
  readonly maxFilterBlocks: number
  /** The same for pending transaction hashes. */
  readonly maxFilterPending: number

  /** Blocks in one eth_getLogs. */
  readonly maxLogRange: number
  /** Blocks searched at a time, so that a long search does not hold up execution. */
  readonly logRangeStep: number
  readonly maxLogs: number
  /** Addresses in one log filter. */
  readonly maxLogAddresses: number
  /** Alternatives at one topic position. */
  readonly maxLogTopics: number
  /** Blocks in one eth_feeHistory. */
  readonly maxFeeHistory: number
  readonly maxRewardPercentiles: number
  /** Storage keys in one eth_getProof. */
  readonly maxProofKeys: number

  /** Blocks of one eth_simulateV1, those in between included. */
  readonly maxSimulatedBlocks: number
  /** Calls of all its blocks. */
  readonly maxSimulatedCalls: number
  /** Slots in one eth_getStorageValues, of all accounts together, and in one debug_storageRangeAt. */
  readonly maxStorageValues: number
  /** Bytes of JSON of one anvil_dumpState or anvil_loadState, unpacked. */
  readonly maxStateBytes: number
  /** Blocks that one search for the transactions of an account looks through (ots_searchTransactionsBefore and After). */
  readonly maxHistoryBlocks: number
  /** Transactions of one page of ots_ methods. */
  readonly maxHistoryPage: number
  /** Characters of the types of one eth_signTypedData_v4, names of members included. */
  readonly maxTypedDataTypeLength: number

  /** Milliseconds eth_sendRawTransactionSync waits when not told how long. */
  readonly syncSendTimeout: number
  /** The longest it may be told to wait. */
  readonly maxSyncSendTimeout: number
  /** Those that wait at the same time; more are answered at once, as after their time. */
  readonly maxSyncSends: number

  /**
   * Milliseconds eth_sendRawTransaction waits for the block before it answers with the hash all the same. 0: it does not.
   * For chains whose blocks come at once: clients then find the receipt at their first look. See sendRawTransaction.ts.
   */
  readonly sendHold: number
  /** Sends held at the same time; one more lets the one go that has waited longest for its block. */
  readonly maxHeldSends: number

  /** Blocks whose transactions, receipts and JSON stay in memory, newest first... */
  readonly recentBlocks: number
  /** ...and bytes of them, estimated from their encodings. */
  readonly recentBytes: number
}

export const DEFAULT_RPC_LIMITS: RpcLimits = {
  // The largest transaction the pool takes (327 680 bytes) three times over, in hex.
  maxBodyBytes: 2 * 1024 * 1024,
  maxHeldBodyBytes: 128 * 1024 * 1024,
  maxHeldBodyBytesOfPages: 32 * 1024 * 1024,
  maxDrainBytes: 64 * 1024 * 1024,
  // The deepest call of ours, an access list in a call object in a batch, has six.
  maxJsonDepth: 32,
  maxJsonItems: 200_000,
  maxBatchLength: 1_000,
  batchConcurrency: 16,
  // More than the sends that wait for a block (maxHeldSends, maxSyncSends), also those of one client.
  maxInFlight: 1_024,
  maxInFlightOfPages: 1_024,
  // Of one client fewer than may wait for a call thread (MAX_WAITING_CALLS_PER_CLIENT): the others wait here, and are
  // not refused.
  maxSlowRequests: 256,
  maxSlowRequestsOfPages: 256,
  // Each keeps the thread that executes busy with a step of `logRangeStep` blocks at a time.
  maxSearches: 4,
  maxSearchesOfPages: 2,
  maxWaitingRequests: 16_384,
  maxInFlightPerSocket: 128,
  requestTimeout: 30_000,
  // viem gives up on HTTP answers above 10 MiB.
  maxResponseLength: 10 * 1024 * 1024,

  maxConnections: 1_024,
  maxHeldAnswerBytes: 128 * 1024 * 1024,
  // Longer than the polling interval of viem and ethers (4 s), and than requestTimeout.
  idleTimeout: 60_000,
  maxSockets: 256,
  // More than a browser opens for all its pages.
  maxSocketsOfPages: 256,
  maxSubscriptionsPerSocket: 64,
  maxSocketBufferBytes: 16 * 1024 * 1024,
  pingInterval: 30_000,

  maxFilters: 1_024,
  // As geth.
  filterLifetime: 5 * 60_000,
  maxFilterBlocks: 16_384,
  maxFilterPending: 16_384,

  maxLogRange: 100_000,
  logRangeStep: 1_000,
  maxLogs: 10_000,
  // As geth.
  maxLogAddresses: 1_000,
  // As geth.
  maxLogTopics: 1_000,
  // As geth.
  maxFeeHistory: 1_024,
  // As geth.
  maxRewardPercentiles: 100,
  // As geth.
  maxProofKeys: 1_024,

  // As geth.
  maxSimulatedBlocks: 256,
  // As geth has it of one block.
  maxSimulatedCalls: 5_000,
  // As geth.
  maxStorageValues: 1_024,
  // Some 100 000 slots; a body of `maxBodyBytes` that unpacks to more is cut off there.
  maxStateBytes: 16 * 1024 * 1024,
  // Some seconds of reading on a node whose blocks have a few transactions each.
  maxHistoryBlocks: 10_000,
  // Otterscan asks for 25.
  maxHistoryPage: 100,
  // Forty times the longest in use; hashing every type with all it refers to is then some 30 MB of keccak.
  maxTypedDataTypeLength: 16_384,

  // Long enough for a few rounds of consensus on a loaded machine, short enough for viem's 10 s.
  syncSendTimeout: 5_000,
  maxSyncSendTimeout: 20_000,
  maxSyncSends: 256,

  sendHold: 0,
  maxHeldSends: 16,

  recentBlocks: 128,
  recentBytes: 64 * 1024 * 1024,
}

/** Slots of a token that are tried for its mapping of balances, each by a call. */
export const DEAL_SLOTS = 32n

/** Operations of one piece of many, of a state that is loaded or of what is dropped: some 100 KB of a dev transaction. */
export const MAX_PIECE_OPERATIONS = 1_000
/** Gas of one of them at most: 5 000, and 40 for each of some 95 bytes. */
export const PIECE_OPERATION_GAS = 10_000n

/** Random bytes in the ids of filters and subscriptions: too many to guess, so that clients cannot reach each other's. */
export const CLIENT_ID_BYTES = 16

/**
 * `sendHold` of a node whose blocks come at once: several times what a block takes four nodes on a machine with ten times as
 * much to do, and short where blocks do not come.
 */
export const SEND_HOLD = 2_000

/**
 * Notifications of all subscriptions that wait to be told, a block's logs counted as one for each subscription: 16 blocks of
 * as many subscriptions as there can be. One more disconnects the client for whom most waits.
 */
export const MAX_DUE_NOTIFICATIONS = 262_144

/** Milliseconds from one block to the next after which a request that waits for many is told that they do not come. */
export const MINE_BLOCK_WAIT = 20_000

/** Of one touchstone_getHandovers; with 100 validators each takes about 15 kB. */
export const HANDOVERS_OF_ANSWER = 32

/**
 * Milliseconds in which requests may begin one after the other without a turn for anything else on their thread: what a
 * vote can wait for beside the request that is last.
 */
export const LONGEST_STRETCH = 20

/**
 * Milliseconds that `/health` waits for the execution worker: long blocks and a busy machine are no reason to restart a
 * node.
 */
export const HEALTH_ANSWER_TIMEOUT = 30_000
/** Milliseconds between two looks whether a height has begun to be decided. */
export const HEALTH_LOOK_INTERVAL = 1_000
/** Milliseconds after which a height that is not decided makes a node unready: several rounds with their timeouts. */
export const MAX_UNDECIDED_TIME = 30_000
