/** `devnet status` on networks of which some nodes do not answer, on a simulated clock. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DivergenceRecord } from '@touchstone/node/divergence'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask } from '../network/nodeRpc.ts'
import { networkPaths } from '../network/paths.ts'
import type { ReadyNode } from '../network/readyFile.ts'
import { STANDSTILL_MS } from '../network/standstill.ts'
import { type Ran, runInProcess } from '../testing/runInProcess.ts'

vi.mock('../network/nodeRpc.ts', async (original) => ({ ...(await original<object>()), ask: vi.fn() }))
// Which the simulated clock does not reach.
vi.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}))

const data = mkdtempSync(join(tmpdir(), 'touchstone-status-'))
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())
afterAll(() => rmSync(data, { recursive: true }))

type Answer = object | 'refuses' | 'silent'

interface Scene {
  /** Told the milliseconds since the command began: whether a block comes is asked at each look. */
  readonly height?: (milliseconds: number) => number
  readonly partition?: readonly (readonly number[])[]
  /** By node. */
  readonly divergences?: Readonly<Record<number, DivergenceRecord>>
}

/** Sets the stage: nodes that answer like this. */
function stage(states: readonly ReadyNode['state'][], answers: readonly Answer[], scene: Scene = {}): void {
  const { height = () => 7, partition = null, divergences = {} } = scene
  const nodes = states.map((state, at) => {
    const dataDir = networkPaths(data).node(at + 1).root
    const divergence = divergences[at + 1]
    rmSync(dataDir, { recursive: true, force: true })
    mkdirSync(dataDir)
    if (divergence !== undefined) writeFileSync(join(dataDir, 'divergence.json'), JSON.stringify(divergence))
    return { index: at + 1, rpc: 'none', validator: true, state, pid: process.pid, dataDir }
  })
  writeFileSync(networkPaths(data).running, JSON.stringify({ runner: process.pid, nodes, partition }))
  const began = performance.now()
  vi.mocked(ask).mockImplementation(async ({ index }, method, _params, timeoutMs = 5_000) => {
    const answer = answers[index - 1]!
    const block = { hash: '0xab', stateRoot: '0xcd' }
    if (answer === 'refuses') throw Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
    if (answer === 'silent') {
      await new Promise((resolve) => setTimeout(resolve, timeoutMs))
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    }
    if (method === 'eth_getBlockByNumber') return { ...block, ...(answer as { block?: object }).block }
    return {
      ...{ ...block, height: height(performance.now() - began), peers: 3, round: 0, step: 'waiting' },
      ...{
        timestamp: '0x1',
        clock: '0x1',
        timeAhead: 0,
        txpool: { pending: 0 },
        evidence: [],
        abstaining: false,
        twin: null,
        setAside: [],
      },
      ...{ halted: null, ...answer },
    }
  })
}

/** `during` is told of each quarter of a second. */
async function runStatus(more: readonly string[] = [], during = (_milliseconds: number) => {}): Promise<Ran> {
  const running = runInProcess('status', '--data', data, '--color', 'never', ...more)
  let ended = false
  void running.finally(() => {
    ended = true
  })
  for (let now = 0; !ended; now += 250) {
    during(now)
    await vi.advanceTimersByTimeAsync(250)
  }
  return running
}

async function status(states: readonly ReadyNode['state'][], answers: readonly Answer[], scene: Scene = {}) {
  stage(states, answers, scene)
  const run = (...more: string[]) => runStatus(more)
  return { ...(await run()), json: JSON.parse((await run('--json')).out), asked: vi.mocked(ask).mock.calls }
}

const fourRun = ['running', 'running', 'running', 'running'] as const

it('ends with 0 when every node runs, agrees and can decide, and only then says that all agree', async () => {
  const { code, out, err, json } = await status(fourRun, [{}, {}, {}, {}])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/\nall 4 nodes agree at height 7\n$/)
  expect(json).toMatchObject({ health: 'healthy', problems: [], agree: true, comparedAt: 7, compared: [1, 2, 3, 4] })
  expect(json).toMatchObject({ notCompared: [], partition: null, standstill: null, disagreement: null })
})

