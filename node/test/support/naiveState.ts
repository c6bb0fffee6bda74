/**
 * World state as simply as it can be written: plain maps, a checkpoint is a deep copy. The measure for the journal.
 * Its root is computed by @ethereumjs/mpt.
 */
import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { Account } from '@ethereumjs/util'
import { keyOf } from '../../src/codec/bytes.ts'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'

export interface NaiveAccount {
  nonce: bigint
  balance: bigint
  /** Hex. */
  code: string
  /** Values that are not zero, both in hex. */
  storage: Map<string, string>
}

interface Contents {
  accounts: Map<string, NaiveAccount>
  touched: Set<string>
  transient: Map<string, string>
  warm: Set<string>
  refund: bigint
  logs: number[]
}

const ZERO = '00'.repeat(32)

export class NaiveState {
  #now: Contents = {
    accounts: new Map(),
    touched: new Set(),
    transient: new Map(),
    warm: new Set(),
    refund: 0n,
    logs: [],
  }
  #checkpoints: Contents[] = []
  #start = structuredClone(this.#now)

  account(address: Uint8Array): NaiveAccount {
    return this.#now.accounts.get(keyOf(address)) ?? { nonce: 0n, balance: 0n, code: '', storage: new Map() }
  }

  change(address: Uint8Array, change: (account: NaiveAccount) => void): void {
    const account = this.account(address)
    change(account)
    this.#now.accounts.set(keyOf(address), account)
    this.#now.touched.add(keyOf(address))
  }

  storage(address: Uint8Array, key: Uint8Array): string {
    return this.account(address).storage.get(keyOf(key)) ?? ZERO
  }

  originalStorage(address: Uint8Array, key: Uint8Array): string {
    return this.#start.accounts.get(keyOf(address))?.storage.get(keyOf(key)) ?? ZERO
  }

  setStorage(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    this.change(address, ({ storage }) => {
      if (keyOf(value) === ZERO) storage.delete(keyOf(key))
      else storage.set(keyOf(key), keyOf(value))
    })
  }

  get scratch(): Contents {
    return this.#now
  }

  checkpoint(): number {
    this.#checkpoints.push(structuredClone(this.#now))
    return this.#checkpoints.length - 1
  }

  revert(checkpoint: number): void {
    this.#now = this.#checkpoints[checkpoint]!
    this.#checkpoints.length = checkpoint
  }

  endTransaction(): void {
    for (const address of this.#now.touched) {
      const { nonce, balance, code } = this.#now.accounts.get(address)!
      if (nonce === 0n && balance === 0n && code === '') this.#now.accounts.delete(address)
    }
    const { accounts } = this.#now
    this.#now = { accounts, touched: new Set(), transient: new Map(), warm: new Set(), refund: 0n, logs: [] }
    this.#start = structuredClone(this.#now)
    this.#checkpoints = []
  }

  accounts(): ReadonlyMap<string, NaiveAccount> {
    return this.#now.accounts
  }

  async root(): Promise<string> {
    const state = new MerklePatriciaTrie({ useKeyHashing: true })
    for (const [address, { nonce, balance, code, storage }] of this.#now.accounts) {
      const slots = new MerklePatriciaTrie({ useKeyHashing: true })
      for (const [key, value] of storage) {
        await slots.put(fromHex(`0x${key}`), RLP.encode(fromHex(`0x${value.replace(/^(00)+/, '')}`)))
      }
      const account = new Account(nonce, balance, slots.root(), keccak256(fromHex(`0x${code}`)))
      await state.put(fromHex(`0x${address}`), account.serialize())
    }
    return toHex(state.root())
  }
}
