/**
 * One sender's transactions in the order of their nonces. The first `executable` of them can run one after the other
 * now: their nonces go on from the account's without a gap, and the balance covers all of them at their highest price.
 */
import type { SenderAccount } from '../execution/checkTransaction.ts'
import type { PooledTransaction } from './pooledTransaction.ts'

export class SenderQueue {
  /** 20 bytes. */
  readonly address: Uint8Array
  #account: SenderAccount
  // Ascending by nonce.
  readonly #transactions: PooledTransaction[] = []
  #executable = 0
  #executableCost = 0n
  #totalCost = 0n
  #totalGas = 0n
  #short = false

  /** Number of the block from which the account was read, or of an older one. */
  head: bigint

  constructor(address: Uint8Array, account: SenderAccount, head: bigint) {
    this.address = address
    this.head = head
    this.#account = account
  }

  get account(): SenderAccount {
    return this.#account
  }

  get size(): number {
    return this.#transactions.length
  }

  get executable(): number {
    return this.#executable
  }

  /** How many cannot run now. */
  get waiting(): number {
    return this.#transactions.length - this.#executable
  }

  /** Wei that all transactions together can cost. */
  get totalCost(): bigint {
    return this.#totalCost
  }

  /** Gas limits of all transactions together. */
  get totalGas(): bigint {
    return this.#totalGas
  }

  /** True when the next transaction does not run for lack of funds only. */
  get short(): boolean {
    return this.#short
  }

  get last(): PooledTransaction | undefined {
    return this.#transactions.at(-1)
  }

  at(index: number): PooledTransaction | undefined {
    return this.#transactions[index]
  }

  get(nonce: bigint): PooledTransaction | undefined {
    const found = this.#transactions[this.#position(nonce)]
    return found?.transaction.nonce === nonce ? found : undefined
  }

  pending(): readonly PooledTransaction[] {
    return this.#transactions.slice(0, this.#executable)
  }

  queued(): readonly PooledTransaction[] {
    return this.#transactions.slice(this.#executable)
  }

  isExecutable(tx: PooledTransaction): boolean {
    return this.#position(tx.transaction.nonce) < this.#executable
  }

  /** Whether a transaction of this nonce would have no gap before it. */
  continues(nonce: bigint): boolean {
    const position = this.#position(nonce)
    return BigInt(position) === nonce - this.#account.nonce && position <= this.#transactions.length
  }

  /** Takes the place of the transaction with the same nonce, which is returned. */
  insert(tx: PooledTransaction): PooledTransaction | undefined {
    const position = this.#position(tx.transaction.nonce)
    const old = this.#transactions[position]
    const replaced = old?.transaction.nonce === tx.transaction.nonce ? old : undefined
    this.#transactions.splice(position, replaced === undefined ? 0 : 1, tx)
    this.#totalCost += tx.cost - (replaced?.cost ?? 0n)
    this.#totalGas += tx.transaction.gasLimit - (replaced?.transaction.gasLimit ?? 0n)
    // A transaction inserted behind the executable ones can only make them more.
    if (position >= this.#executable) this.#extend()
    else this.#recount()
    return replaced
  }

  remove(tx: PooledTransaction): void {
    const position = this.#position(tx.transaction.nonce)
    if (this.#transactions[position] !== tx) return
    this.#transactions.splice(position, 1)
    this.#totalCost -= tx.cost
    this.#totalGas -= tx.transaction.gasLimit
    if (position < this.#executable) this.#recount()
    else this.#extend()
  }

  /** The account as a newer block has it. Returns the transactions whose nonce has been used, no longer in the queue. */
  update(account: SenderAccount): PooledTransaction[] {
    this.#account = account
    const stale = this.#transactions.splice(0, this.#position(account.nonce))
    for (const tx of stale) {
      this.#totalCost -= tx.cost
      this.#totalGas -= tx.transaction.gasLimit
    }
    this.#recount()
    return stale
  }

  #recount(): void {
    this.#executable = 0
    this.#executableCost = 0n
    this.#extend()
  }

  #extend(): void {
    this.#short = false
    for (;;) {
      const tx = this.#transactions[this.#executable]
      if (tx?.transaction.nonce !== this.#account.nonce + BigInt(this.#executable)) return
      if (this.#executableCost + tx.cost > this.#account.balance) {
        this.#short = true
        return
      }
      this.#executableCost += tx.cost
      this.#executable++
    }
  }

  /** Index of the first transaction whose nonce is not below `nonce`. */
  #position(nonce: bigint): number {
    // Appending is the common case.
    let high = this.#transactions.length
    if (high === 0 || this.#transactions[high - 1]!.transaction.nonce < nonce) return high
    let low = 0
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#transactions[middle]!.transaction.nonce < nonce) low = middle + 1
      else high = middle
    }
    return low
  }
}
