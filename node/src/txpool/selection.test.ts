/**
 * Selection and building against a naive model, from a seed. The model knows what each transaction uses and looks at all of
 * them before each step: the best-paying of those that may come next is in the block, or its gas limit says why it is not.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { bigintToBytes, EMPTY_BYTES, keyOf } from '../codec/bytes.ts'
import { TRANSACTION_GAS } from '../execution/fees.ts'
import type { FeeMarketTransaction } from '../types/transaction.ts'
import { BULK_BYTES } from './limits.ts'
import { type PooledTransaction, pooled } from './pooledTransaction.ts'
import { selectTransactions } from './selection.ts'
import { SenderQueue } from './senderQueue.ts'
import { addressOf, BASE_FEE, CHAIN_ID, GAS_LIMIT } from './testing/fakeChain.ts'

const BALANCE = 10n ** 30n

/** Of a signed transaction, besides its data. */
const FIELDS_BYTES = 110

interface Fields {
  readonly from: number
  readonly tip: bigint
  readonly cap?: bigint
  readonly gasLimit?: bigint
  readonly data?: Uint8Array
}

interface Case {
  readonly tx: PooledTransaction
  readonly from: number
  /** Gas it turns out to use. */
  readonly use: bigint
}

class Pool {
  readonly cases: Case[] = []
  readonly queues = new Map<number, SenderQueue>()

  add(fields: Fields, use: bigint = TRANSACTION_GAS): Case {
    const { from } = fields
    const queue =
      this.queues.get(from) ?? new SenderQueue(addressOf(from), { nonce: 0n, balance: BALANCE, hasCode: false }, 0n)
    this.queues.set(from, queue)
    const { data = EMPTY_BYTES, gasLimit = TRANSACTION_GAS, tip, cap = 2n * BASE_FEE } = fields
    const transaction: FeeMarketTransaction = {
      type: 2,
      chainId: CHAIN_ID,
      nonce: BigInt(queue.size),
      maxFeePerGas: cap,
      maxPriorityFeePerGas: tip,
      gasLimit,
      to: addressOf(999),
      value: 0n,
      data,
      accessList: [],
      r: 1n,
      s: 1n,
      yParity: 0,
    }
    const sequence = this.cases.length
    const hash = bigintToBytes(BigInt(sequence), 32)
    // Selection looks at the length of the bytes only.
    const raw = new Uint8Array(FIELDS_BYTES + data.length)
    const tx = pooled(
      { transaction, raw, hash, sender: addressOf(from) },
      { key: keyOf(hash), sequence, arrived: 0, origin: 'peer' },
    )
    queue.insert(tx)
    const added = { tx, from, use }
    this.cases.push(added)
    return added
  }

  offered(gasLimit: bigint): Case[] {
    const byHash = new Map(this.cases.map((one) => [one.tx.hash, one]))
    return selectTransactions(this.queues.values(), gasLimit, BASE_FEE).map(({ hash }) => byHash.get(hash)!)
  }
}

/** The rule of building: each in its turn, if its nonce is next and its limit fits what is left. */
function built(offered: readonly Case[], gasLimit: bigint): Case[] {
  let left = gasLimit
  const nonces = new Map<number, bigint>()
  return offered.filter(({ tx, from, use }) => {
    const next = nonces.get(from) ?? 0n
    if (tx.transaction.nonce !== next || tx.transaction.gasLimit > left) return false
    nonces.set(from, next + 1n)
    left -= use
    return true
  })
}

const isBulk = ({ tx }: Case) => tx.raw.length > BULK_BYTES
const most = (values: readonly bigint[]) => values.reduce((a, b) => (a > b ? a : b), 0n)

/** Walks the model; returns how many were passed over though they would just have fitted. */
function explain(pool: Pool, block: readonly Case[], gasLimit: bigint, where: string): number {
  const waiting = new Map<number, Case[]>()
  for (const one of pool.cases) waiting.set(one.from, [...(waiting.get(one.from) ?? []), one])
  const largest = new Map<number, bigint>()
  const bulkSlack = most(pool.cases.filter(isBulk).map(({ tx }) => tx.leastGas))
  let left = gasLimit
  let at = 0
  let close = 0
  for (;;) {
    const best = [...waiting.values()]
      .flatMap((list) => list.slice(0, 1))
      .reduce<Case | null>((a, b) => (a !== null && comesFirst(a, b) ? a : b), null)
    if (best === null) break
    const needed = most([best.tx.transaction.gasLimit, largest.get(best.from) ?? 0n])
    if (block[at] === best) {
      expect(best.tx.transaction.gasLimit <= left, where).toBe(true)
      at++
      left -= best.use
      largest.set(best.from, needed)
      waiting.set(best.from, waiting.get(best.from)!.slice(1))
    } else {
      const slack = isBulk(best) ? bulkSlack : TRANSACTION_GAS
      expect(
        needed > left - slack,
        `${where}: ${best.tx.transaction.gasLimit} of sender ${best.from}, ${left} left`,
      ).toBe(true)
      if (needed <= left) close++
      waiting.delete(best.from)
    }
  }
  expect(at, where).toBe(block.length)
  return close
}

