/** Call workers as threads beside a real chain: what slow calls hold up, and what they do not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test, vi } from 'vitest'
import { loggerTo } from '../../../../testing/logger.ts'
import { manualClock } from '../../../../testing/manualClock.ts'
import { toHex } from '../../../codec/hex.ts'
import type { CallOutcome } from '../../../execution/call.ts'
import { createAddress } from '../../../execution/contractAddress.ts'
import { ENGINE_NAMES, type EngineName } from '../../../execution/executionConfig.ts'
import { encodeInitCode } from '../../../execution/initCode.ts'
import { command, PUPPET_CODE, word } from '../../../execution/testing/puppet.ts'
import { type Clock, systemClock } from '../../../runtime/clock.ts'
import type { ChainService } from '../../chainService.ts'
import { genesisCandidate } from '../../genesisBlock.ts'
import { accounts, appendBlock, genesis, stranger, transaction } from '../../testing/fixtures.ts'
import { type CallOptions, startChainWorker } from '../client.ts'
import { CallPool } from './callPool.ts'
import { portOf } from './startCallWorker.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-calls-'))
const open: { close(): Promise<void> }[] = []
afterAll(async () => {
  for (const one of open) await one.close()
  rmSync(root, { recursive: true, force: true })
})

const failures: string[] = []
/** The texts that contracts have printed. */
const printed: string[] = []
const logger = loggerTo(({ level, message, fields }) => {
  if (level === 'info') printed.push(message)
  if (level === 'error') failures.push((fields as { error: string }).error)
})

async function startChain(
  name: string,
  calls: CallOptions,
  clock: Clock = systemClock,
  engine: EngineName = 'reference',
): Promise<ChainService> {
  const chain = await startChainWorker({
    genesis,
    dataDir: join(root, name),
    engine,
    logger,
    onFatal: (error) => failures.push(`fatal: ${error.message}`),
    contractOutput: true,
    calls,
    clock,
  })
  open.push(chain)
  return chain
}

const puppet = createAddress(accounts[0]!.address, 0n)
const deployment = transaction(0, 0, {
  to: null,
  value: 0n,
  data: encodeInitCode(PUPPET_CODE, null),
  gasLimit: 10_000_000n,
})
const outputOf = (outcome: CallOutcome): bigint =>
  outcome.kind === 'success' ? outcome.output.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) : -1n

test.each(ENGINE_NAMES)(
  '%s: calls that never end hold up no block; the deadline ends them, and the next one runs',
  async (engine) => {
    const clock = manualClock()
    printed.length = 0
    // More gas than any engine spends in a week: nothing but the deadline ends these.
    const gas = 10n ** 15n
    const chain = await startChain(`slow-${engine}`, { timeout: 5_000, gasCap: gas }, clock, engine)
    const order: string[] = []
    const code = [{ address: stranger, code: PUPPET_CODE }]
    const slow = ['first', 'second'].map((name) => {
      const data = command.sequence(command.print(name), command.loop())
      return chain.call({ group: 'pages', name }, { to: stranger, data, gas }, 'latest', code).then(
        () => order.push('a call ended by itself'),
        (error) => order.push(error.message),
      )
    })
    await vi.waitFor(() => expect(printed).toEqual(['first']), 30_000)
    for (let nonce = 0; nonce < 5; nonce++) {
      // A proposer's question to the execution worker, and a commit's; votes wait for that worker and nothing else.
      await appendBlock(chain, [transaction(0, nonce)])
      order.push(`block ${chain.head().header.number}`)
    }
    expect((await chain.account(stranger, 'latest'))?.balance).toBe(5n)
    clock.jump(5_000)
    await slow[0]
    await vi.waitFor(() => expect(printed).toEqual(['first', 'second']), 30_000)
    clock.jump(5_000)
    await slow[1]
    const aborted = expect.stringMatching(/^execution aborted \(timeout = 5000 ms\): .*\(callTimeout\)/)
    expect(order).toEqual(['block 1', 'block 2', 'block 3', 'block 4', 'block 5', aborted, aborted])
    expect(
      await chain.estimateGas(null, { to: stranger, value: 1n, from: accounts[0]!.address }, 'latest', []),
    ).toEqual({
      kind: 'success',
      gas: 21_000n,
    })
    expect(failures).toEqual([])
  },
  60_000,
)

