/** A state in front of another: everything goes through, until a subclass says otherwise. */
import type { Log } from '../types/log.ts'
import type { State } from './state.ts'

export abstract class ForwardedState implements State {
  protected readonly inner: State

  constructor(inner: State) {
    this.inner = inner
  }

  exists(address: Uint8Array): boolean {
    return this.inner.exists(address)
  }
  isEmpty(address: Uint8Array): boolean {
    return this.inner.isEmpty(address)
  }
  balance(address: Uint8Array): bigint {
    return this.inner.balance(address)
  }
  setBalance(address: Uint8Array, balance: bigint): void {
    this.inner.setBalance(address, balance)
  }
  nonce(address: Uint8Array): bigint {
    return this.inner.nonce(address)
  }
  setNonce(address: Uint8Array, nonce: bigint): void {
    this.inner.setNonce(address, nonce)
  }
  codeHash(address: Uint8Array): Uint8Array {
    return this.inner.codeHash(address)
  }
  code(address: Uint8Array): Uint8Array {
    return this.inner.code(address)
  }
  setCode(address: Uint8Array, code: Uint8Array): void {
    this.inner.setCode(address, code)
  }
  storage(address: Uint8Array, key: Uint8Array): Uint8Array {
    return this.inner.storage(address, key)
  }
  originalStorage(address: Uint8Array, key: Uint8Array): Uint8Array {
    return this.inner.originalStorage(address, key)
  }
  setStorage(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    this.inner.setStorage(address, key, value)
  }
  hasStorage(address: Uint8Array): boolean {
    return this.inner.hasStorage(address)
  }
  transient(address: Uint8Array, key: Uint8Array): Uint8Array {
    return this.inner.transient(address, key)
  }
  setTransient(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    this.inner.setTransient(address, key, value)
  }
  warmAddress(address: Uint8Array): boolean {
    return this.inner.warmAddress(address)
  }
  warmSlot(address: Uint8Array, key: Uint8Array): boolean {
    return this.inner.warmSlot(address, key)
  }
  refund(): bigint {
    return this.inner.refund()
  }
  addRefund(gas: bigint): void {
    this.inner.addRefund(gas)
  }
  addLog(log: Log): void {
    this.inner.addLog(log)
  }
  logs(): readonly Log[] {
    return this.inner.logs()
  }
  checkpoint(): number {
    return this.inner.checkpoint()
  }
  revert(checkpoint: number): void {
    this.inner.revert(checkpoint)
  }
  endTransaction(): void {
    this.inner.endTransaction()
  }
  root(): Uint8Array {
    return this.inner.root()
  }
}