/** By tip, fee cap and age; data here is never long enough to count by its bytes. */
function comesFirst({ tx: a }: Case, { tx: b }: Case): boolean {
  const pay = (tx: PooledTransaction) => {
    if (tx.transaction.type !== 2) throw new Error('all are of type 2')
    const { maxFeePerGas: cap, maxPriorityFeePerGas: tip } = tx.transaction
    return { tip: tip < cap - BASE_FEE ? tip : cap - BASE_FEE, cap }
  }
  const [x, y] = [pay(a), pay(b)]
  return x.tip !== y.tip ? x.tip > y.tip : x.cap !== y.cap ? x.cap > y.cap : a.sequence < b.sequence
}

function randomPool(random: Random, gasLimit: bigint): Pool {
  const pool = new Pool()
  const blocks = Number(gasLimit / TRANSACTION_GAS)
  const senders = 1 + random.below(40)
  const style = random.below(4)
  const below = (gas: bigint) => (gas <= 0n ? 0n : BigInt(random.below(Number(gas))))
  for (let count = random.below(3 * blocks); count > 0; count--) {
    const data = new Uint8Array(random.below(12) === 0 ? BULK_BYTES + random.below(2_000) : random.below(3) * 40)
    const least = TRANSACTION_GAS + 4n * BigInt(data.length)
    const limits = [
      least,
      least + below(2n * TRANSACTION_GAS),
      least + below(gasLimit - least),
      // Near to what may be left at some point.
      gasLimit - TRANSACTION_GAS * BigInt(random.below(blocks)) - BigInt(random.below(3)),
    ]
    const drawn = limits[style === 0 ? 0 : style === 1 ? 1 : random.below(4)]!
    const limit = drawn < least ? least : drawn
    const uses = [least, limit, least + below(limit - least + 1n), least]
    pool.add(
      {
        from: random.below(senders),
        tip: BigInt(random.below(6)),
        cap: BASE_FEE + BigInt(random.below(8)),
        gasLimit: limit,
        data,
      },
      uses[random.below(4)]!,
    )
  }
  return pool
}

it('leaves out nobody whom the naive model would take, whatever limits say and transactions use', () => {
  let filled = 0
  let included = 0
  let close = 0
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed * 7_919)
    const gasLimit = TRANSACTION_GAS * BigInt(20 + random.below(60)) + BigInt(random.below(21_000))
    const pool = randomPool(random, gasLimit)
    const offered = pool.offered(gasLimit)
    expect(offered.length, `seed ${seed}`).toBeLessThanOrEqual(Number(gasLimit / TRANSACTION_GAS))
    const block = built(offered, gasLimit)
    close += explain(pool, block, gasLimit, `seed ${seed}`)
    included += block.length
    if (block.reduce((left, { use }) => left - use, gasLimit) < 2n * TRANSACTION_GAS) filled++
  }
  expect({ filled: filled > 100, included: included > 6_000, close: close < included / 20 }).toEqual({
    filled: true,
    included: true,
    close: true,
  })
})

/** The block as its attacker has it: what it uses, and who of the honest is in it. */
function attacked(pool: Pool, honest: readonly Case[], gasLimit = GAS_LIMIT) {
  const block = built(pool.offered(gasLimit), gasLimit)
  return {
    honest: honest.filter((one) => block.includes(one)).length,
    left: block.reduce((left, { use }) => left - use, gasLimit),
  }
}

const HONEST = 1_500
const transfers = (pool: Pool, count = HONEST) =>
  Array.from({ length: count }, (_, index) => pool.add({ from: 1_000 + index, tip: 1n }))

