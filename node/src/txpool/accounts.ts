/**
 * Senders' accounts at the head: one query for each sender that the pool meets for the first time, and one after each
 * block that touched it. A query that a block overtakes is made again, so an answer is never older than the head.
 */
import type { ChainService } from '../chain/chainService.ts'
import { equalBytes } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { SenderAccount } from '../execution/checkTransaction.ts'

const EMPTY_CODE_HASH = keccak256(new Uint8Array(0))

interface Loading {
  readonly account: Promise<SenderAccount>
  stale: boolean
}

export class SenderAccounts {
  readonly #chain: ChainService
  readonly #loading = new Map<string, Loading>()

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

  /** A block touched this sender: what is being read may be from before. */
  outdate(key: string): void {
    const running = this.#loading.get(key)
    if (running !== undefined) running.stale = true
  }

  async #query(key: string, address: Uint8Array): Promise<SenderAccount> {
    for (;;) {
      const account = await this.#chain.account(address, 'latest')
      const running = this.#loading.get(key)
      if (running?.stale !== true) {
        if (account === null) return { nonce: 0n, balance: 0n, hasCode: false }
        const { nonce, balance, codeHash } = account
        return { nonce, balance, hasCode: !equalBytes(codeHash, EMPTY_CODE_HASH) }
      }
      running.stale = false
    }
  }
}
