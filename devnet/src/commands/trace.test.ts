/** `devnet trace` and the lookups, on the chain of a node in this process, with the example contracts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { watToWasm } from '@touchstone/node/testing/modules'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkPaths } from '../network/paths.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { type Ran, runInProcess } from '../testing/runInProcess.ts'

const example = (name: string) => fileURLToPath(new URL(`../../../contracts/examples/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-trace-'))

/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

let rpc: InProcessRpc
/** Adds liquidity: the exchange calls both tokens. */
let added: string
const run = (...args: string[]): Promise<Ran> =>
  runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--color', 'never')

async function done(...args: string[]): Promise<string> {
  const { code, out, err } = await run(...args)
  if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  return out
}

async function json(...args: string[]) {
  return JSON.parse(await done(...args, '--json'))
}

beforeAll(async () => {
  rpc = await startInProcessRpc()
  await done('deploy', example('token'), 'Gold', 'GLD', '1000', '--name', 'Gold')
  await done('deploy', example('token'), 'Silver', 'SLV', '1_000_000', '--name', 'Silver')
  await done('deploy', example('exchange'), 'Gold', 'Silver', '--name', 'Exchange')
  for (const token of ['Gold', 'Silver']) await done('send', token, 'approve', 'Exchange', '1_000_000')
  added = (await json('send', 'Exchange', 'addLiquidity', '1000', '400_000', '0', '0', '9999999999')).hash
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

describe('devnet trace', () => {
  it('shows the tree of calls with arguments, events, results and gas', async () => {
    const lines = (await done('trace', added)).trimEnd().split('\n')
    const { gasUsed } = await json('receipt', added)
    const grouped = groupDigits(BigInt(gasUsed))
    const bare = lines.map((line) => line.replace(/0x[0-9a-fA-F]{40}/g, '0x…').replace(/\[[\d,]+\]/, '[gas]'))
    expect(lines[0]).toContain(`[${grouped}] Exchange.addLiquidity`)
    expect(bare).toEqual([
      '[gas] Exchange.addLiquidity(desired0: 1000, desired1: 400000, min0: 0, min1: 0, deadline: 9999999999)',
      '  ├─ event Exchange.LiquidityAdded(provider: @0 0x…, amount0: 1000, amount1: 400000, shares: 19000)',
      '  ├─ [gas] Gold.transferFrom(from: @0 0x…, to: Exchange 0x…, value: 1000)',
      '  │  ├─ event Gold.Transfer(from: @0 0x…, to: Exchange 0x…, value: 1000)',
      '  │  └─ ← true',
      '  ├─ [gas] Silver.transferFrom(from: @0 0x…, to: Exchange 0x…, value: 400000)',
      '  │  ├─ event Silver.Transfer(from: @0 0x…, to: Exchange 0x…, value: 400000)',
      '  │  └─ ← true',
      '  └─ ← amount0: 1000, amount1: 400000, shares: 19000',
      `gas used ${grouped}`,
    ])
  })

  it('shows host calls and changed slots when it is asked', async () => {
    const text = await done('trace', added, '--host-calls', '--storage')
    expect(text).toMatch(/│ {2}├─ storage_load_bytes32\(0x[0-9a-f]{64}\) → 0x0{61}3e8 {2}gas left [\d,]+/)
    expect(text).toMatch(/^storage of Exchange 0x/m)
    expect(text).toMatch(/^ {2}2: 0 → 1,000$/m)
    expect(text).toMatch(/^ {2}3: 0 → 400,000$/m)
    const { storage, steps } = await json('trace', added, '--host-calls', '--storage')
    const exchange = (await json('code', 'Exchange')).address
    const word = (n: number) => `0x${n.toString(16).padStart(64, '0')}`
    expect(storage).toContainEqual({ address: exchange, slot: word(2), before: word(0), after: word(1000) })
    expect(steps.some((step: { kind: string }) => step.kind === 'host')).toBe(true)
    expect((await json('trace', added)).steps.map((step: { kind: string }) => step.kind)).toEqual([
      'event',
      'call',
      'call',
    ])
  })

  it('shows a call that would fail, where it fails, and changes nothing', async () => {
    const text = await done('trace', 'Exchange', 'swap', 'Gold', '7', '0', '9999999999', '--from', '1')
    expect(text).toMatch(
      /│ {2}└─ failed: ERC20InsufficientAllowance\(spender: Exchange 0x.*, allowance: 0, needed: 7\)/,
    )
    expect(text).toMatch(/^ {2}└─ failed: ERC20InsufficientAllowance\(.*, needed: 7\)/m)
    expect(await json('call', 'Gold', 'balanceOf', 'Exchange')).toBe('1000')
    const { failure, function: name, args, from } = await json('trace', 'Gold', 'transfer', '@1', '5', '--from', '2')
    expect(from).toBe((await json('accounts'))[2].address)
    expect([name, args.value, failure]).toEqual(['transfer', '5', expect.stringContaining('ERC20InsufficientBalance')])
  })

  it('shows a deployment', async () => {
    const { transactions } = await json('block', '1')
    expect(await done('trace', transactions[0].hash)).toMatch(
      /^\[[\d,]+\] new contract Gold 0x\w+ \([\d,]+ bytes\)\n[\s\S]*└─ ← [\d,]+ bytes of code$/m,
    )
  })

  it.each([
    [[`0x${'ab'.repeat(32)}`], 1, 'knows no transaction 0xabab'],
    [['Gold'], 2, 'is no hash of a transaction, and no function is named'],
    [['Gold', 'trnsfer'], 2, 'Gold has no function "trnsfer"'],
    [['Nobody', 'f'], 2, 'Nobody'],
  ])('of %j is refused', async (args, code, words) => {
    const ran = await run('trace', ...args)
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)])
    expect(ran.out).toBe('')
  })

  it.each([[['--value', '1']], [['--block', '2']], [['--abi', 'Gold.json']]])(
    'refuses %j, of a call, with a hash',
    async (options) => {
      const { code, err } = await run('trace', added, ...options)
      expect([code, err]).toEqual([2, expect.stringContaining(`${options[0]} is for a call`)])
    },
  )

  it('refuses words behind a hash', async () => {
    const { code, err } = await run('trace', added, 'swap')
    expect([code, err]).toEqual([2, expect.stringContaining('leave out what stands behind its hash')])
  })
})