it('ends with 5 when a validator votes no more as its key is used elsewhere, and says so', async () => {
  const twin = { height: '0x5', round: 0, step: 'prevote' }
  const { code, err, json } = await status(fourRun, [{}, {}, {}, { abstaining: true, twin }])
  expect(code).toBe(5)
  expect(err).toContain(
    '  node 4 does not vote any more: its key signed a prevote of height 5, and it did not; another node',
  )
  expect(err).not.toContain('the record of its signatures is gone')
  expect(err).toContain('no validator can be spared: 3 of 4 can vote')
  expect(json.nodes[3]).toMatchObject({ twin: { height: 5, round: 0, step: 'prevote' } })
  const strange = { ...twin, step: 'proposal\u001b[2J' }
  expect((await status(fourRun, [{}, {}, {}, { twin: strange }])).code).toBe(0)
})

it('says at height 0 that there is no block to agree on, and does not compare who stands there with who has blocks', async () => {
  const { code, out, json } = await status(fourRun, [{}, {}, {}, {}], { height: () => 0 })
  expect(code).toBe(0)
  expect(out).toMatch(/\nno block yet: all 4 nodes stand at the same genesis\n$/)
  expect(json).toMatchObject({ health: 'healthy', agree: false, comparedAt: 0 })
  const one = await status(fourRun, [{}, {}, {}, { height: 0 }], { height: () => 60 })
  expect(one.code).toBe(5)
  expect(one.out).toContain('3 of 4 nodes have the same block at height 60; not compared: node 4\n')
  expect(one.err).toContain('  node 4 is 60 blocks behind\n')
  expect(one.json).toMatchObject({ health: 'degraded', agree: false, compared: [1, 2, 3], notCompared: [4] })
})

it('calls paused nodes paused without asking them, and ends with 4 when the others are no quorum', async () => {
  const { code, out, err, json, asked } = await status(['running', 'running', 'paused', 'paused'], [{}, {}, {}, {}])
  expect(out).toContain('3     paused\n4     paused\n')
  expect(out).toContain('2 of 4 nodes have the same block at height 7\n')
  expect(err).toBe(
    'error: THE CHAIN STANDS at height 7: no block for 4 s\n' +
      '  2 of 4 validators can vote, and 3 have to: node 3 (paused), node 4 (paused) cannot\n',
  )
  expect(code).toBe(4)
  expect(json).toMatchObject({ health: 'standing', agree: false })
  expect(json.standstill).toMatchObject({ height: 7, pending: 0, reasons: [expect.any(String)] })
  expect(json.nodes.map(({ state }: ReadyNode) => state)).toEqual(['running', 'running', 'paused', 'paused'])
  expect(asked.filter(([{ index }]) => index > 2)).toEqual([])
})

it.each([
  ['paused', 'node 2: paused'],
  ['killed', 'node 2: killed'],
  ['stopped', 'node 2: stopped'],
  ['ended', 'node 2: ended by itself'],
] as const)('ends with 5 at once while the others are a quorum and one is %s', async (state, words) => {
  const { code, out, err, json } = await status(['running', state, 'running', 'running'], [{}, {}, {}, {}])
  expect(code).toBe(5)
  expect(out).toContain('3 of 4 nodes have the same block at height 7\n')
  expect(err).toBe(
    `error: the chain can go on, but not everything is in order\n  ${words}\n` +
      '  no validator can be spared: 3 of 4 can vote, and 3 have to\n',
  )
  expect(json).toMatchObject({ health: 'degraded', agree: false, standstill: null })
})

