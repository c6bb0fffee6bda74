/**
 * Senders' accounts at the head: each is read when the pool meets it for the first time, and after each block that touched
 * it; what is wanted at one time is read by one query. A reading that a block overtakes is made again, so an answer is never
 * older than the head.
 */
import type { BlockEvent, ChainService } from '../chain/chainService.ts'
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import type { SenderAccount } from '../execution/checkTransaction.ts'
import type { Account } from '../types/account.ts'
import { ACCOUNTS_PER_QUERY } from './limits.ts'

/** The amount a block took from a sender. */
export interface Spent {
  readonly nextNonce: bigint
  /** Wei for gas and values. Income of the sender is not counted, so no balance is less than what this leaves. */
  readonly wei: bigint
}

/** By sender, as a map key. */
export function spentIn({ block, receipts }: BlockEvent): ReadonlyMap<string, Spent> {
  const spent = new Map<string, Spent>()
  for (const [index, { transaction }] of block.transactions.entries()) {
    const record = receipts[index]
    if (record === undefined) continue
    const key = keyOf(record.sender)
    const value = record.receipt.status === 1 ? transaction.value : 0n
    const wei = record.gasUsed * record.effectiveGasPrice + value + (spent.get(key)?.wei ?? 0n)
    spent.set(key, { nextNonce: transaction.nonce + 1n, wei })
  }
  return spent
}

interface Loading {
  readonly account: Promise<SenderAccount>
  stale: boolean
}

interface Wanted {
  readonly address: Uint8Array
  resolve(account: Account | null): void
  reject(error: unknown): void
}

export class SenderAccounts {
  readonly #chain: ChainService
  readonly #loading = new Map<string, Loading>()
  /** Not asked for yet. */
  #wanted: Wanted[] = []

  constructor(chain: ChainService) {
    this.#chain = chain
  }

  /** Concurrent calls for one sender share a query. */
  load(key: string, address: Uint8Array): Promise<SenderAccount> {
    const running = this.#loading.get(key)
    if (running !== undefined) return running.account
    const account = this.#query(key, address).finally(() => this.#loading.delete(key))
    this.#loading.set(key, { account, stale: false })
    return account
  }

  /** A block touched this sender: the state being read may be from before. */
  outdate(key: string): void {
    const running = this.#loading.get(key)
    if (running !== undefined) running.stale = true
  }

  outdateAll(): void {
    for (const running of this.#loading.values()) running.stale = true
  }

  async #query(key: string, address: Uint8Array): Promise<SenderAccount> {
    for (;;) {
      const account = await this.#read(address)
      const running = this.#loading.get(key)
      if (running?.stale !== true) {
        if (account === null) return { nonce: 0n, balance: 0n, hasCode: false }
        const { nonce, balance, codeHash } = account
        return { nonce, balance, hasCode: !equalBytes(codeHash, EMPTY_CODE_HASH) }
      }
      running.stale = false
    }
  }

  #read(address: Uint8Array): Promise<Account | null> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ address, resolve, reject })
      // After the caller's loop over a block or a bundle, not in it.
      if (this.#wanted.length === 1) queueMicrotask(() => this.#ask())
    })
  }

  #ask(): void {
    const wanted = this.#wanted
    this.#wanted = []
    for (let from = 0; from < wanted.length; from += ACCOUNTS_PER_QUERY) {
      void this.#answer(wanted.slice(from, from + ACCOUNTS_PER_QUERY))
    }
  }

  async #answer(wanted: readonly Wanted[]): Promise<void> {
    try {
      const accounts = await this.#chain.accounts(
        wanted.map(({ address }) => address),
        'latest',
      )
      for (const [index, { resolve }] of wanted.entries()) resolve(accounts[index]!)
    } catch (error) {
      for (const { reject } of wanted) reject(error)
    }
  }
}
