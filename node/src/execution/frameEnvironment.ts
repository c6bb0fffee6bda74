/** The chain as one contract frame sees it: vm/src/host/environment.ts over the journalled state. */
import { EMPTY_BYTES } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { create2Address, createAddress } from './contractAddress.ts'
import {
  type CallRequest,
  type CallResult,
  type CreateRequest,
  type CreateResult,
  type Environment,
  EnvironmentError,
  type FrameContext,
  type Priced,
} from './contractHost.ts'
import {
  CALL_STIPEND,
  CALL_VALUE_GAS,
  COLD_SLOT_GAS,
  CREATE_GAS,
  CREATE2_WORD_GAS,
  LOG_DATA_BYTE_GAS,
  LOG_GAS,
  LOG_TOPIC_GAS,
  NEW_ACCOUNT_GAS,
  STORE_SENTRY_GAS,
  TRANSIENT_ACCESS_GAS,
  WARM_ACCESS_GAS,
} from './fees.ts'
import { LEAST_DEBUG_TEXT, MAX_CALL_DEPTH, MAX_NONCE } from './limits.ts'
import { storePrice } from './storePricing.ts'
import { accessAccount, accessCode, type TransactionContext } from './transactionContext.ts'

const ZERO_WORD = new Uint8Array(32)

export class FrameEnvironment implements Environment {
  readonly frame: FrameContext
  readonly pages: { open: number; ever: number; held: number }
  readonly #context: TransactionContext

  constructor(context: TransactionContext, frame: FrameContext) {
    this.#context = context
    this.frame = frame
    this.pages = context.pages
  }

  gasLooked(spare: bigint | null): void {
    const context = this.#context
    if (context.spareGas === null) return
    if (spare === null || spare < context.spareGas) context.spareGas = spare
  }

  storageLoad(key: Uint8Array): Priced<Uint8Array> {
    const { state } = this.#context
    const { self } = this.frame
    return { value: state.storage(self, key), gas: state.warmSlot(self, key) ? COLD_SLOT_GAS : WARM_ACCESS_GAS }
  }

  storageStore(key: Uint8Array, value: Uint8Array, gasLeft: bigint): { readonly gas: bigint } {
    this.#refuseInStaticCall('storing a value')
    if (gasLeft <= STORE_SENTRY_GAS) {
      throw new EnvironmentError(
        'out-of-gas',
        `out of gas: a store needs more than ${STORE_SENTRY_GAS} gas, ${gasLeft} left (EIP-2200)`,
      )
    }
    this.gasLooked(gasLeft - STORE_SENTRY_GAS - 1n)
    const { state } = this.#context
    const { self } = this.frame
    const cold = state.warmSlot(self, key)
    const { gas, refund } = storePrice(state.originalStorage(self, key), state.storage(self, key), value, cold)
    if (refund !== 0n) state.addRefund(refund)
    state.setStorage(self, key, value)
    return { gas }
  }