it('tells killed nodes and silent ones that leave no quorum', async () => {
  const { code, out, err } = await status(['killed', 'running', 'running', 'running'], ['refuses', {}, {}, 'silent'])
  expect(code).toBe(4)
  expect(out).toContain('1     killed\n')
  expect(out).toContain('4     no answer within 5 s\n')
  expect(out).toContain('2 of 4 nodes have the same block at height 7\n')
  expect(err).toContain('2 of 4 validators can vote, and 3 have to: node 1 (killed), node 4 (not answering) cannot')
})

it('says that no node answers, with 3', async () => {
  const { code, err, json } = await status(['killed', 'running'], ['refuses', 'refuses'])
  expect(code).toBe(3)
  expect(err).toContain('error: no node answers\n  node 1: killed\n  node 2 does not answer: not running\n')
  expect(json).toMatchObject({ health: 'unreachable', agree: false, comparedAt: null })
})

it('tells a partition: one that leaves no quorum stops the chain, another only cuts nodes off', async () => {
  const halves = await status(fourRun, [{}, {}, {}, {}], { partition: [[1, 2]] })
  expect(halves.code).toBe(4)
  expect(halves.err).toContain('2 of 4 validators can vote together, and 3 have to: the network is split: 1,2 / 3,4')
  expect(halves.out).not.toContain('agree')
  const one = await status(fourRun, [{}, {}, {}, {}], { partition: [[4]] })
  expect([one.code, one.json.health]).toEqual([5, 'degraded'])
  expect(one.err).toContain('the network is split: 4 / 1,2,3')
  expect(one.out).not.toContain('agree')
})

it('does not say that a chain stands of which one node takes long to answer', async () => {
  const busy = { txpool: { pending: 9 } }
  const blocks = (milliseconds: number) => 1 + Math.floor(milliseconds / 1_000)
  const { code, json } = await status(fourRun, [busy, busy, busy, 'silent'], { height: blocks })
  expect([code, json.standstill]).toEqual([5, null])
  const standing = await status(fourRun, [busy, busy, busy, 'silent'])
  expect(standing.json.standstill).toMatchObject({ pending: 9 })
  expect(standing.json.standstill.seconds * 1_000).toBeGreaterThanOrEqual(STANDSTILL_MS)
})

const record: DivergenceRecord = {
  ...{ kind: 'certified', block: '8', hash: '0xb8', engine: 'reference', reason: 'state root: header 0x1, ours 0x2' },
  fields: [],
  explanation: {
    trouble: null,
    finding: {
      engines: ['reference', 'compiled'],
      ...{ right: 'compiled', agree: false, receipt: [], moreState: 0, hostCall: null, remarks: [] },
      transaction: { index: 0, hash: '0x7a', to: '0xc0' },
      state: [{ account: '0xc0', field: 'slot', slot: '0x00', before: '0x00', compiled: '0x11', reference: '0x22' }],
      instruction: {
        ...{
          number: 12,
          contract: '0xc0',
          before: ['local.get 0 gives 7'],
          compiled: 'gives 17',
          reference: 'gives 34',
        },
        place: { functionIndex: 3, functionName: 'Div#mul', offset: 0x3f1, instruction: 'i64.mul' },
      },
    },
  },
}

it('is loud about a node that stopped as a block came out otherwise there: block, transaction, slot, instruction', async () => {
  const { code, out, err, json } = await status(['running', 'running', 'running', 'ended'], [{}, {}, {}, {}], {
    divergences: { 4: record },
  })
  expect(code).toBe(1)
  expect(out).toContain('4     DIVERGED at block 8\n')
  expect(out).not.toContain('agree')
  const lines = err.split('\n')
  expect(lines[0]).toBe(
    'error: DIVERGENCE on node 4: block 8 (0xb8) came out otherwise on the reference engine, and more than two thirds of the validators certified it: state root: header 0x1, ours 0x2',
  )
  expect(lines[1]).toBe('  the engines part in transaction 0 (0x7a) to 0xc0')
  expect(err).toContain('  account 0xc0, slot 0x00: reference 0x22, compiled 0x11, before 0x00\n')
  expect(err).toContain('  first instruction that differs: i64.mul, in function 3 "Div#mul" at byte 0x3f1 of 0xc0\n')
  expect(json).toMatchObject({ health: 'divergence', agree: false })
  expect(json.nodes[3].divergence).toEqual(record)
})

