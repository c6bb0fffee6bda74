/**
 * The prices of the Stylus host functions, as data, by schedule. The unit is ink, which on this chain is fuel: 10 000 ink =
 * 1 gas. State access is priced by the chain (Environment), not here.
 *
 * `stylus` has the figures of Arbitrum (pricing version 2; docs/protocol/gas.md), so that what is measured on
 * one chain holds on the other. They were measured for native code; `touchstone/1` has the times of this
 * implementation (docs/protocol/gas.md). Consensus: never change a published one, add the next version.
 */
import type { ScheduleName } from '../../metering/scheduleNames.ts'
import { OWN_PAGES, type PageRule, STYLUS_PAGES } from './pages.ts'

/** Gas on top of the account access when the code itself is copied (EIP-150, EXTCODECOPY). */
export const ACCOUNT_CODE_GAS = 700n

/** All in ink, but where a name ends in `Gas`. */
export interface HookPrices {
  /** Any host function. */
  readonly hostCall: bigint
  /** Each pointer to a fixed-size value that is read or written. */
  readonly pointer: bigint
  /** A function that reaches into the chain's state. */
  readonly stateCall: bigint
  /** Calling an account, besides the access to it and the start of its frame. */
  readonly call: bigint
  /** Copying out of the contract's memory: up to a word, and each byte beyond. */
  readonly read: bigint
  readonly readByte: bigint
  /** Copying into the contract's memory, likewise. */
  readonly write: bigint
  readonly writeByte: bigint
  /** Division, remainder; sums and products modulo a number. */
  readonly divide: bigint
  readonly addMod: bigint
  readonly mulMod: bigint
  /** A power, and each byte of its exponent and one more. */
  readonly power: bigint
  readonly powerByte: bigint
  /** Hashing up to two words, and each word beyond. */
  readonly keccak: bigint
  readonly keccakWord: bigint
  /** An access to the storage cache of the frame, beside {@link cacheReadGas} and {@link cacheWriteGas}. */
  readonly cache: bigint
  /** On top of the account access where only the size of the code is asked for; the copy costs {@link ACCOUNT_CODE_GAS}. */
  readonly codeSizeGas: bigint
  readonly pages: PageRule
  /** Whether output costs at least what it would as memory of the EVM ({@link evmMemoryGas}). */
  readonly pricesOutput: boolean
}

const STYLUS: HookPrices = {
  hostCall: 8_400n,
  pointer: 5_040n,
  stateCall: 59_673n,
  call: 0n,
  read: 16_381n,
  readByte: 55n,
  write: 5_040n,
  writeByte: 30n,
  divide: 20_000n,
  addMod: 21_000n,
  mulMod: 24_100n,
  power: 3_000n,
  powerByte: 17_500n,
  keccak: 121_800n,
  keccakWord: 21_000n,
  cache: 0n,
  codeSizeGas: ACCOUNT_CODE_GAS,
  pages: STYLUS_PAGES,
  pricesOutput: true,
}

const TOUCHSTONE_1: HookPrices = {
  hostCall: 300_000n,
  pointer: 100_000n,
  stateCall: 1_000_000n,
  call: 2_300_000n,
  read: 200_000n,
  readByte: 400n,
  write: 200_000n,
  writeByte: 100n,
  divide: 1_500_000n,
  addMod: 2_500_000n,
  mulMod: 2_500_000n,
  power: 1_000_000n,
  powerByte: 2_000_000n,
  keccak: 2_500_000n,
  keccakWord: 300_000n,
  cache: 800_000n,
  codeSizeGas: 0n,
  pages: OWN_PAGES,
  pricesOutput: false,
}

