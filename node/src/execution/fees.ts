/**
 * The chain's charges, in gas, outside the instructions a contract executes: one named constant for each price,
 * with its source. Instruction prices are the VM's (vm/src/metering/schedule.ts), those of the Stylus host functions
 * are in vm/src/host/vmHooks/prices.ts.
 */
import { countNonzero } from '../codec/bytes.ts'
import type { AccessListEntry } from '../types/transaction.ts'
import { MAX_MODULE_BYTES } from './limits.ts'

/** Yellow paper, G_transaction. */
export const TRANSACTION_GAS = 21_000n
/** EIP-2028. */
export const CALLDATA_ZERO_BYTE_GAS = 4n
/** EIP-2028. */
export const CALLDATA_NONZERO_BYTE_GAS = 16n
/** EIP-7623: tokens of calldata that a byte other than zero counts as; a zero counts as one. */
export const NONZERO_BYTE_TOKENS = 4n
/** EIP-7623: the least that a transaction pays for each token, whatever it runs. */
export const CALLDATA_FLOOR_TOKEN_GAS = 10n
/** EIP-2: a transaction that creates a contract, and the CREATE and CREATE2 operations (yellow paper, G_create). */
export const CREATE_GAS = 32_000n
/** EIP-2930. */
export const ACCESS_LIST_ADDRESS_GAS = 2_400n
/** EIP-2930. */
export const ACCESS_LIST_STORAGE_KEY_GAS = 1_900n

/** EIP-2929. */
export const COLD_ACCOUNT_GAS = 2_600n
/** EIP-2929. */
export const COLD_SLOT_GAS = 2_100n
/** EIP-2929. */
export const WARM_ACCESS_GAS = 100n

/** EIP-2200: a slot that was zero becomes non-zero. */
export const STORE_SET_GAS = 20_000n
/** EIP-2200 with EIP-2929: 5000 less the price of the cold access, which is charged apart. */
export const STORE_RESET_GAS = 2_900n
/** EIP-2200: a store fails unless more gas than this is left. */
export const STORE_SENTRY_GAS = 2_300n
/** EIP-3529: STORE_RESET_GAS + ACCESS_LIST_STORAGE_KEY_GAS. */
export const STORE_CLEAR_REFUND = 4_800n
/** EIP-3529: at most this part of the gas used is given back. */
export const REFUND_QUOTIENT = 5n
/** EIP-1153. */
export const TRANSIENT_ACCESS_GAS = 100n

/** Yellow paper, G_callvalue. */
export const CALL_VALUE_GAS = 9_000n
/** Yellow paper, G_callstipend: given to the callee on top when value is sent. */
export const CALL_STIPEND = 2_300n
/** Yellow paper, G_newaccount; EIP-161: only when value is sent to an empty account. */
export const NEW_ACCOUNT_GAS = 25_000n
/** EIP-1014: for each 32-byte word of init code, which CREATE2 hashes. */
export const CREATE2_WORD_GAS = 6n
/** Yellow paper, G_codedeposit: for each byte of code as it is stored, so for a compressed module its compressed size. */
export const CODE_DEPOSIT_BYTE_GAS = 200n

/** Yellow paper, G_log. */
export const LOG_GAS = 375n
/** Yellow paper, G_logtopic. */
export const LOG_TOPIC_GAS = 375n
/** Yellow paper, G_logdata. */
export const LOG_DATA_BYTE_GAS = 8n

/**
 * For each byte of a module, decompressed, at its creation: it is decoded, validated and compiled once by every node.
 * Ours; the figure follows the measured time (docs/protocol/execution.md), at about 30 ns for a gas.
 */
export const MODULE_BYTE_GAS = 32n

/**
 * For each started 32-byte word of an account's code when a contract reads it, or its length, and the account was cold:
 * it is fetched from the database. Ours, the shape of EIP-7907, but from the first word on.
 */
export const CODE_READ_WORD_GAS = 4n

/**
 * Loading a contract: the first time a transaction runs a code, whatever account holds it, it is read, unpacked,
 * validated, rewritten and compiled, unless the node did so lately. Ours (docs/protocol/gas.md, "Loading"), by what the
 * module, unpacked, has of bytes, functions, pages, loops and values at control points, or by the bytes of the stored code
 * where these are more. This part is always paid: LOAD_GAS and so much for each started word.
 */
export const LOAD_GAS = 3_000n
export const LOAD_WORD_GAS = 8n
/**
 * In place of both, where the chain holds the code to be warm (warmCodes.ts): a look at the state, which the first in a
 * block takes from the database, and at the cache, and so much for each started word of what is stored.
 */