describe('honest transfers at the lowest tip fill the block behind', () => {
  it('200 transactions with the gas limit of a block that use 21 000', () => {
    const pool = new Pool()
    for (let index = 0; index < 200; index++) pool.add({ from: index, tip: 9n, gasLimit: GAS_LIMIT })
    expect(attacked(pool, transfers(pool))).toEqual({ honest: 1_427, left: 12_000n })
  })

  it('one that uses a third, and limits just over what it leaves', () => {
    const pool = new Pool()
    pool.add({ from: 0, tip: 100n, cap: 2n * BASE_FEE, gasLimit: 10_000_000n }, 10_000_000n)
    for (let index = 1; index < 900; index++) {
      pool.add({ from: index, tip: 50n, gasLimit: GAS_LIMIT - TRANSACTION_GAS * BigInt(index) })
    }
    const { left } = attacked(pool, transfers(pool))
    expect(left).toBeLessThan(2n * TRANSACTION_GAS)
  })

  it('one that does not fit, with all that cannot run before it', () => {
    const pool = new Pool()
    pool.add({ from: 0, tip: 100n, gasLimit: 50_000n }, 50_000n)
    pool.add({ from: 1, tip: 50n, gasLimit: GAS_LIMIT - 30_000n })
    for (let index = 0; index < 2_000; index++) pool.add({ from: 1, tip: 50n })
    const { honest, left } = attacked(pool, transfers(pool))
    expect(honest).toBeGreaterThan(1_400)
    expect(left).toBeLessThan(2n * TRANSACTION_GAS)
  })

  it('bulk that does not fit, and bulk that fits is in the block as well', () => {
    const pool = new Pool()
    pool.add({ from: 0, tip: 100n, gasLimit: 50_000n }, 50_000n)
    const data = new Uint8Array(20_000)
    for (let index = 1; index < 100; index++) {
      pool.add({ from: index, tip: 50n, gasLimit: GAS_LIMIT - 30_000n - BigInt(index), data })
    }
    // Its tip counts as 3, and it is older than the transfers.
    const fitting = pool.add({ from: 999, tip: 4n, gasLimit: 1_000_000n, data }, 221_000n)
    const honest = transfers(pool)
    expect(attacked(pool, [fitting]).honest).toBe(1)
    expect(attacked(pool, honest).left).toBeLessThan(2n * TRANSACTION_GAS)
  })
})

it('bytes are not offered for nothing unless gas was used for them', () => {
  const pool = new Pool()
  pool.add({ from: 0, tip: 100n, gasLimit: 6_000_000n }, 6_000_000n)
  const data = new Uint8Array(20_000)
  for (let index = 1; index < 300; index++) {
    pool.add({ from: index, tip: 50n, gasLimit: GAS_LIMIT - TRANSACTION_GAS * BigInt(index), data }, 221_000n)
  }
  const offered = pool.offered(GAS_LIMIT)
  const block = built(offered, GAS_LIMIT)
  const leftOut = offered.filter((one) => isBulk(one) && !block.includes(one))
  const gasOfData = leftOut.reduce((sum, { tx }) => sum + tx.leastGas, 0n)
  expect(leftOut.length).toBeGreaterThan(20)
  // And one more, of 221 000.
  expect(gasOfData).toBeLessThan(6_000_000n + 221_000n)
})

describe('bytes', () => {
  it('that are zeros count by the part of a block that they take', () => {
    const pool = new Pool()
    const zeros = new Uint8Array(100_000)
    const ones = new Uint8Array(100_000).fill(1)
    // 10 gas a byte where a block has 14.3 for each: at 1 021 000 of 1 431 000 gas the tip of 10 counts as 7.
    const cheap = pool.add({ from: 0, tip: 10n, gasLimit: 1_100_000n, data: zeros })
    const fair = pool.add({ from: 1, tip: 8n, gasLimit: 5_000_000n, data: ones })
    const plain = pool.add({ from: 2, tip: 9n })
    expect(pool.offered(GAS_LIMIT)).toEqual([plain, fair, cheap])
  })

  it('that may be used up end the turn of a sender, whose later nonces could not run', () => {
    const pool = new Pool()
    const data = new Uint8Array(300_000)
    for (let from = 0; from < 6; from++) pool.add({ from, tip: 100n, gasLimit: 3_100_000n, data })
    const [first, second] = [
      pool.add({ from: 0, tip: 99n }),
      pool.add({ from: 6, tip: 98n, gasLimit: 3_100_000n, data }),
    ]
    for (let index = 0; index < 2_000; index++) pool.add({ from: 6, tip: 97n })
    const honest = transfers(pool, 10)
    const offered = pool.offered(GAS_LIMIT)
    expect(offered.filter(({ from }) => from === 6)).toEqual([second])
    expect(offered).toContain(first)
    expect(offered.filter((one) => honest.includes(one))).toHaveLength(10)
  })
})
