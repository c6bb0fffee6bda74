import { seededRandom } from '@touchstone/vm/testing/random'
import { getAddress, type Hex } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT, buildExample } from './fixtures.ts'
import { account, TestChain, type TestContract } from './testChain.ts'

const MAX = 2n ** 256n - 1n
const LATER = 2n ** 64n - 1n
const [alice, bob] = [getAddress(account(0)), getAddress(account(1))]

let tokenArtifact: Artifact
let exchangeArtifact: Artifact
beforeAll(async () => {
  tokenArtifact = await buildExample('token')
  exchangeArtifact = await buildExample('exchange')
}, BUILD_TIMEOUT)

interface Market {
  readonly chain: TestChain
  readonly gold: TestContract
  readonly silver: TestContract
  readonly exchange: TestContract
}

/** Two tokens, an exchange, and two traders with tokens and allowances. */
function openMarket(): Market {
  const chain = new TestChain()
  const gold = chain.deploy(tokenArtifact, ['Gold', 'GLD', 10n ** 30n])
  const silver = chain.deploy(tokenArtifact, ['Silver', 'SLV', 10n ** 30n])
  const exchange = chain.deploy(exchangeArtifact, [gold.address, silver.address])
  for (const token of [gold, silver]) {
    token.send('transfer', [bob, 10n ** 29n])
    for (const from of [alice, bob]) token.send('approve', [exchange.address, MAX], { from })
  }
  return { chain, gold, silver, exchange }
}

function openPool(amount0 = 10n ** 20n, amount1 = 4n * 10n ** 20n): Market {
  const market = openMarket()
  market.exchange.send('addLiquidity', [amount0, amount1, 0n, 0n, LATER])
  return market
}

const reservesOf = (exchange: TestContract) => exchange.send<readonly [bigint, bigint]>('reserves')
const balanceOf = (token: TestContract, owner: Hex) => token.send<bigint>('balanceOf', [owner])

describe('liquidity', () => {
  it('starts with the geometric mean of the deposits, a little of it locked', () => {
    const { gold, exchange } = openMarket()
    const events = exchange.events('addLiquidity', [10n ** 20n, 4n * 10n ** 20n, 0n, 0n, LATER])
    const args = { provider: alice, amount0: 10n ** 20n, amount1: 4n * 10n ** 20n, shares: 2n * 10n ** 20n - 1000n }
    expect(events).toEqual([{ eventName: 'LiquidityAdded', args }])
    expect(reservesOf(exchange)).toEqual([10n ** 20n, 4n * 10n ** 20n])
    expect(exchange.send('totalShares')).toBe(2n * 10n ** 20n)
    expect(exchange.send('sharesOf', [alice])).toBe(2n * 10n ** 20n - 1000n)
    expect(balanceOf(gold, exchange.address)).toBe(10n ** 20n)
  })

  it('is added in proportion, taking no more of either token than fits', () => {
    const { exchange } = openPool()
    const added = exchange.send('addLiquidity', [10n ** 18n, 10n ** 20n, 0n, 0n, LATER], { from: bob })
    expect(added).toEqual([10n ** 18n, 4n * 10n ** 18n, 2n * 10n ** 18n])
    const other = exchange.send('addLiquidity', [10n ** 20n, 4n * 10n ** 18n, 0n, 0n, LATER], { from: bob })
    expect(other).toEqual([10n ** 18n, 4n * 10n ** 18n, 2n * 10n ** 18n])
  })

  it('comes back as the same part of both reserves', () => {
    const { gold, silver, exchange } = openPool()
    const before = [balanceOf(gold, alice), balanceOf(silver, alice)] as const
    expect(exchange.send('removeLiquidity', [10n ** 20n, 0n, 0n, LATER])).toEqual([5n * 10n ** 19n, 2n * 10n ** 20n])
    expect(balanceOf(gold, alice) - before[0]).toBe(5n * 10n ** 19n)
    expect(balanceOf(silver, alice) - before[1]).toBe(2n * 10n ** 20n)
  })

  it('is refused below the minimums, without shares, too small, or too late', () => {
    const { chain, gold, exchange } = openPool()
    const gone = getAddress(gold.address)
    expect(() => exchange.send('addLiquidity', [10n ** 18n, 10n ** 17n, 10n ** 18n, 0n, LATER])).toThrow(
      `InsufficientAmount(${gone}, 25000000000000000, 1000000000000000000)`,
    )
    expect(() => exchange.send('removeLiquidity', [1n, 0n, 0n, LATER], { from: bob })).toThrow(
      `InsufficientShares(${bob}, 0, 1)`,
    )
    expect(() => exchange.send('removeLiquidity', [10n ** 18n, MAX, 0n, LATER])).toThrow('InsufficientAmount')
    expect(() => exchange.send('removeLiquidity', [0n, 0n, 0n, LATER])).toThrow('ZeroAmount')
    expect(() => exchange.send('addLiquidity', [1n, 1n, 0n, 0n, chain.timestamp - 1n])).toThrow(
      `Expired(${chain.timestamp - 1n}, ${chain.timestamp})`,
    )
    expect(() => openMarket().exchange.send('addLiquidity', [1000n, 1000n, 0n, 0n, LATER])).toThrow('NoLiquidity')
  })
})

