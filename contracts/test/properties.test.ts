/** `@touchstone/contracts/testing/properties` as authors use it. */
import * as fc from 'fast-check'
import { type Abi, decodeAbiParameters, encodeAbiParameters, parseAbiParameters } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestChain, type TestChain, type TestContract } from '../testing/index.ts'
import { arbitraryOf, argumentsOf, checkInvariants, checkProperty, Falsified } from '../testing/properties.ts'
import { build } from './sources.ts'
import { Counter } from './typedCounter.ts'

/** A transfer to oneself mints: both balances are read before either is written. */
const SOURCE = `
@contract export class Token {
  @view totalSupply: U256
  @view balanceOf: Mapping<Address, U256>
  constructor(supply: U256) { this.totalSupply = supply; this.balanceOf.set(msg.sender, supply) }
  @external transfer(to: Address, value: U256): bool {
    const mine = this.balanceOf.get(msg.sender)
    const theirs = this.balanceOf.get(to)
    require(mine >= value, 'too little')
    this.balanceOf.set(msg.sender, mine - value)
    this.balanceOf.set(to, theirs + value)
    return true
  }
  @payable buy(): void {
    this.totalSupply += msg.value
    this.balanceOf.set(msg.sender, this.balanceOf.get(msg.sender) + msg.value)
  }
  @external never(): void { require(false, 'not today') }
}`

let chain: TestChain
let token: TestContract
beforeAll(async () => {
  chain = await createTestChain()
  const built = (await build(SOURCE))['Token']!
  token = await chain.deploy({ ...built, abi: built.abi as unknown as Abi }, [1000n])
})
afterAll(() => chain.close())

const supply = async () => (await token.read['totalSupply']!([])) as bigint
const balances = async () => {
  const all = await Promise.all(chain.accounts.map((each) => token.read['balanceOf']!([each]) as Promise<bigint>))
  return all.reduce((sum, each) => sum + each, 0n)
}
const falsified = async (task: Promise<unknown>): Promise<Falsified> => {
  const error = await task.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Falsified) return error
  throw new Error(`it was not falsified: ${error}`)
}

it('makes values of every type that viem encodes, and the ends of numbers often', () => {
  const types = 'uint8, int8, uint48, int56, uint256, int256, bool, address, bytes1, bytes32, bytes, string'
  const nested = '(uint256 a, (bool, string[2])[] b) pair, uint16[], address[2][]'
  for (const parameter of parseAbiParameters(`${types}, ${nested}`)) {
    for (const value of fc.sample(arbitraryOf(parameter), { numRuns: 100, seed: 1 })) {
      const encoded = encodeAbiParameters([parameter], [value as never])
      expect(decodeAbiParameters([parameter], encoded)).toEqual([value])
    }
  }
  const numbers: readonly bigint[] = fc.sample(arbitraryOf('int128'), { numRuns: 300, seed: 1 })
  for (const edge of [0n, 1n, 2n ** 127n - 1n, -(2n ** 127n)]) expect(numbers).toContain(edge)
  const addresses = fc.sample(arbitraryOf('address', chain.accounts), { numRuns: 200, seed: 1 })
  for (const each of chain.accounts) expect(addresses).toContain(each)
  expect(() => arbitraryOf('uint7')).toThrow('"uint7" is not a type that values can be made of')
  expect(() => arbitraryOf('tuple')).toThrow('with its components')
})

it('has the arguments of a function, typed', () => {
  const added: readonly (readonly [bigint])[] = fc.sample(argumentsOf(Counter, 'add'), { numRuns: 3, seed: 1 })
  expect(added.map(([n]) => typeof n)).toEqual(['bigint', 'bigint', 'bigint'])
  // @ts-expect-error there is no such function
  expect(() => argumentsOf(Counter, 'subtract')).toThrow('no function subtract; it has: ')
})

it('runs a property on the same state each time, and finds the simplest values that break it', async () => {
  const report = chain.gasReport()
  let runs = 0
  const transfer = (options: object) =>
    checkProperty(
      chain,
      [arbitraryOf('uint8')],
      async (value) => {
        runs++
        expect(await token.read['balanceOf']!([chain.accounts[1]!])).toBe(0n)
        await token.send['transfer']!([chain.accounts[1]!, BigInt(value)])
        expect(value).toBeLessThan(40)
      },
      options,
    )
  const found = await falsified(transfer({ seed: 5 }))
  expect(found.message).toMatch(/^the property does not hold for\n {2}40\nbecause: expected 40 to be less than 40/)
  expect(found.message).toContain(`repeat it with { seed: 5, path: '${found.path}' }`)
  runs = 0
  expect((await falsified(transfer({ seed: 5, path: found.path }))).message).toBe(found.message)
  expect(runs).toBe(1)
  expect(chain.gasReport()).toBe(report)
  expect(await supply()).toBe(await balances())
  await expect(transfer({ path: '1' })).rejects.toThrow('path needs the seed')
  await expect(transfer({ seed: 1, path: 'x' })).rejects.toThrow(
    "path is what a failure printed, as in '0:1:3', not 'x'",
  )
  await expect(transfer({ runs: 0 })).rejects.toThrow('runs is a whole number')
})