export const WARM_LOAD_GAS = 1_000n
export const WARM_LOAD_WORD_GAS = 4n
/**
 * The rest of what loading takes where no cache has the program, and the chain does not hold it to be warm: so much for each
 * load, each started word, each function; and in any case for each page that its memory starts with beyond
 * {@link COLD_LOAD_FREE_PAGES}: V8 collects garbage by how much memory was made. A transaction's first
 * {@link LOAD_ALLOWANCE} gas of all that are paid by its 21 000.
 */
export const COLD_LOAD_GAS = 5_000n
export const COLD_LOAD_WORD_GAS = 184n
export const COLD_LOAD_FUNCTION_GAS = 110n
export const COLD_LOAD_PAGE_GAS = 1_500n
export const COLD_LOAD_FREE_PAGES = 2
/**
 * Each loop beyond one for each {@link COLD_LOAD_FREE_LOOP_WORDS} words of the module, which is five times what usual
 * code has.
 */
export const COLD_LOAD_LOOP_GAS = 40n
export const COLD_LOAD_FREE_LOOP_WORDS = 2n
/**
 * A gas for each started so many values at the starts and control points of functions beyond {@link COLD_LOAD_FREE_VALUES}
 * for each word. At each point V8's baseline compiler goes through all locals, of which three bytes declare a thousand:
 * 20 to 45 ns a value. Usual code has 6 to 41 values for each word.
 */
export const COLD_LOAD_VALUES_PER_GAS = 2n
export const COLD_LOAD_FREE_VALUES = 48n
/** A transaction takes a tenth of a millisecond or so itself, so its price has room for the loading of a usual contract. */
export const LOAD_ALLOWANCE = 28_000n
/**
 * Of the start of its outermost frame, which there is one of, a transaction's own 21 000 pay so much. A frame that another
 * one calls pays in full: 30 million gas have room for ten times as many of those, each with a new instance. Less than any
 * frame costs (vm/src/host/startGas.ts).
 */
export const OUTERMOST_FRAME_ALLOWANCE = 1_200n

const WORD = 32

export interface LoadPrice {
  readonly gas: bigint
  /** The rest of the transaction's allowance. */
  readonly allowance: bigint
}

/** The sizes of a module that its loading is priced by; zeros as long as it has not been unpacked. */
export interface ModuleSizes {
  readonly moduleBytes: number
  readonly functions: number
  /** That its memory starts with. */
  readonly pages: number
  readonly loops: number
  /** Values at the starts and control points of its functions, see `ModuleSummary.controlValues` of the VM. */
  readonly controlValues: number
}

export interface LoadedSizes extends ModuleSizes {
  readonly storedBytes: number
}

export const NO_MODULE: ModuleSizes = { moduleBytes: 0, functions: 0, pages: 0, loops: 0, controlValues: 0 }

/**
 * Gas of loading a code in a transaction that has so much of its allowance left. Unpacking takes time by both lengths (what
 * a stream may ask for is bounded by both: codec/brotli/work.ts), and real modules are longer than what they are packed to.
 */
export function loadPrice(sizes: LoadedSizes, allowance: bigint): LoadPrice {
  const { storedBytes, moduleBytes } = sizes
  const always = LOAD_GAS + LOAD_WORD_GAS * wordsOf(Math.max(storedBytes, moduleBytes))
  return lessAllowance(always, compilingGas(sizes) + pagesGas(sizes), allowance)
}

/**
 * Gas of starting a frame at a depth, 0 for the outermost, by the price of its module (`Contract.startGas`); its pages come
 * besides.
 */
export function frameGas(startGas: bigint, depth: number): bigint {
  return depth === 0 ? startGas - OUTERMOST_FRAME_ALLOWANCE : startGas
}

/** As {@link loadPrice}, of a code that the chain holds to be warm: nobody unpacks and compiles it anew. */
export function warmLoadPrice(sizes: Pick<LoadedSizes, 'storedBytes' | 'pages'>, allowance: bigint): LoadPrice {
  return lessAllowance(WARM_LOAD_GAS + WARM_LOAD_WORD_GAS * wordsOf(sizes.storedBytes), pagesGas(sizes), allowance)
}

/** The part of a load's price that a warm code does not pay: the weight of a code among those that are warm. */
export function compilingGas(sizes: LoadedSizes): bigint {
  const words = wordsOf(Math.max(sizes.storedBytes, sizes.moduleBytes))
  const ofFunctions = COLD_LOAD_FUNCTION_GAS * BigInt(sizes.functions)
  return COLD_LOAD_GAS + COLD_LOAD_WORD_GAS * words + ofFunctions + densityGas(sizes)
}

function pagesGas({ pages }: Pick<ModuleSizes, 'pages'>): bigint {
  return COLD_LOAD_PAGE_GAS * BigInt(Math.max(0, pages - COLD_LOAD_FREE_PAGES))
}

function lessAllowance(always: bigint, rest: bigint, allowance: bigint): LoadPrice {
  const given = rest < allowance ? rest : allowance
  return { gas: always + rest - given, allowance: allowance - given }
}

