/**
 * Options of a node's operator and answers of a machine change no result: nodes with `--trace` (CosmWasm's
 * CWA-2025-003) and contracts that read what only their node knew (CWA-2022-001, CWA-2024-006) have stopped chains.
 * The same blocks with contracts' output shown or not, on each engine, under a debugger and a profiler, and with every
 * source of time, randomness and surroundings throwing: equal roots, receipts and gas.
 */
import { Session } from 'node:inspector'
import { afterEach, expect, it, vi } from 'vitest'
import { toHex } from '../codec/hex.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { command, PUPPET_CODE } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { Block } from '../types/block.ts'
import { openChain } from './chain.ts'
import { receiptsAt } from './queries.ts'
import { accounts, certificateOf, genesis, request, sendersOf, transaction } from './testing/fixtures.ts'

const puppet = createAddress(accounts[0]!.address, 0n)
const call = (nonce: number, data: Uint8Array) =>
  transaction(0, nonce, { to: puppet, value: 0n, data, gasLimit: 4_000_000n })

const blocks = [
  [
    transaction(0, 0, { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }),
    transaction(1, 0),
  ],
  [
    call(1, command.sequence(command.store(1n, 42n), command.log([5n], Uint8Array.of(1)), command.print('hello'))),
    call(2, command.sequence(command.context(), command.account(puppet), command.gas())),
    call(3, command.call('call', puppet, command.trap(), { gas: 100_000n })),
    call(4, command.revert(Uint8Array.of(1, 2, 3))),
    call(5, command.trap()),
    call(6, command.recurse()),
    call(7, command.loop()),
    call(8, command.create(encodeInitCode(PUPPET_CODE, null), { salt: 7n })),
    transaction(2, 0),
  ],
  [
    call(
      9,
      command.sequence(
        command.grow(3),
        command.store(1n, 0n),
        command.print('x'.repeat(60_000)),
        command.print('y'.repeat(20_000)),
      ),
    ),
  ],
]

interface Ran {
  readonly hashes: readonly string[]
  readonly receipts: readonly unknown[]
}

type Options = Pick<Parameters<typeof openChain>[0], 'engine' | 'debug'>

/** `around` surrounds the execution of each block, and nothing else. */
async function run(options: Options, around: (work: () => Block) => Block = (work) => work()): Promise<Ran> {
  const chain = await openChain({ store: createMemoryStore(), genesis, ...options })
  const made: Block[] = []
  for (const transactions of blocks) {
    const wanted = request(chain.head, transactions)
    const block = around(() => chain.build(wanted).block)
    await chain.finalize(block, certificateOf(block), sendersOf(block, transactions))
    made.push(block)
  }
  return {
    hashes: made.map(({ hash }) => toHex(hash)),
    receipts: made.map(({ header }) =>
      receiptsAt(chain, { number: header.number })!.receipts.map(({ receipt }) => receipt),
    ),
  }
}

afterEach(() => void vi.restoreAllMocks())

const expected = await run({ engine: 'reference' })

it('runs what it should', () => {
  expect(expected.receipts.map((receipts) => (receipts as { status: number }[]).map(({ status }) => status))).toEqual([
    [1, 1],
    [1, 1, 1, 0, 0, 0, 0, 1, 1],
    [1],
  ])
})

it.each(['reference', 'compiled'] as const)('contracts’ output is shown or not (%s)', async (engine) => {
  const printed: string[] = []
  expect(await run({ engine, debug: (text) => printed.push(text) })).toEqual(expected)
  expect(printed[0]).toBe('hello')
  expect(await run({ engine })).toEqual(expected)
})

it.each(['reference', 'compiled'] as const)('a debugger and a profiler are attached (%s)', async (engine) => {
  const session = new Session()
  session.connect()
  try {
    for (const method of ['Debugger.enable', 'Profiler.enable', 'Profiler.start', 'HeapProfiler.enable'])
      session.post(method)
    expect(await run({ engine })).toEqual(expected)
  } finally {
    session.disconnect()
  }
})

it.each(['reference', 'compiled'] as const)('the machine answers nothing (%s)', async (engine) => {
  const refuse = (what: string) => () => {
    throw new Error(`execution asked for ${what}`)
  }
  const machine = (work: () => Block): Block => {
    vi.spyOn(Date, 'now').mockImplementation(refuse('the time'))
    vi.spyOn(performance, 'now').mockImplementation(refuse('the time'))
    vi.spyOn(process, 'hrtime').mockImplementation(refuse('the time') as never)
    vi.spyOn(Math, 'random').mockImplementation(refuse('randomness'))
    vi.spyOn(crypto, 'getRandomValues').mockImplementation(refuse('randomness'))
    vi.spyOn(process, 'memoryUsage').mockImplementation(refuse('memory') as never)
    vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(refuse('the locale') as never)
    vi.spyOn(String.prototype, 'localeCompare').mockImplementation(refuse('the locale'))
    vi.spyOn(Number.prototype, 'toLocaleString').mockImplementation(refuse('the locale'))
    try {
      return work()
    } finally {
      vi.restoreAllMocks()
    }
  }
  expect(await run({ engine }, machine)).toEqual(expected)
})