describe('lookups', () => {
  it('tx and block name whom and what', async () => {
    expect(await done('tx', added)).toMatch(
      /^transaction {2}0x\w{64}\nblock {8}6, at position 0\nfrom {9}@0 0x\w+\nto {11}Exchange 0x\w+\nvalue {8}0 wei \(0 ether\)\nnonce {8}5\ngas {10}at most .*\ncall {9}addLiquidity\(desired0: 1000, /,
    )
    const text = await done('block')
    expect(text).toMatch(/^block {8}6\nhash {9}0x\w{64}\n/)
    expect(text).toMatch(/^transactions 1\n {2}0x\w{64} {2}@0 0x\w+ → Exchange 0x\w+, addLiquidity$/m)
    const { hash } = await json('block', '6')
    expect((await json('block', hash)).number).toBe('6')
    expect(await run('block', '99')).toMatchObject({ code: 1, err: expect.stringContaining('has no block 99') })
    expect(await run('tx', `0x${'0'.repeat(64)}`)).toMatchObject({ code: 1 })
  })

  it('balance, storage and code read what is there, also as it was', async () => {
    expect(await json('balance', '@1', 'Gold')).toEqual([
      { address: expect.stringMatching(/^0x/), wei: `${10n ** 22n}` },
      { address: expect.stringMatching(/^0x/), wei: '0' },
    ])
    expect(await done('balance', '@1')).toMatch(/^@1 0x\w+ {2}10,000,000,000,000,000,000,000 wei \(10000 ether\)$/m)
    expect(await done('storage', 'Exchange', '2', '0x3')).toBe(
      `2: 0x${(1000).toString(16).padStart(64, '0')}\n3: 0x${(400_000).toString(16).padStart(64, '0')}\n`,
    )
    expect(await done('storage', 'Exchange', '2', '--block', '5')).toBe(`2: 0x${'0'.repeat(64)}\n`)
    expect(await done('code', 'Gold')).toMatch(/^0xeff00000[0-9a-f]+\n$/)
    expect(await json('code', 'Gold', '--block', '0')).toMatchObject({ size: 0, code: '0x' })
  })

  it('events reads them by the ABIs that are known', async () => {
    expect((await done('events')).split('\n')).toHaveLength(10)
    expect(await done('events', 'Exchange')).toMatch(
      /^6 {2}Exchange\.LiquidityAdded\(provider: @0 0x\w+, amount0: 1000, /,
    )
    const events = await json('events', 'Gold', 'Transfer', '--from-block', '2')
    expect(events).toEqual([expect.objectContaining({ event: 'Transfer', blockNumber: '6', transactionHash: added })])
    expect(await run('events', 'Gold', 'Transfr')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean Transfer?'),
    })
    expect(await run('events', '@1')).toMatchObject({ code: 0, out: '', err: 'no event\n' })
  })
})

describe('events of one name with other parameters', () => {
  const book = networkPaths(folder).deployments
  let before: string
  beforeAll(() => {
    before = readFileSync(book, 'utf8')
    const overload = { type: 'event', name: 'LiquidityAdded', anonymous: false, inputs: [] }
    const deployments = JSON.parse(before) as { name: string; abi: object[] }[]
    deployments.find(({ name }) => name === 'Exchange')!.abi.unshift(overload)
    writeFileSync(book, JSON.stringify(deployments))
  })
  afterAll(() => writeFileSync(book, before))

  it('are all found', async () => {
    expect(await json('events', 'Exchange', 'LiquidityAdded')).toEqual([
      expect.objectContaining({ event: 'LiquidityAdded', args: expect.objectContaining({ amount0: '1000' }) }),
    ])
  })
})

describe('a signature on the command line', () => {
  it('calls and sends where no ABI is known', async () => {
    const { address } = await json('code', 'Gold')
    const bare = join(folder, 'elsewhere')
    const elsewhere = (...args: string[]) => runInProcess(...args, '--rpc', rpc.url, '--data', bare, '--color', 'never')
    expect(await elsewhere('call', address, 'name()(string)')).toMatchObject({ code: 0, out: '"Gold"\n' })
    expect(await elsewhere('call', address, 'decimals()')).toMatchObject({
      code: 0,
      out: `0x${'12'.padStart(64, '0')}\n`,
    })
    expect(await elsewhere('call', address, 'balanceOf(address)(uint)', '@1')).toMatchObject({ code: 0, out: '0\n' })
    expect(await elsewhere('send', address, 'transfer(address,uint256)', '@1', '0')).toMatchObject({ code: 0 })
    expect(await elsewhere('call', address, 'name()(strin)')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is no signature'),
    })
    expect(await elsewhere('call', address, 'name')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not known'),
    })
  })

  it('of a contract that is known need not be whole', async () => {
    expect(await done('call', 'Gold', 'totalSupply()(bytes32)')).toBe(`0x${(1000).toString(16).padStart(64, '0')}\n`)
    expect(await done('call', 'Gold', 'totalSupply()')).toBe('1000\n')
  })
})

it('trace shows what a contract prints, harmless on a terminal', async () => {
  const wasm = watToWasm(`(module (import "console" "log_txt" (func $print (param i32 i32)))
    (memory (export "memory") 1 1) (data (i32.const 0) "\\1b[31mred")
    (func (export "user_entrypoint") (param i32) (result i32)
      (call $print (i32.const 0) (i32.const 8)) (i32.const 0)))`)
  writeFileSync(join(folder, 'loud.wasm'), wasm)
  writeFileSync(join(folder, 'loud.json'), JSON.stringify([{ type: 'function', name: 'f', inputs: [], outputs: [] }]))
  await done('deploy', join(folder, 'loud.wasm'), '--abi', join(folder, 'loud.json'), '--name', 'Loud')
  expect(await done('trace', 'Loud', 'f')).toMatch(/^ {2}├─ print "\\u001b\[31mred"$/m)
  expect((await json('trace', 'Loud', 'f')).steps).toEqual([{ kind: 'print', text: '\u001b[31mred' }])
})