it('is as loud while every node runs, about blocks that differ and about a proposal that one voted against', async () => {
  const other = { block: { stateRoot: '0xee' } }
  const { code, out, err, json } = await status(fourRun, [{}, {}, other, {}])
  expect([code, json.health]).toEqual([1, 'divergence'])
  expect(out).toContain('the nodes do not agree at height 7\n')
  expect(err).toContain('error: THE NODES DISAGREE at height 7')
  const proposal = await status(fourRun, [{}, {}, {}, {}], { divergences: { 1: { ...record, kind: 'proposal' } } })
  expect([proposal.code, proposal.json.health]).toEqual([1, 'divergence'])
  expect(proposal.err).toContain('a validator proposed it; this one voted against it')
})

it('finds nodes that part above one that is behind', async () => {
  const other = { block: { hash: '0xbad' } }
  const { code, json } = await status(fourRun, [{}, {}, {}, { height: 3 }], { height: () => 9 })
  expect([code, json.agree, json.comparedAt]).toEqual([0, true, 3])
  const parted = await status(fourRun, [{ height: 3 }, {}, other, {}], { height: () => 9 })
  expect(parted.code).toBe(1)
})

it('commands that ask a paused node say so at once', async () => {
  await status(['running', 'paused', 'running', 'running'], [{}, {}, {}, {}])
  const { code, err } = await runInProcess('accounts', '--data', data, '--node', '2', '--color', 'never')
  expect(err).toBe(
    'error: node 2 does not answer: it is paused\nhint:  devnet node resume 2 lets it go on; or ask another node with --node N\n',
  )
  expect(code).toBe(3)
})

it('says nothing of what a silent node has not said', async () => {
  const { json } = await status(['running', 'running', 'running', 'paused'], [{ txpool: { pending: 2 } }, {}, {}, {}])
  expect(
    json.nodes.map(({ pending, deciding }: { pending: unknown; deciding: unknown }) => [pending, deciding]),
  ).toEqual([
    [2, false],
    [0, false],
    [0, false],
    [null, null],
  ])
})

describe('--watch', () => {
  const endsAfter = 12_000
  const end = (now: number) => {
    if (now === endsAfter) process.emit('SIGINT', 'SIGINT')
  }

  it('shows what has changed, until Ctrl-C, and ends as the last look found it', async () => {
    stage(fourRun, [{}, {}, {}, {}], { height: (milliseconds) => (milliseconds < 5_000 ? 7 : 8) })
    const { code, out, err } = await runStatus(['--watch'], end)
    expect([code, err]).toEqual([0, ''])
    expect(out.match(/all 4 nodes agree at height \d/g)).toEqual([
      'all 4 nodes agree at height 7',
      'all 4 nodes agree at height 8',
    ])
  })

  it('tells by all its looks that a chain stands, and shows that once', async () => {
    const busy = { txpool: { pending: 9 } }
    stage(fourRun, [busy, busy, busy, busy])
    const { code, out } = await runStatus(['--watch', '1'], end)
    expect(code).toBe(4)
    expect(out.match(/THE CHAIN STANDS at height 7: no block for \d+ s/g)).toEqual([
      'THE CHAIN STANDS at height 7: no block for 4 s',
    ])
    const json = await runStatus(['--watch=1', '--json'], end)
    const documents = json.out
      .trim()
      .split(/(?<=^\})\n/m)
      .map((text) => JSON.parse(text))
    expect(documents.map(({ health }) => health)).toEqual(['healthy', 'standing', undefined])
    expect(documents.at(-1).error).toMatchObject({ kind: 'standing', exitCode: 4 })
  })
})