/** The part of each function's price that does not depend on its arguments. */
function baseInk({ hostCall: H, pointer: P, stateCall: E, ...of }: HookPrices) {
  return {
    read_args: H,
    write_result: H,
    exit_early: 0n,
    storage_load_bytes32: H + 2n * P + of.cache,
    storage_cache_bytes32: H + 2n * P + of.cache,
    storage_flush_cache: H + E,
    transient_load_bytes32: H + 2n * P + E,
    transient_store_bytes32: H + 2n * P + E,
    call_contract: H + 3n * P + E + of.call,
    delegate_call_contract: H + 3n * P + E + of.call,
    static_call_contract: H + 3n * P + E + of.call,
    create1: H + 3n * P + E,
    create2: H + 4n * P + E,
    read_return_data: H + E,
    return_data_size: H,
    emit_log: H + E,
    account_balance: H + 2n * P + E,
    account_code: H + E,
    account_code_size: H + E,
    account_codehash: H + 2n * P + E,
    block_basefee: H + P,
    block_coinbase: H + P,
    block_gas_limit: H,
    block_number: H,
    block_timestamp: H,
    chainid: H,
    contract_address: H + P,
    msg_sender: H + P,
    msg_value: H + P,
    tx_origin: H + P,
    tx_gas_price: H + P,
    msg_reentrant: H,
    tx_ink_price: H,
    evm_gas_left: H,
    evm_ink_left: H,
    math_div: H + 3n * P + of.divide,
    math_mod: H + 3n * P + of.divide,
    math_pow: H + 3n * P,
    math_add_mod: H + 4n * P + of.addMod,
    math_mul_mod: H + 4n * P + of.mulMod,
    native_keccak256: 0n,
    pay_for_memory_grow: H,
  } as const
}

export type HookName = keyof ReturnType<typeof baseInk>

/** The prices of a schedule, ready for use. */
export interface HookPriceList extends HookPrices {
  readonly base: Readonly<Record<HookName, bigint>>
}

const LISTS: Readonly<Record<ScheduleName, HookPriceList>> = {
  'touchstone/1': { ...TOUCHSTONE_1, base: baseInk(TOUCHSTONE_1) },
  stylus: { ...STYLUS, base: baseInk(STYLUS) },
}

/** @throws RangeError for a schedule that has no prices of host functions. */
export function hookPrices(schedule: string): HookPriceList {
  const list = Object.hasOwn(LISTS, schedule) ? LISTS[schedule as ScheduleName] : undefined
  if (list === undefined) {
    throw new RangeError(
      `schedule "${schedule}" has no prices of host functions; ${Object.keys(LISTS).join(' and ')} have`,
    )
  }
  return list
}

/** Copying `length` bytes out of the contract's memory. */
export function readInk({ read, readByte }: HookPrices, length: number): bigint {
  return read + readByte * BigInt(Math.max(0, length - 32))
}

/** Copying `length` bytes into the contract's memory. */
export function writeInk({ write, writeByte }: HookPrices, length: number): bigint {
  return write + writeByte * BigInt(Math.max(0, length - 32))
}

/** Hashing `length` bytes. */
export function keccakInk({ keccak, keccakWord }: HookPrices, length: number): bigint {
  const words = Math.ceil(length / 32)
  return keccak + keccakWord * BigInt(Math.max(0, words - 2))
}

/** `exponentBytes`: how many bytes the exponent has without leading zeros, 0 to 32. */
export function powInk({ power, powerByte }: HookPrices, exponentBytes: number): bigint {
  return power + powerByte * BigInt(exponentBytes + 1)
}

/**
 * The EVM's price for so many bytes of memory: 3 gas a word, and the square of the words by 512 (Yellow Paper, appendix H).
 */
export function evmMemoryGas(bytes: number): bigint {
  const words = BigInt(Math.ceil(bytes / 32))
  return 3n * words + (words * words) / 512n
}

/** Gas a frame must have for a cached storage access on top of the access itself. */
export const STORAGE_CACHE_REQUIRED_GAS = 10n

/** Gas of the `count`-th read through the storage cache, counted from 1 within the frame. */
export function cacheReadGas(count: number): bigint {
  return count <= 32 ? 0n : count <= 128 ? 2n : 10n
}

/** Gas of the `count`-th write into the storage cache, counted from 1 within the frame. */
export function cacheWriteGas(count: number): bigint {
  return count <= 8 ? 0n : count <= 64 ? 7n : 10n
}

/** Gas a frame must have before it asks for another account (EIP-2929, cold). */
export const ACCOUNT_REQUIRED_GAS = 2_600n
/** Gas a frame must have before it loads a slot (EIP-2929, cold). */
export const SLOT_REQUIRED_GAS = 2_100n
/** Gas a frame must have before it stores (EIP-2200). */
export const STORE_REQUIRED_GAS = 2_300n