it('finds the shortest sequence that breaks an invariant, and tells it call by call', async () => {
  const search = (options: object) =>
    checkInvariants(
      chain,
      token,
      { 'the supply is all balances': async () => expect(await balances()).toBe(await supply()) },
      { value: 5n, addresses: chain.accounts.slice(0, 3), ...options },
    )
  const found = await falsified(search({ seed: 7 }))
  const [heading, ...lines] = found.message.split('\n')
  expect(heading).toMatch(/^the invariant "the supply is all balances" does not hold after (this call|these 2 calls):$/)
  const call = lines.findLast((line) => /^ {2}\d\. /.test(line))
  expect(call).toMatch(/^ {2}[12]\. account (\d): Token\.transfer\(to: account \1, value: \d+\) -> true$/)
  expect(lines.filter((line) => /^ {2}\d\. /.test(line)).length).toBeLessThanOrEqual(2)
  // It mints: the balances are more than the supply, never less.
  const [, left, right] = /because: expected (\d+)n to be (\d+)n/.exec(found.message)!
  expect(BigInt(left!)).toBeGreaterThan(BigInt(right!))
  expect((await falsified(search({ seed: 7, path: found.path }))).message).toBe(found.message)
  expect(await balances()).toBe(1000n)
})

it('says what was called, and what reverts where that is a failure', async () => {
  const holds = { 'the supply stays': async () => (await supply()) >= 1000n }
  const report = await checkInvariants(chain, token, holds, { runs: 4, length: 6, seed: 1 })
  expect(Object.keys(report).sort()).toEqual(['Token.buy', 'Token.never', 'Token.transfer'])
  expect(report['Token.buy']!.succeeded).toBeGreaterThan(0)
  expect(report['Token.never']).toEqual({ succeeded: 0, reverted: expect.any(Number) })
  const never = { functions: ['never'], runs: 2, seed: 1 }
  await expect(checkInvariants(chain, token, holds, never)).rejects.toThrow(/^all \d+ calls reverted/)
  const strict = await falsified(checkInvariants(chain, token, holds, { ...never, failOnRevert: true }))
  expect(strict.message).toMatch(/^a call reverts after this call:\n {2}1\. account 0: Token\.never\(\) -> .*not today/)
  const wrong = checkInvariants(chain, token, { 'there is no token': async () => false })
  await expect(wrong).rejects.toThrow(
    'the invariant "there is no token" does not hold before any call\nbecause: it gave false',
  )
  await expect(checkInvariants(chain, token, {})).rejects.toThrow('nothing could fail')
  const unknown = checkInvariants(chain, token, holds, { functions: ['mint'] })
  await expect(unknown).rejects.toThrow('no function mint changes the state; there are: buy, never, transfer')
})

it('tells the calls of a contract that returns what its ABI does not say', async () => {
  const abi = token.abi.map((item) =>
    item.type === 'function' && item.name === 'transfer' ? { ...item, outputs: [{ name: '', type: 'string' }] } : item,
  )
  const callers = [chain.accounts[0]!]
  const mints = { callers, addresses: callers, functions: ['transfer'], seed: 7 }
  const same = { 'the supply is the sum of the balances': async () => (await supply()) === (await balances()) }
  const found = await falsified(checkInvariants(chain, { ...token, abi }, same, mints))
  const word = `0x${'1'.padStart(64, '0')}`
  expect(found.message).toContain(`transfer(to: account 0, value: 1) -> ${word}, which is no string\n`)
})

it('takes an invariant that throws at once as one that is late, and leaves sequences out by fc.pre', async () => {
  let checks = 0
  const atOnce = () => {
    if (++checks > 2) throw new Error('at once')
    return Promise.resolve()
  }
  const found = await falsified(checkInvariants(chain, token, { calm: atOnce }, { functions: ['buy'], seed: 1 }))
  expect(found.message).toMatch(/^the invariant "calm" does not hold after [\s\S]*\nbecause: at once\n/)
  checks = 0
  const never = async () => fc.pre(++checks <= 1)
  const left = checkInvariants(chain, token, { never }, { functions: ['buy'], runs: 1, length: 1, seed: 1 })
  await expect(left).rejects.toThrow('values were left out by fc.pre')
})

it('stops when the signal says so, and the chain is where it was', async () => {
  const ended = new AbortController()
  let tries = 0
  const endless = checkProperty(
    chain,
    [arbitraryOf('uint8')],
    async (_value) => {
      await token.send['buy']!([], { value: 1n })
      if (++tries === 3) ended.abort(new Error('no time left'))
    },
    { runs: 10_000, signal: ended.signal },
  )
  await expect(endless).rejects.toThrow('no time left')
  expect([tries, await supply()]).toEqual([3, 1000n])
  await expect(
    checkInvariants(chain, token, { 'there is one': async () => true }, { signal: ended.signal }),
  ).rejects.toThrow('no time left')
})
