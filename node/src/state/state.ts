/**
 * World state during the execution of a block: accounts, code, storage, and what lives for one transaction only.
 * Synchronous: a contract's read cannot wait. Implemented by journaledState.ts over the trie and the flat table.
 *
 * All changes go through one journal; `checkpoint` and `revert` nest as call frames do and cover everything here,
 * warm sets, refunds, logs and transient storage included.
 */
import type { Log } from '../types/log.ts'

export interface State {
  /** False for an account that is absent (EIP-161: never touched, or empty). */
  exists(address: Uint8Array): boolean
  /** EIP-161: nonce 0, balance 0, no code. */
  isEmpty(address: Uint8Array): boolean

  balance(address: Uint8Array): bigint
  setBalance(address: Uint8Array, balance: bigint): void
  nonce(address: Uint8Array): bigint
  setNonce(address: Uint8Array, nonce: bigint): void
  /** keccak256("") for an account without code. */
  codeHash(address: Uint8Array): Uint8Array
  code(address: Uint8Array): Uint8Array
  setCode(address: Uint8Array, code: Uint8Array): void

  /** 32 bytes; zeros where nothing is stored. */
  storage(address: Uint8Array, key: Uint8Array): Uint8Array
  /** The value at the start of the transaction (EIP-2200). */
  originalStorage(address: Uint8Array, key: Uint8Array): Uint8Array
  setStorage(address: Uint8Array, key: Uint8Array, value: Uint8Array): void
  /** True when the account has any non-zero slot (EIP-7610, refusing creation over it). */
  hasStorage(address: Uint8Array): boolean

  transient(address: Uint8Array, key: Uint8Array): Uint8Array
  setTransient(address: Uint8Array, key: Uint8Array, value: Uint8Array): void

  /** Marks as warm (EIP-2929). True when it was cold. */
  warmAddress(address: Uint8Array): boolean
  warmSlot(address: Uint8Array, key: Uint8Array): boolean

  /** May be negative within a transaction (EIP-3529 takes refunds back). */
  refund(): bigint
  addRefund(gas: bigint): void

  addLog(log: Log): void
  logs(): readonly Log[]

  checkpoint(): number
  revert(checkpoint: number): void

  /** Clears warm sets, refund, logs, transient storage and original values, and deletes touched empty accounts. */
  endTransaction(): void

  /** Hashes what changed since the last call, each dirty node once. Only between transactions. */
  root(): Uint8Array
}

/** A state that a block is executed on: it may also become one of the states before it (docs/protocol/dev.md). */
export interface BlockState extends State {
  /** Root of the state it was opened at, which is that after the block's parent. */
  openedAt(): Uint8Array
  /** Whether at most `most` accounts and slots differ between the state it was opened at and the one with this root. */
  isNear(root: Uint8Array, most: number): boolean
  /**
   * Becomes the state with this root, which is in the store, but for the accounts at `kept`, which stay as they are.
   * Only between transactions; there is no way back.
   */
  goBackTo(root: Uint8Array, kept: readonly Uint8Array[]): void
}
