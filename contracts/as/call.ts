/**
 * Calls to other contracts. Storage is flushed before each, as the callee may call back; after a call that can change
 * state it is read anew.
 */

import { headSize, needHeads, readBody, takeAt } from './abi/codec'
import { Address } from './address'
import { Bytes } from './bytes'
import { flushStorage, refuseIfReadOnly } from './frame'
import {
  account_code_size,
  call_contract,
  create1,
  create2,
  delegate_call_contract,
  read_return_data,
  return_data_size,
  static_call_contract,
} from './hostio'
import { Bytes32 } from './bytes32'
import { U256 } from './math/u256'
import { revert, revertRaw } from './revert'
import { utf8Read } from './utf8'
import { loadWord64, newWord } from './words'

/** The outcome of a call. */
@final
@unmanaged
export class CallResult {
  constructor(
    readonly success: bool,
    /** Return data, or revert data when the call failed. */
    readonly data: Bytes,
  ) {}

  /** The return data; a failure is passed on to our own caller, data and all. */
  orRevert(): Bytes {
    const data = this.data
    if (!this.success) revertRaw(data.start, data.length)
    return data
  }

  /**
   * The text of Error(string), with which require, revert and throw new Error fail; empty for anything else. It never
   * reverts, whatever the other contract has answered.
   */
  get reason(): string {
    const start = this.data.start
    const length = this.data.length
    if (this.success || length < 68 || load<u32>(start) != 0xa079c308) return ''
    if (!isSmall(start + 4) || loadWord64(start + 4) != 32 || !isSmall(start + 36)) return ''
    const size = loadWord64(start + 36)
    if (size > <u64>(length - 68)) return ''
    const text = utf8Read(start + 68, <i32>size)
    return text === null ? '' : text
  }
}

/** Whether a word is below 2^64. */
function isSmall(at: usize): bool {
  return (load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16)) == 0
}

/** Calls with value and data; never reverts by itself. `gas` is capped at 63/64 of what is left. */
export function call(to: Address, data: Bytes, value: U256 = U256.ZERO, gas: u64 = u64.MAX_VALUE): CallResult {
  refuseIfReadOnly()
  flushStorage(true)
  const status = call_contract(changetype<usize>(to), data.start, data.length, value.toWord(), gas, newWord())
  return new CallResult(status == 0, returnData())
}

/**
 * Calls so that nothing can change.
 *
 * @example
 * ```ts
 * @contract
 * export class Asker {
 *   @view supplyOf(token: Address): U256 {
 *     const selector = Bytes.fromHex('0x18160ddd')
 *     const result = staticCall(token, selector)
 *     require(result.success, 'the token refuses')
 *     return abiDecode<U256>(result.data)
 *   }
 * }
 * ```
 */
export function staticCall(to: Address, data: Bytes, gas: u64 = u64.MAX_VALUE): CallResult {
  flushStorage(false)
  const status = static_call_contract(changetype<usize>(to), data.start, data.length, gas, newWord())
  return new CallResult(status == 0, returnData())
}

/** Runs another contract's code on this contract's storage and balance. Only for code you trust as your own. */
export function delegateCall(to: Address, data: Bytes, gas: u64 = u64.MAX_VALUE): CallResult {
  refuseIfReadOnly()
  flushStorage(true)
  const status = delegate_call_contract(changetype<usize>(to), data.start, data.length, gas, newWord())
  return new CallResult(status == 0, returnData())
}

/**
 * Sends wei; reverts with the receiver's reason when it refuses.
 *
 * @example
 * ```ts
 * @contract
 * export class Splitter {
 *   @external @payable split(one: Address, other: Address): void {
 *     const half = msg.value / u256(2)
 *     sendValue(one, half)
 *     sendValue(other, msg.value - half)
 *   }
 * }
 * ```
 */
export function sendValue(to: Address, value: U256): void {
  const result = call(to, Bytes.empty, value)
  if (!result.success) revertRaw(result.data.start, result.data.length)
}

/** Creates a contract from init code; reverts with the constructor's reason when that fails. */
export function create(initCode: Bytes, value: U256 = U256.ZERO): Address {
  refuseIfReadOnly()
  flushStorage(true)
  const address = Address.zero
  create1(initCode.start, initCode.length, value.toWord(), changetype<usize>(address), newWord())
  return created(address)
}

/** Creates a contract at an address that depends on the creator, the salt and the init code only. */
export function createWithSalt(initCode: Bytes, salt: Bytes32, value: U256 = U256.ZERO): Address {
  refuseIfReadOnly()
  flushStorage(true)
  const address = Address.zero
  const saltAt = changetype<usize>(salt)
  create2(initCode.start, initCode.length, value.toWord(), saltAt, changetype<usize>(address), newWord())
  return created(address)
}

function created(address: Address): Address {
  if (address.isZero) {
    // Without one, as where the init code is none of this chain, the chain says what was wrong with it.
    const reason = returnData()
    revertRaw(reason.start, reason.length)
  }
  return address
}

function returnData(): Bytes {
  const data = new Bytes(return_data_size())
  if (data.length) read_return_data(data.start, 0, data.length)
  return data
}

/** A contract at an address, called through an interface: the base of every class marked @contractInterface. */
export class RemoteContract {
  private wei: U256 = U256.ZERO
  private gas: u64 = u64.MAX_VALUE

  constructor(readonly address: Address) {}

  /** Implements `withValue(value)` of an interface: wei for the next call through this object. */
  protected __setValue(value: U256): void {
    this.wei = value
  }

  /** Implements `withGas(gas)` of an interface: a bound for every later call through this object. */
  protected __setGas(gas: u64): void {
    this.gas = gas
  }

  /** Calls, and passes a failure on to our own caller. */
  protected __invoke(data: usize, length: i32): Bytes {
    const wei = this.wei
    this.wei = U256.ZERO
    return outputOf(call(this.address, Bytes.view(data, length), wei, this.gas), this.address)
  }

  /** The same for a @view or @pure method: so that nothing can change, wei of its caller's included. */
  protected __ask(data: usize, length: i32): Bytes {
    if (!this.wei.isZero) revert('value for a @view or @pure method, which takes none')
    const result = staticCall(this.address, Bytes.view(data, length), this.gas)
    return outputOf(result, this.address)
  }
}

/** The contract at the address, as the interface T shows it: as `new T(address)`, where T is an abstract class too. */
export function contractAt<T>(address: Address): T {
  return instantiate<T>(address)
}

/** As Solidity: an account without code is not a contract, and its silence no success and no answer. */
function outputOf(result: CallResult, from: Address): Bytes {
  const output = result.data
  if (!result.success) revertRaw(output.start, output.length)
  if (output.length == 0 && account_code_size(changetype<usize>(from)) == 0) revert('call to an account without code')
  return output
}

/** The value that a call of an interface's method gave back. */
export function valueIn<T>(output: Bytes): T {
  const start = output.start
  const end = start + output.length
  needHeads(start, end, headSize<T>())
  return takeAt<T>(start, start, end)
}

/** For methods that return several values, which a class marked @returns stands for. */
export function valuesIn<T>(output: Bytes): T {
  return readBody<T>(output.start, output.start + output.length)
}
