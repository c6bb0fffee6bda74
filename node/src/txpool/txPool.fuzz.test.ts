/**
 * The pool against a naive model from a seed: the model keeps one list and recomputes everything from it by definition,
 * with the true balances; the pool has caches, heaps and incremental counts. After each step both must agree on
 * everything that can be seen. A failure prints its seed and step.
 */
import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { keyOf } from '../codec/bytes.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { DEFAULT_TXPOOL_LIMITS } from './limits.ts'
import { addressOf, BASE_FEE, fakeChain, numberedRecoverer, transfer } from './testing/fakeChain.ts'
import { openTxPool } from './txPool.ts'

const LIMITS = { transactions: 14, queued: 5, perSender: 4, nonceGap: 8n, senderBlocks: 1n, largeBlocks: 1n }
const SENDERS = 5
const GAS = 21_000n
const BLOCK_GAS = 20n * GAS
/** Gas limits; the last three are large. */
const GAS_LIMITS = [GAS, GAS, BLOCK_GAS / 16n, BLOCK_GAS / 16n + 1n, 9n * GAS, 11n * GAS]

interface Tx {
  readonly from: number
  readonly nonce: bigint
  readonly cap: bigint
  readonly tip: bigint
  readonly gas: bigint
  readonly cost: bigint
  readonly sequence: number
  readonly envelope: TransactionEnvelope
}

class Model {
  readonly accounts = Array.from({ length: SENDERS }, () => ({ nonce: 0n, balance: 0n }))
  transactions: Tx[] = []
  baseFee = BASE_FEE
  readonly poolHolds: (tx: Tx) => boolean

  constructor(poolHolds: (tx: Tx) => boolean) {
    this.poolHolds = poolHolds
  }

  of(from: number): Tx[] {
    return this.transactions.filter((tx) => tx.from === from).sort((a, b) => (a.nonce < b.nonce ? -1 : 1))
  }

  pending(from: number): Tx[] {
    const { nonce, balance } = this.accounts[from]!
    const run: Tx[] = []
    let cost = 0n
    for (const tx of this.of(from)) {
      cost += tx.cost
      if (tx.nonce !== nonce + BigInt(run.length) || cost > balance) break
      run.push(tx)
    }
    return run
  }

  isPending(tx: Tx): boolean {
    return this.pending(tx.from).includes(tx)
  }

  queued(): Tx[] {
    return this.transactions.filter((tx) => !this.isPending(tx))
  }

  waiting(from: number): Tx[] {
    return this.of(from).slice(this.pending(from).length)
  }

  /**
   * The waiting transactions of the sender who has the most; of several, of the one whose last the pool has let go, as
   * it may choose.
   */
  crowded(): Tx[] {
    const lists = this.accounts.map((_, from) => this.waiting(from))
    const most = Math.max(...lists.map((list) => list.length))
    const those = lists.filter((list) => list.length === most)
    return those.find((list) => !this.poolHolds(list.at(-1)!)) ?? those[0]!
  }

  pay(tx: Tx): readonly [bigint, bigint] {
    const left = tx.cap - this.baseFee
    return [tx.tip < left ? tx.tip : left, tx.cap]
  }

  better(a: Tx, b: Tx): boolean {
    const [x, y] = [this.pay(a), this.pay(b)]
    return x[0] !== y[0] ? x[0] > y[0] : x[1] > y[1]
  }

  worst(of: readonly Tx[]): Tx | undefined {
    return [...of].sort((a, b) => (this.better(a, b) ? 1 : this.better(b, a) ? -1 : b.sequence - a.sequence))[0]
  }

  drop(tx: Tx): void {
    this.transactions = this.transactions.filter((other) => other !== tx)
  }

