/** `@touchstone/contracts/testing` as authors use it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createPublicClient, getContract, http, parseEther } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { typedArtifact } from '../src/builder/typedArtifact.ts'
import type { Artifact } from '../src/index.ts'
import { type CompiledContract, createTestChain, Reverted, type TestChain } from '../testing/index.ts'
import { DEV_KEYS } from '../testing/keys.ts'
import '../testing/matchers.ts'
import { build } from './sources.ts'
import { Counter as BuiltCounter } from './typedCounter.ts'

const SOURCE = `
@event class Counted { by: Indexed<Address>; total: U256 }
@error class TooMuch { wanted: U256; allowed: U256 }
@contract export class Counter {
  @view total: U256
  @view since: U256
  constructor(start: U256) { this.total = start; this.since = u256(block.timestamp) }
  @external add(n: U256): U256 {
    if (n > u256(100)) throw new TooMuch(n, u256(100))
    this.total += n
    print('added')
    emit(new Counted(msg.sender, this.total))
    return this.total
  }
  @payable pay(): void {}
  @external never(): void { require(false, 'not today') }
}`

let chain: TestChain
let Counter: CompiledContract<typeof BuiltCounter.abi>
let artifact: Artifact
beforeAll(async () => {
  artifact = (await build(SOURCE))['Counter']!
  Counter = { ...BuiltCounter, bytecode: artifact.bytecode }
  chain = await createTestChain()
})
afterAll(() => chain.close())

it('has the types of what the build writes, so that the compiler finds wrong names and arguments', () => {
  const [, ...lines] = readFileSync(new URL('typedCounter.ts', import.meta.url), 'utf8').split('\n')
  expect(typedArtifact({ ...artifact, bytecode: '0x' })).toBe(lines.join('\n'))
  // Never run: `npm run types` refuses each @ts-expect-error that has no error under it.
  const typed = async () => {
    const counter = await chain.deploy(Counter, [5n])
    const total: bigint = await counter.read.total()
    // @ts-expect-error there is no such function
    counter.send.subtract([3n])
    // @ts-expect-error it takes a number
    counter.send.add(['3'])
    // @ts-expect-error it only reads
    counter.send.total()
    // @ts-expect-error the constructor takes one argument
    chain.deploy(Counter)
    // @ts-expect-error the constructor takes a number
    chain.deploy(Counter, ['5'])
    const client = createPublicClient({ transport: http() })
    const viaViem = getContract({ abi: BuiltCounter.abi, address: counter.address, client })
    // @ts-expect-error there is no such function
    viaViem.read.totals()
    const since: bigint = await viaViem.read.since()
    return [total, since]
  }
  void typed
})

it('exports a class whose name no constant can have', () => {
  expect(typedArtifact({ ...artifact, contractName: 'eval' })).toMatch(/\nexport \{ artifact as eval \}\n$/)
})

it('has the accounts of the well-known mnemonic', () => {
  const derived = DEV_KEYS.map((_, addressIndex) =>
    mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex }),
  )
  expect(chain.accounts).toEqual(derived.map(({ address }) => address))
})

describe('a contract', () => {
  const deploy = () => chain.deploy(Counter, [5n])
  let counter: Awaited<ReturnType<typeof deploy>>
  beforeEach(async () => {
    counter = await deploy()
  })

  it('is read, simulated and sent to, and emits', async () => {
    const [alice, bob] = chain.accounts as [`0x${string}`, `0x${string}`]
    expect(await counter.simulate.add([3n])).toBe(8n)
    await expect(counter.simulate.add([101n])).rejects.toThrow('Counter.add: TooMuch(101, 100)')
    await expect(counter.send.add([3n], { from: bob })).toEmit('Counted', { by: bob, total: 8n })
    expect(await counter.read.total()).toBe(8n)
    expect(chain.printed.at(-1)).toBe('added')
    await expect(expect(counter.send.add([1n])).toEmit('Counted', { by: bob })).rejects.toThrow('expected the event')
    await expect(counter.send.add([1n])).not.toEmit('Counted', { by: bob })
    await expect(counter.send.add([1n])).toEmit('Counted', { by: alice.toLowerCase() })
  })

  it('refuses in its own words, with the values', async () => {
    await expect(counter.send.add([101n])).toRevertWith('TooMuch', [101n, 100n])
    await expect(expect(counter.send.add([101n])).toRevertWith('TooMuch', [1n, 100n])).rejects.toThrow(
      'expected a refusal with TooMuch(1, 100), got Counter.add: TooMuch(101, 100)',
    )
    await expect(expect(counter.send.add([1n])).toRevertWith('TooMuch')).rejects.toThrow('succeeded')
    await expect(counter.send.never()).toRevertWith('not today')
    await expect(counter.send.never()).rejects.toThrow(Reverted)
    await expect(chain.deploy(Counter, [2n], { value: 1n })).rejects.toThrow('the deployment of Counter: ')
  })

  it('takes value, and costs gas', async () => {
    const pays = () => counter.send.pay([], { value: parseEther('2') })
    await expect(pays).toChangeBalance(chain, counter.address, parseEther('2'))
    await expect(expect(pays).toChangeBalance(chain, counter.address, 1n)).rejects.toThrow('not 2000000000000000000')
    const { gasUsed } = await counter.send.pay()
    await expect(counter.send.pay()).toUseGas(gasUsed)
    await expect(expect(counter.send.pay()).toUseGas(gasUsed - 1n)).rejects.toThrow(`got ${gasUsed}`)
  })
})

it('reports the gas of what was sent, by contract and function', async () => {
  const other = await createTestChain()
  const counter = await other.deploy(Counter, [5n])
  const first = await counter.send.add([1n])
  const second = await counter.send.add([0n])
  await expect(counter.send.add([101n])).toRevertWith('TooMuch')
  await other.send(other.accounts[2]!, { value: 1n })
  await counter.send.pay()
  const shown = (gas: bigint) => Number(gas).toLocaleString('en')
  const [least, most] = [first.gasUsed, second.gasUsed].sort((a, b) => (a < b ? -1 : 1))
  const average = (least! + most!) / 2n
  expect(most).toBeGreaterThan(least!)
  expect(
    other
      .gasReport()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['function', 'times', 'least', 'average', 'most'],
    ['Counter (deployment)', '1', ...[counter.gasUsed, counter.gasUsed, counter.gasUsed].map(shown)],
    ['Counter.add', '2', ...[least!, average, most!].map(shown)],
    ['Counter.pay', '1', expect.anything(), expect.anything(), expect.anything()],
    [''],
  ])
  await other.close()
})

it('goes back to a snapshot, again and again', async () => {
  const counter = await chain.deploy(Counter, [5n])
  const back = await chain.snapshot()
  for (const n of [1n, 2n]) {
    await counter.send.add([n])
    expect(await counter.read.total()).toBe(5n + n)
    await back()
    expect(await counter.read.total()).toBe(5n)
  }
})

it('moves time, makes blocks, and sends for who has no key here', async () => {
  const before = await chain.time()
  await chain.increaseTime(3600)
  expect((await chain.time()) - before).toBeGreaterThanOrEqual(3600n)
  const height = await chain.client.getBlockNumber()
  await chain.mine(3)
  expect(await chain.client.getBlockNumber()).toBe(height + 3n)
  const stranger = '0x00000000000000000000000000000000000000aa'
  await chain.setBalance(stranger, parseEther('1'))
  await chain.impersonate(stranger, (from) => chain.send(chain.accounts[1]!, { from, value: 7n }))
  await expect(chain.send(chain.accounts[1]!, { from: stranger })).rejects.toThrow('does not sign for')
})

it('gives the reason of the node where it takes no transaction or call', async () => {
  const counter = await chain.deploy(Counter, [5n])
  const stranger = '0x00000000000000000000000000000000000000ab'
  const keyless = `unknown account: this node does not sign for ${stranger}`
  await expect(counter.send.add([1n], { from: stranger })).rejects.toThrow(`Counter.add: ${keyless}`)
  await expect(chain.deploy(Counter, [5n], { from: stranger })).rejects.toThrow(`deployment of Counter: ${keyless}`)
  const [alice] = chain.accounts
  await expect(chain.send(alice!, { value: parseEther('1000000') })).rejects.toThrow(
    `the transaction to ${alice}: insufficient funds`,
  )
  await expect(counter.send.add([1n], { gas: 1n })).rejects.toThrow(/^Counter\.add: intrinsic gas too low/)
})

it('says that it is closed, once it is', async () => {
  const other = await createTestChain({ url: '' })
  await other.close()
  const closed = /the chain is closed: ask before close\(\), or start another one/
  await expect(other.client.getBlockNumber()).rejects.toThrow(closed)
  await expect(other.send(other.accounts[1]!, { value: 1n })).rejects.toThrow(closed)
})

it('ends with its process when a test did not come to close it', () => {
  const { href } = new URL('../testing/index.ts', import.meta.url)
  const script = `
    const { createTestChain } = await import(${JSON.stringify(href)})
    const chain = await createTestChain()
    await chain.client.setIntervalMining({ interval: 1 })
    await chain.send(chain.accounts[1], { value: 1n })
    console.log('sent')`
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    ...{ encoding: 'utf8', timeout: 30_000 },
  })
  expect({ stdout, status }).toEqual({ stdout: 'sent\n', status: 0 })
})
