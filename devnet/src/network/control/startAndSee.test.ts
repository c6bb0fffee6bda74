/** Starting a node that had ended: what is said is what became of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type NodeStanding, standing } from '../agreement.ts'
import type { ReadyNode } from '../readyFile.ts'
import type { Network } from '../runner.ts'
import { startAndSee } from './startAndSee.ts'

vi.mock('../agreement.ts', async (original) => ({ ...(await original<object>()), standing: vi.fn() }))
vi.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}))

const dataDir = mkdtempSync(join(tmpdir(), 'touchstone-start-'))
const recordFile = join(dataDir, 'divergence.json')
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => {
  vi.useRealTimers()
  rmSync(recordFile, { force: true })
})
afterAll(() => rmSync(dataDir, { recursive: true }))

const diverged = () =>
  writeFileSync(
    recordFile,
    JSON.stringify({
      kind: 'certified',
      block: '4',
      hash: '0xb4',
      engine: 'reference',
      reason: 'state root',
      fields: [],
      explanation: null,
    }),
  )

/** The node's state by milliseconds after its start, and what it answers then. */
async function started(
  before: ReadyNode['state'],
  after: (ms: number) => Partial<NodeStanding> & { state?: ReadyNode['state'] },
) {
  let began: number | null = null
  const now = () => after(performance.now() - began!)
  vi.mocked(standing).mockImplementation(async () => ({ height: 3, halted: null, ...now() }) as NodeStanding)
  const describe = () => ({
    nodes: [{ index: 1, dataDir, logFile: 'node.log', state: began === null ? before : (now().state ?? 'running') }],
  })
  const start = async () => {
    began = performance.now()
  }
  const outcome = startAndSee({ describe, start } as unknown as Network, 1).catch((error: Error) => error.message)
  let ended = false
  void outcome.finally(() => {
    ended = true
  })
  while (!ended) await vi.advanceTimersByTimeAsync(100)
  return { said: await outcome, ms: performance.now() - began! }
}

it('that a person had stopped is started at once', async () => {
  const { said, ms } = await started('stopped', () => ({}))
  expect(said).toBe('node 1 started')
  // One step of the clock of this test.
  expect(ms).toBeLessThanOrEqual(100)
})

it('that had ended by itself is started when it stays, and is not said to be when it ends again', async () => {
  expect((await started('ended', () => ({}))).said).toBe('node 1 started')
  const again = await started('ended', (ms) => (ms > 500 ? { state: 'ended' } : {}))
  expect(again.said).toBe('node 1 started and ended again by itself')
})

it('that diverged is watched until it has come to that block again', async () => {
  diverged()
  expect((await started('ended', (ms) => ({ height: ms > 900 ? 4 : 3 }))).said).toBe(
    'node 1 started; it had diverged at block 4, and executes it now as it was certified',
  )
  expect((await started('ended', (ms) => (ms > 900 ? { halted: 'failure' } : {}))).said).toContain(
    'makes something else of block 4 again: it ends',
  )
  expect((await started('stopped', (ms) => (ms > 900 ? { state: 'ended' } : {}))).said).toContain(
    'node 1 started and ended again: DIVERGENCE on node 1: block 4 (0xb4)',
  )
  expect((await started('ended', () => ({}))).said).toContain('which it has not come to yet')
})

/** A node that runs, and is told to start: what is said, and how its state was when it was started. */
async function startedWhileRunning(standings: (ms: number) => Partial<NodeStanding> & { state?: ReadyNode['state'] }) {
  const began = performance.now()
  const now = () => standings(performance.now() - began)
  vi.mocked(standing).mockImplementation(
    async () => ({ height: 4, halted: null, error: null, ...now() }) as NodeStanding,
  )
  let startedAs: ReadyNode['state'] | null = null
  const stateNow = () => (startedAs === null ? (now().state ?? 'running') : 'running')
  const describe = () => ({ nodes: [{ index: 1, dataDir, logFile: 'node.log', state: stateNow() }] })
  const start = async () => {
    startedAs = stateNow()
  }
  const outcome = startAndSee({ describe, start } as unknown as Network, 1)
  let ended = false
  void outcome.finally(() => {
    ended = true
  })
  while (!ended) await vi.advanceTimersByTimeAsync(100)
  return { said: await outcome, startedAs: startedAs as ReadyNode['state'] | null }
}

it('that is about to end is started when it has', async () => {
  const silent = await startedWhileRunning((ms) => (ms > 3_000 ? { state: 'ended' } : { error: 'not running' }))
  expect(silent).toEqual({ said: 'node 1 started', startedAs: 'ended' })
  const stopping = await startedWhileRunning((ms) => (ms > 3_000 ? { state: 'ended' } : { halted: 'failure' }))
  expect(stopping).toEqual({ said: 'node 1 started', startedAs: 'ended' })
})

it('that runs is not waited for, nor one for ever that says nothing', async () => {
  for (const running of [{}, { halted: 'fork' }]) {
    const began = performance.now()
    expect((await startedWhileRunning(() => running)).startedAs).toBe('running')
    expect(performance.now() - began).toBeLessThanOrEqual(100)
  }
  expect((await startedWhileRunning(() => ({ error: 'no answer within 5 s' }))).startedAs).toBe('running')
})