  add(tx: Tx): string {
    const { nonce, balance } = this.accounts[tx.from]!
    if (this.transactions.some(({ envelope }) => keyOf(envelope.hash) === keyOf(tx.envelope.hash)))
      return 'already-known'
    if (tx.nonce < nonce) return 'nonce-too-low'
    if (tx.cap < this.baseFee) return 'fee-below-base-fee'
    if (tx.cost > balance) return 'insufficient-funds'
    if (tx.nonce > nonce + LIMITS.nonceGap) return 'nonce-too-high'
    const old = this.of(tx.from).find((other) => other.nonce === tx.nonce)
    const bumped = (after: bigint, before: bigint) => after > before && after * 10n >= before * 11n
    if (old !== undefined && !(bumped(tx.cap, old.cap) && bumped(tx.tip, old.tip))) return 'replacement-underpriced'
    const others = this.of(tx.from).filter((other) => other !== old)
    if (others.reduce((sum, { cost }) => sum + cost, tx.cost) > balance) return 'insufficient-funds'
    const withoutOld = (list: readonly Tx[]) => list.filter((other) => other !== old)
    const gas = (list: readonly Tx[]) => list.reduce((sum, other) => sum + other.gas, 0n)
    for (;;) {
      const rest = withoutOld(this.of(tx.from))
      if (rest.length < LIMITS.perSender && gas(rest) + tx.gas <= LIMITS.senderBlocks * BLOCK_GAS) break
      const last = rest.at(-1)
      if (last === undefined || last.nonce < tx.nonce || this.isPending(last)) return 'sender-limit'
      this.drop(last)
    }
    const continues = () =>
      this.of(tx.from).filter((other) => other.nonce < tx.nonce).length === Number(tx.nonce - nonce)
    const runs = old === undefined ? continues() : this.isPending(old)
    if (old === undefined && !runs) {
      while (this.queued().length >= LIMITS.queued) {
        const crowded = this.crowded()
        const own = this.waiting(tx.from)
        if (crowded.length === 1 && own.length === 0) {
          const worst = this.worst(this.queued())!
          if (!this.better(tx, worst)) return 'pool-full'
          this.drop(worst)
        } else if (crowded.length > own.length + 1) this.drop(crowded.at(-1)!)
        else if (own.length > 0 && own.at(-1)!.nonce > tx.nonce) this.drop(own.at(-1)!)
        else return 'pool-full'
      }
    }
    const classOf = ({ gas }: Tx) => [2n, 4n, 8n, 16n].findIndex((part) => gas * part > BLOCK_GAS)
    const sameClass = (list: readonly Tx[]) => list.filter((other) => classOf(other) === classOf(tx))
    while (
      classOf(tx) !== -1 &&
      gas(withoutOld(sameClass(this.transactions))) + tx.gas > LIMITS.largeBlocks * BLOCK_GAS
    ) {
      const waiting = this.worst(sameClass(this.queued()))
      if (runs && waiting !== undefined) {
        this.drop(waiting)
        continue
      }
      const worst = runs ? this.worst(sameClass(this.transactions)) : waiting
      if (worst === undefined || worst === old || !this.better(tx, worst)) return 'pool-full'
      this.drop(worst)
    }
    while (withoutOld(this.transactions).length >= LIMITS.transactions) {
      const waiting = this.worst(this.queued())
      if (runs && waiting !== undefined) {
        this.drop(waiting)
        continue
      }
      const worst = runs ? this.worst(this.transactions) : waiting
      if (worst === undefined || !this.better(tx, worst)) return 'pool-full'
      this.drop(worst)
    }
    if (old === undefined) this.transactions.push(tx)
    else this.transactions[this.transactions.indexOf(old)] = tx
    return 'ok'
  }

  select(gasLimit: bigint, baseFee: bigint): Tx[] {
    const saved = this.baseFee
    this.baseFee = baseFee
    const heads = this.accounts.map((_, from) => this.pending(from))
    const selected: Tx[] = []
    const unsure = new Map<number, bigint>()
    let room = gasLimit
    let sure = gasLimit
    while (room >= GAS) {
      const next = heads
        .flatMap((list) => list.slice(0, 1))
        .filter((tx) => tx.cap >= baseFee)
        .sort((a, b) => (this.better(a, b) ? -1 : this.better(b, a) ? 1 : a.sequence - b.sequence))[0]
      if (next === undefined) break
      const before = unsure.get(next.from) ?? 0n
      const needed = next.gas > before ? next.gas : before
      if (needed > room) {
        heads[next.from] = []
        continue
      }
      selected.push(next)
      if (before > 0n || next.gas > sure) unsure.set(next.from, needed)
      room -= GAS
      sure -= next.gas
      heads[next.from]!.shift()
    }
    this.baseFee = saved
    return selected
  }

  /** The pool after a block. */
  commit(included: readonly Tx[], baseFee: bigint): void {
    for (const tx of included) {
      const account = this.accounts[tx.from]!
      account.nonce = tx.nonce + 1n
      account.balance -= tx.cost
    }
    this.transactions = this.transactions.filter((tx) => tx.nonce >= this.accounts[tx.from]!.nonce)
    this.baseFee = baseFee
    while (this.queued().length > LIMITS.queued) this.drop(this.crowded().at(-1)!)
  }
}