test('nothing that a call does, or is given, is there for the next', async () => {
  const chain = await startChain('undone', {})
  await appendBlock(chain, [deployment])
  const call = (data: Uint8Array, overrides: Parameters<ChainService['call']>[3] = []) =>
    chain.call(null, { to: puppet, data }, 'latest', overrides)
  const created = createAddress(puppet, 1n)
  const seen = async () => {
    const outcomes = [
      await call(command.load(1n)),
      await call(command.account(created)),
      await call(command.account(puppet)),
    ]
    return outcomes.map((outcome) => (outcome.kind === 'success' ? toHex(outcome.output) : outcome.message))
  }
  const before = await seen()
  const store = command.store(1n, 7n)
  const create = command.create(encodeInitCode(PUPPET_CODE, null))
  const steps: [Uint8Array, Parameters<ChainService['call']>[3]?][] = [
    [command.sequence(store, create, command.transient(1n, 2n))],
    [command.sequence(store, command.revert(new Uint8Array(0)))],
    [command.sequence(store, create, command.trap())],
    [command.load(1n), [{ address: puppet, balance: 5n, stateDiff: [[word(1n), word(9n)]] }]],
    [command.load(1n), [{ address: puppet, state: [[word(1n), word(9n)]] }]],
    [command.load(1n), [{ address: created, nonce: 3n, code: PUPPET_CODE }]],
  ]
  for (const [data, overrides] of steps) {
    await call(data, overrides)
    await chain.estimateGas(null, { to: puppet, data }, 'latest', overrides ?? [])
    expect(await seen()).toEqual(before)
  }
  // A price of gas that the sender has: it pays in the call alone.
  const paid = { to: puppet, data: command.account(accounts[0]!.address), from: accounts[0]!.address }
  const [first, second] = [0, 1].map(() => chain.call(null, { ...paid, gasPrice: 10n ** 10n }, 'latest', []))
  expect(await first).toEqual(await second)
}, 60_000)

test('calls read the block they name, also while blocks follow each other', async () => {
  const chain = await startChain('heads', { workers: 2 })
  await appendBlock(chain, [deployment])
  const call = (data: Uint8Array, at: Parameters<ChainService['call']>[2]) =>
    chain.call(null, { to: puppet, data }, at, [])
  const checks: Promise<void>[] = []
  for (let value = 1n; value <= 8n; value++) {
    // Two slots that are equal after every block.
    const both = command.sequence(command.store(1n, value), command.store(2n, value))
    await appendBlock(chain, [
      transaction(0, Number(value), { to: puppet, value: 0n, data: both, gasLimit: 1_000_000n }),
    ])
    const { number } = chain.head().header
    for (const at of ['latest', { number }, { number: number - 1n }] as const) {
      const expected = typeof at === 'object' && at.number < number ? value - 1n : value
      for (const slot of [1n, 2n]) {
        checks.push(call(command.load(slot), at).then((outcome) => expect(outputOf(outcome)).toBe(expected)))
      }
    }
    await expect(call(command.load(1n), { number: number + 1n })).rejects.toMatchObject({ code: 'unknown-block' })
  }
  await Promise.all(checks)
}, 60_000)

test('a thread that runs out of memory or stack, or leaves, takes one call along and is replaced', async () => {
  const reported: string[] = []
  let threads = 0
  const pool = new CallPool({
    workers: 1,
    timeout: 60_000,
    clock: systemClock,
    logger: loggerTo(({ level, fields }) => {
      if (level === 'error') reported.push((fields as { error: string }).error)
    }),
    onDebug() {},
    startWorker() {
      threads++
      const url = new URL('../../testing/crashingCallWorker.ts', import.meta.url)
      return portOf(new Worker(url, { resourceLimits: { maxOldGenerationSizeMb: 16, stackSizeMb: 1 } }))
    },
  })
  open.push(pool)
  const { block } = genesisCandidate(genesis)
  const head = { header: block.header, hash: block.hash }
  const ask = (gas: bigint) =>
    pool.run({ method: 'call', head, args: [{ gas }, 'latest', []] }, { group: '', name: '' })
  for (const [gas, words] of [
    [1n, /memory limit/],
    [2n, /Maximum call stack/],
    [3n, /exit code 7/],
  ] as const) {
    await expect(ask(gas)).rejects.toMatchObject({ code: 'call-aborted', message: expect.stringMatching(words) })
  }
  expect(threads).toBe(3)
  expect(reported.length).toBe(3)
}, 60_000)

test('the gas cap is the one the node was given; its directory lets threads of its own in, and nobody else', async () => {
  const directory = join(root, 'capped')
  const chain = await startChain('capped', { gasCap: 100_000n })
  const code = [{ address: stranger, code: PUPPET_CODE }]
  const outcome = await chain.call(null, { to: stranger, data: command.loop(), gas: 10n ** 9n }, 'latest', code)
  expect(outcome).toMatchObject({ kind: 'failure', gasUsed: 100_000n })
  expect(outcome.kind === 'failure' && outcome.message).toContain('(callGasCap)')
  const estimate = await chain.estimateGas(null, { to: stranger, data: command.loop() }, 'latest', code)
  expect(estimate).toMatchObject({ kind: 'failure', gasUsed: 100_000n })

  const again = { genesis, dataDir: directory, engine: 'reference', logger, onFatal() {} } as const
  await expect(startChainWorker(again)).rejects.toMatchObject({ name: 'StoreError', code: 'locked' })
  await chain.close()
  const other = await startChainWorker(again)
  await other.close()
}, 60_000)
