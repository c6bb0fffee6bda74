/**
 * A state that remembers what a transaction touched and how it was before: what prestateTracer shows, and what a
 * stateless node would have to be given. Reads and writes go through unchanged.
 */
import { keyOf } from '../../codec/bytes.ts'
import { ForwardedState } from '../../state/forwardedState.ts'
import type { BlockState, State } from '../../state/state.ts'
import type { Log } from '../../types/log.ts'
import { MAX_TRACE_BYTES, MAX_TRACED_ACCOUNTS, MAX_TRACED_SLOTS } from '../limits.ts'
import { TraceTooLarge } from './recorder.ts'

/** An account at one moment; fields that were not asked for are as the chain has them. */
export interface TracedAccount {
  readonly address: Uint8Array
  readonly exists: boolean
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Uint8Array
  /** Slots that were touched, in the order in which they were. */
  readonly storage: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
}

interface Touched {
  readonly address: Uint8Array
  readonly exists: boolean
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Uint8Array
  readonly slots: Map<string, { readonly key: Uint8Array; readonly before: Uint8Array }>
}

export class TracedState extends ForwardedState {
  #touched: Map<string, Touched> | null = null
  readonly #onLog: (log: Log) => void
  #accounts = 0
  #codeBytes = 0
  #slots = 0

  constructor(state: State, onLog: (log: Log) => void) {
    super(state)
    this.#onLog = onLog
  }

  /**
   * Keeps everything that is touched from here on, where it is wanted. The bounds are those of all that is kept together.
   */
  begin(isWanted: boolean): void {
    this.#touched = isWanted ? new Map() : null
  }

  /**
   * The accounts that were touched since {@link begin}, in the order in which they were: before, and now. Null where
   * they were not wanted.
   */
  take(): { readonly before: readonly TracedAccount[]; readonly after: readonly TracedAccount[] } | null {
    if (this.#touched === null) return null
    const touched = [...this.#touched.values()]
    this.#touched = null
    const { inner } = this
    const before = touched.map(({ slots, ...account }) => ({
      ...account,
      storage: [...slots.values()].map(({ key, before }) => [key, before] as const),
    }))
    const after = touched.map(({ address, slots }) => ({
      address,
      exists: inner.exists(address),
      balance: inner.balance(address),
      nonce: inner.nonce(address),
      code: inner.code(address),
      storage: [...slots.values()].map(({ key }) => [key, inner.storage(address, key)] as const),
    }))
    return { before, after }
  }

  override exists(address: Uint8Array): boolean {
    this.#touch(address)
    return super.exists(address)
  }

  override isEmpty(address: Uint8Array): boolean {
    this.#touch(address)
    return super.isEmpty(address)
  }

  override balance(address: Uint8Array): bigint {
    this.#touch(address)
    return super.balance(address)
  }

  override setBalance(address: Uint8Array, balance: bigint): void {
    this.#touch(address)
    super.setBalance(address, balance)
  }

  override nonce(address: Uint8Array): bigint {
    this.#touch(address)
    return super.nonce(address)
  }

  override setNonce(address: Uint8Array, nonce: bigint): void {
    this.#touch(address)
    super.setNonce(address, nonce)
  }

  override codeHash(address: Uint8Array): Uint8Array {
    this.#touch(address)
    return super.codeHash(address)
  }

  override code(address: Uint8Array): Uint8Array {
    this.#touch(address)
    return super.code(address)
  }

  override setCode(address: Uint8Array, code: Uint8Array): void {
    this.#touch(address)
    super.setCode(address, code)
  }

  override storage(address: Uint8Array, key: Uint8Array): Uint8Array {
    this.#touchSlot(address, key)
    return super.storage(address, key)
  }

  override setStorage(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    this.#touchSlot(address, key)
    super.setStorage(address, key, value)
  }

  override addLog(log: Log): void {
    this.#onLog(log)
    super.addLog(log)
  }

  #touch(address: Uint8Array): Touched | null {
    if (this.#touched === null) return null
    const key = keyOf(address)
    const known = this.#touched.get(key)
    if (known !== undefined) return known
    this.#accounts += 1
    if (this.#accounts > MAX_TRACED_ACCOUNTS) {
      throw new TraceTooLarge(`the trace touches more than ${MAX_TRACED_ACCOUNTS} accounts (MAX_TRACED_ACCOUNTS)`)
    }
    const { inner } = this
    const code = inner.code(address)
    this.#codeBytes += code.length
    if (this.#codeBytes > MAX_TRACE_BYTES) {
      throw new TraceTooLarge(
        `the accounts in the trace have more than ${MAX_TRACE_BYTES} bytes of code (MAX_TRACE_BYTES)`,
      )
    }
    const touched: Touched = {
      address: address.slice(),
      exists: inner.exists(address),
      balance: inner.balance(address),
      nonce: inner.nonce(address),
      code,
      slots: new Map(),
    }
    this.#touched.set(key, touched)
    return touched
  }

  #touchSlot(address: Uint8Array, key: Uint8Array): void {
    const slots = this.#touch(address)?.slots
    if (slots === undefined) return
    const name = keyOf(key)
    if (slots.has(name)) return
    this.#slots += 1
    if (this.#slots > MAX_TRACED_SLOTS) {
      throw new TraceTooLarge(`the trace touches more than ${MAX_TRACED_SLOTS} slots (MAX_TRACED_SLOTS)`)
    }
    slots.set(name, { key: key.slice(), before: this.inner.storage(address, key).slice() })
  }
}

/** The same of a state that blocks are executed on. Going back is no touch: what it changes is a state that was kept. */
export class TracedBlockState extends TracedState implements BlockState {
  readonly #state: BlockState

  constructor(state: BlockState, onLog: (log: Log) => void) {
    super(state, onLog)
    this.#state = state
  }

  openedAt(): Uint8Array {
    return this.#state.openedAt()
  }

  isNear(root: Uint8Array, most: number): boolean {
    return this.#state.isNear(root, most)
  }

  goBackTo(root: Uint8Array, kept: readonly Uint8Array[]): void {
    this.#state.goBackTo(root, kept)
  }
}