async function run(seed: number, steps: number): Promise<ReadonlySet<string>> {
  const random = seededRandom(seed * 7_919)
  const chain = fakeChain(BLOCK_GAS)
  const clock = manualClock()
  const pool = openTxPool({ chain, recoverer: numberedRecoverer(), clock, logger: listLogger([]), limits: LIMITS })
  const model = new Model((tx) => [...pool.transactions()].some(({ hash }) => keyOf(hash) === keyOf(tx.envelope.hash)))
  const seen = new Set<string>()
  const announced = new Map<string, number>()
  pool.onPending(({ hash }) => announced.set(keyOf(hash), (announced.get(keyOf(hash)) ?? 0) + 1))
  let sequence = 0

  const commit = async (included: readonly Tx[], credited: number | null) => {
    if (credited !== null)
      model.accounts[credited]!.balance +=
        BigInt(1 + random.below(8)) * (random.below(3) === 0 ? 400_000_000n : 40_000_000n)
    const baseFee = BigInt(800 + random.below(8) * 100)
    for (const [index, { nonce, balance }] of model.accounts.entries()) chain.setAccount(index, { nonce, balance })
    chain.commit(
      included.map(({ envelope, from }) => ({ ...envelope, sender: addressOf(from) })),
      baseFee,
    )
    await clock.advance(0)
    model.commit(included, baseFee)
  }

  for (let index = 0; index < SENDERS; index++) await commit([], index)
  for (let step = 0; step < steps; step++) {
    const where = `seed ${seed} step ${step}`
    const choice = random.below(10)
    if (choice < 8) {
      const from = random.below(SENDERS)
      const ahead =
        random.below(4) === 0
          ? random.below(11)
          : model.of(from).length === 0
            ? 0
            : random.below(model.of(from).length + 2)
      const nonce = model.accounts[from]!.nonce + BigInt(ahead) - (random.below(20) === 0 ? 1n : 0n)
      if (nonce < 0n) continue
      const cap = BigInt(700 + random.below(20) * 100)
      const tip = BigInt(random.below(7) * 100)
      if (tip > cap) continue
      const value = BigInt(random.below(3)) * 20_000_000n
      const gas = GAS_LIMITS[random.below(GAS_LIMITS.length)]!
      const envelope = transfer({ from, nonce, cap, tip, value, gasLimit: gas })
      const fresh = { from, nonce, cap, tip, gas, cost: gas * cap + value, sequence: sequence++, envelope }
      const known = model.transactions[random.below(30 * model.transactions.length)]
      const tx = known ?? fresh
      const outcome = await pool.add(tx.envelope.raw, random.below(2) === 0 ? 'local' : 'peer')
      const code = outcome.ok ? 'ok' : outcome.code
      expect(code, where).toBe(model.add(tx))
      seen.add(code)
      if (!outcome.ok && outcome.message.includes('gas limits')) seen.add(`${code}: gas limits`)
    } else if (choice === 8) {
      const best = model.select(GAS * BigInt(1 + random.below(6)), model.baseFee)
      await commit(best, random.below(2) === 0 ? random.below(SENDERS) : null)
    } else {
      // Somebody else's transaction uses a nonce of ours, and money.
      const from = random.below(SENDERS)
      const { nonce, balance } = model.accounts[from]!
      if (balance < 30_000_000n) continue
      const envelope = transfer({ from, nonce, cap: 1_001n, value: 1n })
      await commit(
        [{ from, nonce, cap: 1_001n, tip: 1n, gas: GAS, cost: GAS * 1_001n + 1n, sequence: -1, envelope }],
        null,
      )
    }

    const content = pool.content()
    const list = (which: 'pending' | 'queued', from: number) =>
      (content[which].get(keyOf(addressOf(from))) ?? []).map(({ hash }) => keyOf(hash))
    for (let from = 0; from < SENDERS; from++) {
      const pending = model.pending(from)
      const hashes = (txs: readonly Tx[]) => txs.map(({ envelope }) => keyOf(envelope.hash))
      expect(list('pending', from), where).toEqual(hashes(pending))
      expect(list('queued', from), where).toEqual(hashes(model.of(from).slice(pending.length)))
      const next = pending.length === 0 ? undefined : pending.at(-1)!.nonce + 1n
      expect(pool.pendingNonce(addressOf(from)), where).toBe(next)
      for (const hash of hashes(pending)) expect(announced.get(hash), where).toBe(1)
    }
    const queued = model.queued().length
    expect(pool.counts(), where).toEqual({ pending: model.transactions.length - queued, queued })
    const gas = GAS * BigInt(random.below(10))
    const baseFee = BigInt(700 + random.below(12) * 100)
    expect(
      pool.select(gas, baseFee).map(({ hash }) => keyOf(hash)),
      where,
    ).toEqual(model.select(gas, baseFee).map(({ envelope }) => keyOf(envelope.hash)))
  }
  return seen
}

it('agrees with the naive model, step by step', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 15; seed++) for (const code of await run(seed, 160)) seen.add(code)
  // The schedules reach every rule that the model knows.
  expect([...seen].toSorted()).toEqual([
    'already-known',
    'fee-below-base-fee',
    'insufficient-funds',
    'nonce-too-high',
    'nonce-too-low',
    'ok',
    'pool-full',
    'pool-full: gas limits',
    'replacement-underpriced',
    'sender-limit',
    'sender-limit: gas limits',
  ])
  expect(DEFAULT_TXPOOL_LIMITS.priceBump).toBe(10n)
})
