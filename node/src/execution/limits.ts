/** Every bound of transaction execution, with where it comes from. The VM's own are in vm/src/limits.ts. */

/**
 * Most bytes of code an account may hold, as stored (so compressed, for a compressed module). EIP-170's 24 576 is made
 * for EVM code; shipped Wasm contracts reach 600 KiB plain, about a third of that packed (docs/rationale/execution.md). At
 * 216 gas for each byte (calldata and deposit) 128 KiB is what a block of 30 million gas can carry.
 */
export const MAX_CODE_BYTES = 131_072

/**
 * Most fragments of one contract: as many of 24 576 bytes, which is what `cargo stylus` makes, as hold MAX_CODE_BYTES.
 * Arbitrum allows 2.
 */
export const MAX_CODE_FRAGMENTS = 6

/**
 * Codes that the chain holds to be warm (warmCodes.ts): gas of their compiling together, a fifth of a usual block, and their
 * number. A node that has none of them in its cache compiles no more than that in a block for which nobody pays.
 */
export const WARM_CODES_GAS = 6_000_000n
export const MAX_WARM_CODES = 256

/** Most bytes of init code: code and arguments. Twice the code, the ratio of EIP-3860. */
export const MAX_INIT_CODE_BYTES = 2 * MAX_CODE_BYTES

/**
 * Most bytes a compressed module may unpack to: the VM's module limit. A longer one is refused before it is unpacked in
 * full.
 */
export const MAX_MODULE_BYTES = 1_048_576

/** Contract frames that may nest (docs/protocol/vm.md, "The stack"); the frame a transaction starts is the first of them. */
export const MAX_CALL_DEPTH = 128

/** EIP-2681: a nonce stays below this. */
export const MAX_NONCE = 2n ** 64n - 1n

/** Bytes of memory, as estimated by programCache.ts, of the programs the cache keeps: less than half of a heap of 1 GiB. */
export const PROGRAM_CACHE_BYTES = 402_653_184
/** Programs the cache keeps at most, however small. */
export const PROGRAM_CACHE_ENTRIES = 4_096

/**
 * Most gas of an eth_call, and of one attempt of an estimate, unless the node is told otherwise (`callGasCap`): a bound on
 * the work a request can cause. As geth's --rpc.gascap.
 */
export const CALL_GAS_CAP = 50_000_000n

/**
 * All attempts of one estimate together may spend this many times the cap of one; then the best limit found is the answer.
 */
export const ESTIMATE_GAS_FACTOR = 2n

/**
 * Parts of a thousand by which an estimate may be above the least limit that suffices. As geth's estimateGasErrorRatio:
 * what a transaction needs changes by more than that until it is in a block.
 */
export const ESTIMATE_TOLERANCE_PERMILLE = 15n

/**
 * Runs of a message until its access list is complete. Few need more than two; only one that reads its gas can need many.
 */
export const MAX_ACCESS_LIST_RUNS = 8
/** All of them together may spend this many times the cap of one. */
export const ACCESS_LIST_GAS_FACTOR = 2n

/** Longest text that says why an execution failed, in characters; chain/limits.ts has what is kept of it with a receipt. */
export const MAX_FAILURE_TEXT = 2_000

/** Most characters one transaction may print through the debug imports; the rest is dropped. */
export const MAX_DEBUG_TEXT = 65_536

/** Bytes that a print counts for at least, so that one transaction prints at most 1 024 times. */
export const LEAST_DEBUG_TEXT = 64

/**
 * Bytes of data that a trace, of a transaction or of a whole block, keeps: inputs, outputs, arguments; and of codes as much.
 */
export const MAX_TRACE_BYTES = 33_554_432
/**
 * Byte strings that they are in: a host call has 2, a frame 4, a log 2 and its topics. The main thread, which also
 * decides blocks, takes 3 to 6 us for each when it gets a trace from its worker.
 */
export const MAX_TRACE_VALUES = 100_000
/** Accounts and slots of which it keeps what was there before and after. All that 30 000 000 gas can read fits. */
export const MAX_TRACED_ACCOUNTS = 16_384
export const MAX_TRACED_SLOTS = 16_384

/**
 * Functions, host calls and frames, each by the way that led to it, of which a profile says what it used; gas of others
 * is their callers'. Of a transaction, or of all those of a block together, as with MAX_TRACE_VALUES.
 */
export const MAX_PROFILE_NODES = 16_384
/**
 * Instructions that these profiles say of how often they ran and what they used, and as many choices, each as often as
 * it has ways.
 */
export const MAX_PROFILE_PLACES = 131_072
/** Addresses of one module that a profile names. */
export const MAX_PROFILE_ADDRESSES = 64
/**
 * Bytes of the modules that are compiled to be profiled, of one trace together. Each takes up to some hundred times as
 * much memory, outside the heap that a call worker is held to, and a warm code is loaded for next to no gas.
 */
export const MAX_PROFILED_MODULE_BYTES = 4_194_304
/** Most gas of what is profiled: more, in ink, is no longer exact in a number. */
export const MAX_PROFILED_GAS = 900_000_000_000n

/** Operations of one dev transaction: what one of 256 KiB may hold at most is about as much. */
export const MAX_DEV_OPERATIONS = 4_096
/** Snapshots that can be gone back to; the oldest of more goes. */
export const MAX_DEV_SNAPSHOTS = 1_024n
/** Accounts and slots that may differ between a state and the one it goes back to: each costs about what a store does. */
export const MAX_DEV_DIFFERENCES = 65_536
/** Blocks that one operation asks for. */
export const MAX_DEV_MINED_BLOCKS = 1_000n
/** Milliseconds between blocks: as much as a block time may be. */
export const MAX_DEV_MINING_INTERVAL = 600_000n
/** Unix seconds, about the year 36 800; also how far block times may be from clocks. */
export const MAX_DEV_TIMESTAMP = 1n << 40n
/** A creation still fits, as in a genesis. */
export const MIN_DEV_BLOCK_GAS_LIMIT = 100_000n
/** Four times the usual: a block of it takes seconds to execute, and other nodes wait that long. */
export const MAX_DEV_BLOCK_GAS_LIMIT = 120_000_000n
