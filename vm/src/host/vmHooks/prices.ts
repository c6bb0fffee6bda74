/**
 * What the Stylus host functions cost, as data. The unit is ink, which on this chain is fuel: 10 000 ink = 1 gas.
 *
 * The figures are those of Arbitrum Stylus (pricing version 2; design: host ABIs, section 2.2), so that what is
 * measured on one chain holds on the other. State access is priced by the chain (Environment), not here.
 */

/** Ink for one gas: what `tx_ink_price` answers. */
export const INK_PER_GAS = 10_000n

/** Any host function. */
export const HOST_CALL_INK = 8_400n
/** Each pointer to a fixed-size value that is read or written. */
export const POINTER_INK = 5_040n
/** A function that reaches into the chain's state. */
export const STATE_CALL_INK = 59_673n
/** STATE_CALL_INK in whole gas, as a storage load that misses the cache needs it. */
export const STATE_CALL_GAS = STATE_CALL_INK / INK_PER_GAS

const H = HOST_CALL_INK
const P = POINTER_INK
const E = STATE_CALL_INK

/** The part of each function's price that does not depend on its arguments. */
export const BASE_INK = {
  read_args: H,
  write_result: H,
  exit_early: 0n,
  storage_load_bytes32: H + 2n * P,
  storage_cache_bytes32: H + 2n * P,
  storage_flush_cache: H + E,
  transient_load_bytes32: H + 2n * P + E,
  transient_store_bytes32: H + 2n * P + E,
  call_contract: H + 3n * P + E,
  delegate_call_contract: H + 3n * P + E,
  static_call_contract: H + 3n * P + E,
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
  math_div: H + 3n * P + 20_000n,
  math_mod: H + 3n * P + 20_000n,
  math_pow: H + 3n * P,
  math_add_mod: H + 4n * P + 21_000n,
  math_mul_mod: H + 4n * P + 24_100n,
  native_keccak256: 0n,
  pay_for_memory_grow: H,
} as const

export type HookName = keyof typeof BASE_INK

/** Copying `length` bytes out of the contract's memory. */
export function readInk(length: number): bigint {
  return 16_381n + 55n * BigInt(Math.max(0, length - 32))
}

/** Copying `length` bytes into the contract's memory. */
export function writeInk(length: number): bigint {
  return 5_040n + 30n * BigInt(Math.max(0, length - 32))
}

/** Hashing `length` bytes. */
export function keccakInk(length: number): bigint {
  const words = Math.ceil(length / 32)
  return 121_800n + 21_000n * BigInt(Math.max(0, words - 2))
}

/** `exponentBytes`: how many bytes the exponent has without leading zeros, 0 to 32. */
export function powInk(exponentBytes: number): bigint {
  return 3_000n + 17_500n * BigInt(exponentBytes + 1)
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

/** Gas on top of the account access when the code itself is copied (EIP-150, EXTCODECOPY). */
export const ACCOUNT_CODE_GAS = 700n
/** Gas a frame must have before it asks for another account (EIP-2929, cold). */
export const ACCOUNT_REQUIRED_GAS = 2_600n
/** Gas a frame must have before it loads a slot (EIP-2929, cold). */
export const SLOT_REQUIRED_GAS = 2_100n
/** Gas a frame must have before it stores (EIP-2200). */
export const STORE_REQUIRED_GAS = 2_300n