/**
 * Gas for loops and values at control points beyond those of usual code of its length: a load pays for it, and a creation.
 */
export function densityGas({ moduleBytes, loops, controlValues }: ModuleSizes): bigint {
  const words = wordsOf(moduleBytes)
  const dearLoops = BigInt(loops) - words / COLD_LOAD_FREE_LOOP_WORDS
  const dearValues = BigInt(controlValues) - words * COLD_LOAD_FREE_VALUES
  const ofLoops = dearLoops > 0n ? COLD_LOAD_LOOP_GAS * dearLoops : 0n
  const ofValues = dearValues > 0n ? (dearValues + COLD_LOAD_VALUES_PER_GAS - 1n) / COLD_LOAD_VALUES_PER_GAS : 0n
  return ofLoops + ofValues
}

function wordsOf(bytes: number): bigint {
  return BigInt(Math.ceil(bytes / WORD))
}

/**
 * Bytes of the largest module, without functions and pages, that `gas` and the allowance pay for loading, so that no more is
 * unpacked; at most the limit of modules.
 */
export function loadableBytes(gas: bigint, allowance: bigint): number {
  // Both what is always paid and the whole, less the allowance, have to be there.
  const always = (gas - LOAD_GAS) / LOAD_WORD_GAS
  const whole = (gas + allowance - LOAD_GAS - COLD_LOAD_GAS) / (LOAD_WORD_GAS + COLD_LOAD_WORD_GAS)
  const words = always < whole ? always : whole
  const most = BigInt(MAX_MODULE_BYTES / WORD)
  return words <= 0n ? 0 : WORD * Number(words < most ? words : most)
}

/** Each operation of a dev transaction: about what a store costs. Nobody pays it; it bounds a block. Ours. */
export const DEV_OPERATION_GAS = 5_000n

/** The fields that intrinsic gas depends on. */
export interface IntrinsicFields {
  /** Null creates a contract. */
  readonly to: Uint8Array | null
  readonly data: Uint8Array
  /** Absent in type 0. */
  readonly accessList?: readonly AccessListEntry[]
}

/** Gas a transaction pays before anything runs: 21000, its data, 32000 when it creates a contract, its access list. */
export function intrinsicGas(transaction: IntrinsicFields): bigint {
  return sumOf(intrinsicCosts(transaction))
}

/** The parts of {@link intrinsicGas}. */
export function intrinsicCosts(transaction: IntrinsicFields) {
  return costsOf(transaction, bytesOf(transaction.data))
}

/**
 * Gas that a transaction uses at least, whatever it runs and is refunded (EIP-7623): its bytes take room in blocks and
 * on links also where nothing is executed.
 */
export function floorGas({ data }: Pick<IntrinsicFields, 'data'>): bigint {
  return floorOf(bytesOf(data))
}

/** {@link intrinsicGas} and {@link floorGas}, by one look at the data. */
export function intrinsicAndFloor(transaction: IntrinsicFields): {
  readonly intrinsic: bigint
  readonly floor: bigint
} {
  const bytes = bytesOf(transaction.data)
  return { intrinsic: sumOf(costsOf(transaction, bytes)), floor: floorOf(bytes) }
}

/**
 * The least gas limit with which a transaction can be included: enough for what it pays before anything runs, and for
 * the floor.
 */
export function leastGasLimit(transaction: IntrinsicFields): bigint {
  const { intrinsic, floor } = intrinsicAndFloor(transaction)
  return intrinsic > floor ? intrinsic : floor
}

interface ByteCounts {
  readonly zeros: bigint
  readonly others: bigint
}

function costsOf({ to, accessList: entries }: IntrinsicFields, { zeros, others }: ByteCounts) {
  let accessList = 0n
  for (const entry of entries ?? []) {
    accessList += ACCESS_LIST_ADDRESS_GAS + BigInt(entry.storageKeys.length) * ACCESS_LIST_STORAGE_KEY_GAS
  }
  return {
    transaction: TRANSACTION_GAS,
    calldata: others * CALLDATA_NONZERO_BYTE_GAS + zeros * CALLDATA_ZERO_BYTE_GAS,
    creation: to === null ? CREATE_GAS : 0n,
    accessList,
  }
}

function sumOf({ transaction, calldata, creation, accessList }: ReturnType<typeof costsOf>): bigint {
  return transaction + calldata + creation + accessList
}

function floorOf({ zeros, others }: ByteCounts): bigint {
  return TRANSACTION_GAS + CALLDATA_FLOOR_TOKEN_GAS * (zeros + NONZERO_BYTE_TOKENS * others)
}

function bytesOf(data: Uint8Array): ByteCounts {
  const others = countNonzero(data)
  return { zeros: BigInt(data.length - others), others: BigInt(others) }
}
