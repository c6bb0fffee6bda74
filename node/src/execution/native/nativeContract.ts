/**
 * Contracts of the chain itself that are written in its own language: functions in Solidity's ABI at fixed addresses, with
 * the prices, the logs and the storage of any contract. docs/protocol/arbitrum.md lists them.
 */
import { keyOf } from '../../codec/bytes.ts'
import { type CallResult, type CreateResult, EnvironmentError } from '../contractHost.ts'
import { COLD_SLOT_GAS, WARM_ACCESS_GAS } from '../fees.ts'
import { FrameEnvironment } from '../frameEnvironment.ts'
import type { Message } from '../message.ts'
import { Arguments, encodeError, selectorOf } from '../solidityAbi.ts'
import {
  accessAccount,
  codeReadGas,
  failure,
  type MessageResult,
  type TransactionContext,
  transfer,
  whileActing,
} from '../transactionContext.ts'

/** Of every call, for finding the function and decoding. */
export const NATIVE_CALL_GAS = 700n
/** Of each started word of input, as nitro's precompiles (CopyGas). */
export const NATIVE_INPUT_WORD_GAS = 3n

export interface NativeFunction {
  /** Solidity's, without result: `activateProgram(address)`. */
  readonly signature: string
  /** Takes wei; others refuse a call that carries some. */
  readonly isPayable?: boolean
  /** The ABI-encoded result. */
  readonly run: (frame: NativeFrame, args: Arguments) => Uint8Array
}

export interface NativeContract {
  /** As its interface is called. */
  readonly name: string
  /** Of its functions, where they stand in a table. */
  readonly signatures?: readonly string[]
  /** Null: there is nothing at the address on this chain. */
  readonly run: (context: TransactionContext, message: Message) => MessageResult | null
}

/** Ends a call of a native contract: with data for its caller, or, when it is null, with all its gas. */
class Ended extends Error {
  readonly data: Uint8Array | null

  constructor(reason: string, data: Uint8Array | null) {
    super(reason)
    this.data = data
  }
}

/** One call that runs: its gas, and what it may do to the chain. */
export class NativeFrame {
  readonly context: TransactionContext
  readonly message: Message
  readonly #environment: FrameEnvironment
  #gasLeft: bigint