  transientLoad(key: Uint8Array): Priced<Uint8Array> {
    return { value: this.#context.state.transient(this.frame.self, key), gas: TRANSIENT_ACCESS_GAS }
  }

  transientStore(key: Uint8Array, value: Uint8Array): { readonly gas: bigint } {
    this.#refuseInStaticCall('storing a transient value')
    this.#context.state.setTransient(this.frame.self, key, value)
    return { gas: TRANSIENT_ACCESS_GAS }
  }

  balance(address: Uint8Array): Priced<bigint> {
    const { state, gasPrice } = this.#context
    // The sender has paid for its limit, so that its balance tells how much that is.
    if (gasPrice > 0n) this.gasLooked(null)
    return { value: state.balance(address), gas: accessAccount(state, address) }
  }

  code(address: Uint8Array): Priced<Uint8Array> {
    const { state } = this.#context
    const value = state.code(address)
    return { value, gas: accessCode(this.#context, address, value) }
  }

  codeSize(address: Uint8Array): Priced<number> {
    const { state } = this.#context
    const code = state.code(address)
    return { value: code.length, gas: accessCode(this.#context, address, code) }
  }

  codeHash(address: Uint8Array): Priced<Uint8Array> {
    const { state } = this.#context
    const value = state.isEmpty(address) ? ZERO_WORD.slice() : state.codeHash(address).slice()
    return { value, gas: accessAccount(state, address) }
  }

  call(request: CallRequest): CallResult {
    this.gasLooked(null)
    const context = this.#context
    const { state } = context
    const { frame } = this
    const { kind, address, value, gasLeft } = request
    if (kind !== 'call' && value !== 0n) {
      throw new EnvironmentError('bad-request', `a ${kind} cannot carry value`)
    }
    if (value !== 0n) this.#refuseInStaticCall('sending value')
    const access = accessAccount(state, address)
    let base = access
    if (value !== 0n) {
      base += CALL_VALUE_GAS
      if (state.isEmpty(address)) base += NEW_ACCOUNT_GAS
    }
    const forwarded = forwardedGas(gasLeft, base, request.gasRequested, 'a call')
    const given = value === 0n ? forwarded : forwarded + CALL_STIPEND
    // EIP-150: what cannot even start costs the fixed part, and the rest comes back, stipend included.
    if (frame.depth + 1 >= MAX_CALL_DEPTH || state.balance(frame.self) < value) {
      return { success: false, output: EMPTY_BYTES, gasUsed: base + forwarded - given }
    }
    const delegate = kind === 'delegatecall'
    const result = context.runner.runMessage(context, {
      caller: delegate ? frame.caller : frame.self,
      self: delegate ? frame.self : address,
      codeAddress: address,
      value: delegate ? frame.value : value,
      input: request.input,
      gas: given,
      isStatic: frame.isStatic || kind === 'staticcall',
      kind,
      depth: frame.depth + 1,
    })
    return {
      success: result.kind === 'success',
      output: result.output,
      gasUsed: base + forwarded - result.gasLeft,
    }
  }

  create(request: CreateRequest): CreateResult {
    this.gasLooked(null)
    this.#refuseInStaticCall('creating a contract')
    const context = this.#context
    const { state } = context
    const { self, depth } = this.frame
    const { code, value, salt, gasLeft } = request
    let base = CREATE_GAS
    if (salt !== null) base += CREATE2_WORD_GAS * BigInt(Math.ceil(code.length / 32))
    const forwarded = forwardedGas(gasLeft, base, gasLeft, 'a creation')
    const nonce = state.nonce(self)
    if (depth + 1 >= MAX_CALL_DEPTH || state.balance(self) < value || nonce >= MAX_NONCE) {
      return { address: null, output: EMPTY_BYTES, gasUsed: base }
    }
    const address = salt === null ? createAddress(self, nonce) : create2Address(self, salt, code)
    state.setNonce(self, nonce + 1n)
    const result = context.runner.createContract(context, {
      creator: self,
      address,
      value,
      initCode: code,
      gas: forwarded,
      depth: depth + 1,
    })
    return {
      address: result.kind === 'success' ? address : null,
      output: result.kind === 'revert' ? result.output : EMPTY_BYTES,
      gasUsed: base + forwarded - result.gasLeft,
    }
  }

  emitLog(topics: readonly Uint8Array[], data: Uint8Array): { readonly gas: bigint } {
    if (topics.length > 4 || topics.some((topic) => topic.length !== 32)) {
      throw new EnvironmentError('bad-request', 'a log has at most 4 topics of 32 bytes')
    }
    this.#refuseInStaticCall('emitting a log')
    this.#context.state.addLog({ address: this.frame.self, topics, data })
    return {
      gas: LOG_GAS + LOG_TOPIC_GAS * BigInt(topics.length) + LOG_DATA_BYTE_GAS * BigInt(data.length),
    }
  }

  keccak256(data: Uint8Array): Uint8Array {
    return keccak256(data)
  }

  get debugRoom(): number {
    return this.#context.config.debug === undefined ? 0 : Math.max(0, this.#context.debugLeft)
  }

  debug(text: string): void {
    const context = this.#context
    if (context.config.debug === undefined || context.debugLeft <= 0) return
    const shown = text.slice(0, context.debugLeft)
    // A print is a message to another thread, however short it is.
    context.debugLeft -= Math.max(shown.length, LEAST_DEBUG_TEXT)
    context.config.debug(shown, this.frame.self)
  }

  #refuseInStaticCall(what: string): void {
    if (this.frame.isStatic) throw new EnvironmentError('write-protection', `${what} is not allowed in a static call`)
  }
}

/**
 * EIP-150: of what is left after the fixed price, a 64th stays with the caller.
 * @throws EnvironmentError `out-of-gas` when the fixed price is not there.
 */
function forwardedGas(gasLeft: bigint, base: bigint, requested: bigint, what: string): bigint {
  if (gasLeft < base) {
    throw new EnvironmentError('out-of-gas', `out of gas: ${what} costs ${base} gas before it starts, ${gasLeft} left`)
  }
  const available = gasLeft - base
  const most = available - available / 64n
  return requested < most ? requested : most
}