describe('swaps', () => {
  it('pay what the quote said, and move both tokens', () => {
    const { gold, silver, exchange } = openPool()
    const quote = exchange.send<bigint>('quote', [gold.address, 10n ** 18n])
    const effective = 10n ** 18n * 997n
    expect(quote).toBe((effective * 4n * 10n ** 20n) / (10n ** 20n * 1000n + effective))
    const before = [balanceOf(gold, bob), balanceOf(silver, bob)] as const
    const sent = exchange.trySend('swap', [gold.address, 10n ** 18n, quote, LATER], { from: bob })
    expect(sent.kind).toBe('success')
    // The exchange's own event and those of both tokens.
    expect(sent.logs.map((log) => log.address)).toEqual([exchange.address, gold.address, silver.address])
    expect(balanceOf(gold, bob)).toBe(before[0] - 10n ** 18n)
    expect(balanceOf(silver, bob)).toBe(before[1] + quote)
    expect(reservesOf(exchange)).toEqual([10n ** 20n + 10n ** 18n, 4n * 10n ** 20n - quote])
  })

  it('are refused below the minimum, for other tokens, for nothing, without a pool', () => {
    const { gold, exchange } = openPool()
    expect(() => exchange.send('swap', [gold.address, 10n ** 18n, 4n * 10n ** 18n, LATER])).toThrow(
      'InsufficientOutput',
    )
    expect(() => exchange.send('swap', [alice, 1n, 0n, LATER])).toThrow(`UnknownToken(${alice})`)
    expect(() => exchange.send('swap', [gold.address, 0n, 0n, LATER])).toThrow('ZeroAmount')
    expect(() => exchange.send('swap', [gold.address, 1n, 0n, 0n])).toThrow('Expired')
    const empty = openMarket()
    expect(() => empty.exchange.send('quote', [empty.gold.address, 1n])).toThrow('NoLiquidity')
  })

  it("pass on the token's own reason and undo everything when it refuses", () => {
    const { gold, exchange } = openPool()
    gold.send('approve', [exchange.address, 0n], { from: bob })
    const reserves = reservesOf(exchange)
    const sent = exchange.trySend('swap', [gold.address, 5n * 10n ** 18n, 0n, LATER], { from: bob })
    expect(sent.kind).toBe('revert')
    // ERC20InsufficientAllowance(address,uint256,uint256), which the exchange does not know.
    expect(sent.output.slice(0, 10)).toBe('0xfb8f41b2')
    expect(reservesOf(exchange)).toEqual(reserves)
  })

  it('never lower the product of the reserves, and the pool holds what it counts', () => {
    const { gold, silver, exchange } = openPool()
    const random = seededRandom(7)
    let model = { reserves: [10n ** 20n, 4n * 10n ** 20n] as [bigint, bigint], total: 2n * 10n ** 20n }
    const k = () => model.reserves[0] * model.reserves[1]
    for (let i = 0; i < 60; i++) {
      const from = random.pick([alice, bob])
      const action = random.below(4)
      const before = { k: k(), total: model.total }
      const [r0, r1] = model.reserves
      if (action === 0) {
        const desired = [1n + random.bigint(66), 1n + random.bigint(66)] as const
        const matching = (desired[0] * r1) / r0
        const amounts = matching <= desired[1] ? [desired[0], matching] : [(desired[1] * r0) / r1, desired[1]]
        const [a0, a1] = amounts as [bigint, bigint]
        const shares = [(a0 * model.total) / r0, (a1 * model.total) / r1].reduce((a, b) => (a < b ? a : b))
        const sent = exchange.trySend('addLiquidity', [...desired, 0n, 0n, LATER], { from })
        expect(sent.kind).toBe(shares === 0n ? 'revert' : 'success')
        if (shares > 0n) model = { reserves: [r0 + a0, r1 + a1], total: model.total + shares }
      } else if (action === 1) {
        const owned = exchange.send<bigint>('sharesOf', [from])
        const shares = owned / BigInt(2 + random.below(9))
        if (shares === 0n) continue
        const out = [(shares * r0) / model.total, (shares * r1) / model.total] as const
        expect(exchange.send('removeLiquidity', [shares, 0n, 0n, LATER], { from })).toEqual(out)
        model = { reserves: [r0 - out[0], r1 - out[1]], total: model.total - shares }
      } else {
        const amount = 1n + random.bigint(68)
        const zeroIn = action === 2
        const [x, y] = zeroIn ? [r0, r1] : [r1, r0]
        const paid = (amount * 997n * y) / (x * 1000n + amount * 997n)
        const token = zeroIn ? gold : silver
        const sent = exchange.trySend('swap', [token.address, amount, 0n, LATER], { from })
        expect(sent.kind).toBe(paid === 0n ? 'revert' : 'success')
        if (paid > 0n) {
          expect(BigInt(sent.output)).toBe(paid)
          model.reserves = zeroIn ? [r0 + amount, r1 - paid] : [r0 - paid, r1 + amount]
        }
        expect(k()).toBeGreaterThanOrEqual(before.k)
      }
      // Value of a share never falls: k / total^2 does not.
      expect(k() * before.total ** 2n).toBeGreaterThanOrEqual(before.k * model.total ** 2n)
      expect(reservesOf(exchange)).toEqual(model.reserves)
      expect(exchange.send('totalShares')).toBe(model.total)
    }
    expect([balanceOf(gold, exchange.address), balanceOf(silver, exchange.address)]).toEqual(model.reserves)
  })
})

describe('an exchange of nonsense', () => {
  it('is refused when made, or when used', () => {
    const chain = new TestChain()
    expect(() => chain.deploy(exchangeArtifact, [alice, alice])).toThrow(`IdenticalTokens(${alice})`)
    const empty = chain.deploy(exchangeArtifact, [alice, bob])
    const sent = empty.trySend('addLiquidity', [10n ** 18n, 10n ** 18n, 0n, 0n, LATER])
    // The "tokens" are accounts without code: no answer is no success.
    expect(sent.kind).toBe('revert')
  })
})