  constructor(context: TransactionContext, message: Message) {
    this.context = context
    this.message = message
    this.#gasLeft = message.gas
    this.#environment = new FrameEnvironment(context, {
      ...message,
      ...{ origin: context.origin, gasPrice: context.gasPrice },
      // No native contract asks.
      reentrant: false,
      ...{ chainId: context.config.chainId, block: context.block },
    })
  }

  get gasLeft(): bigint {
    return this.#gasLeft
  }

  /** Takes gas for what is done next. */
  charge(gas: bigint): void {
    if (gas > this.#gasLeft) throw new Ended(`out of gas: ${gas} needed, ${this.#gasLeft} left`, null)
    this.#gasLeft -= gas
  }

  /** Ends the call: undone, the rest of the gas goes back, `data` is the output. */
  revert(data: Uint8Array): never {
    throw new Ended('reverted', data)
  }

  /** As {@link revert}, with a reason in words. */
  refuse(reason: string): never {
    return this.revert(encodeError(reason))
  }

  /** Ends the call with all its gas. The reason is for people and no part of consensus. */
  fail(reason: string): never {
    throw new Ended(reason, null)
  }

  /** The decoded argument, or the end of the call. */
  given<T>(argument: T | undefined): T {
    return argument === undefined ? this.refuse('arguments missing or out of range') : argument
  }

  /** 32 bytes of the contract's own storage. */
  load(key: Uint8Array): Uint8Array {
    const { state } = this.context
    const { self } = this.message
    // A cold slot is read from the database, so it is paid before.
    this.charge(state.warmSlot(self, key) ? COLD_SLOT_GAS : WARM_ACCESS_GAS)
    return state.storage(self, key)
  }

  store(key: Uint8Array, value: Uint8Array): void {
    const { state } = this.context
    const { self } = this.message
    // An account that has nothing but storage counts as empty (EIP-161) and would be deleted.
    if (state.nonce(self) === 0n) state.setNonce(self, 1n)
    this.charge(this.#environment.storageStore(key, value, this.#gasLeft).gas)
  }

  balance(address: Uint8Array): bigint {
    const { state } = this.context
    this.charge(accessAccount(state, address))
    return state.balance(address)
  }

  code(address: Uint8Array): Uint8Array {
    const { state } = this.context
    const access = accessAccount(state, address)
    this.charge(access)
    const code = state.code(address)
    this.charge(codeReadGas(this.context.config.schedule, access, code))
    return code
  }

  log(topics: readonly Uint8Array[], data: Uint8Array): void {
    this.charge(this.#environment.emitLog(topics, data).gas)
  }

  /** Wei that came with the call back to who sent them, without running anything. */
  giveBack(value: bigint): void {
    // Credits wrap at 2^256, which a genesis or an override can bring a balance next to.
    if (this.context.state.balance(this.message.self) < value) this.refuse('the balance of the contract is full')
    transfer(this.context, this.message.self, this.message.caller, value)
  }

  call(address: Uint8Array, value: bigint, input: Uint8Array): CallResult {
    const gasLeft = this.#gasLeft
    const request = { kind: 'call', address, value, input, gasRequested: gasLeft, gasLeft } as const
    return this.#paid(this.#environment.call(request))
  }

  /** `salt`: null for CREATE. A native contract's nonce starts at 1, as any contract's (EIP-161). */
  create(code: Uint8Array, salt: Uint8Array | null): CreateResult {
    const { state } = this.context
    const { self } = this.message
    if (state.nonce(self) === 0n) state.setNonce(self, 1n)
    return this.#paid(this.#environment.create({ code, value: 0n, salt, gasLeft: this.#gasLeft }))
  }

  #paid<T extends { readonly gasUsed: bigint }>(result: T): T {
    this.charge(result.gasUsed)
    return result
  }
}

/**
 * A contract of these functions. Calls without a function's selector are refused, wei without data too: nothing gives
 * them back.
 */
export function nativeContract(name: string, functions: readonly NativeFunction[]): NativeContract {
  const table = new Map(functions.map((one) => [keyOf(selectorOf(one.signature)), one]))
  const run = (context: TransactionContext, message: Message): MessageResult => {
    const price = NATIVE_CALL_GAS + NATIVE_INPUT_WORD_GAS * BigInt(Math.ceil(message.input.length / 32))
    // Without an error thrown, whose stack would take longer than all else that so cheap a call does.
    if (message.gas < price) return failure(`out of gas: ${price} needed, ${message.gas} left (in ${name})`)
    const frame = new NativeFrame(context, message)
    frame.charge(price)
    try {
      const output = whileActing(context, message.self, () => callFunction(name, table, frame))
      return { kind: 'success', output, gasLeft: frame.gasLeft }
    } catch (error) {
      if (error instanceof Ended) {
        if (error.data === null) return failure(`${error.message} (in ${name})`)
        return { kind: 'revert', output: error.data, gasLeft: frame.gasLeft }
      }
      if (error instanceof EnvironmentError) return failure(`${error.message} (in ${name})`)
      throw error
    }
  }
  return { name, signatures: functions.map(({ signature }) => signature), run }
}

/** A contract that other chains have at the address and this one has not: it keeps nobody's money. */
export function absentContract(name: string, why: string): NativeContract {
  const output = encodeError(`${name}: ${why}`)
  return {
    name,
    run(_, { gas }) {
      if (gas < NATIVE_CALL_GAS) return failure(`out of gas: limit ${gas}, ${name} costs ${NATIVE_CALL_GAS}`)
      return { kind: 'revert', output, gasLeft: gas - NATIVE_CALL_GAS }
    },
  }
}

function callFunction(name: string, table: ReadonlyMap<string, NativeFunction>, frame: NativeFrame): Uint8Array {
  const { input, value, kind } = frame.message
  if (kind === 'delegatecall') return frame.refuse(`${name} cannot be called by delegatecall`)
  const called = input.length < 4 ? undefined : table.get(keyOf(input.subarray(0, 4)))
  if (called === undefined) {
    return frame.refuse(`${name} has no such function on this chain, and takes no value without one`)
  }
  if (value > 0n && called.isPayable !== true) return frame.refuse(`${called.signature} of ${name} takes no value`)
  return called.run(frame, new Arguments(input))
}
