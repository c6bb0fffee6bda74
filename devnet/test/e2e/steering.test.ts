/** A running network is steered over its control channel: nodes die, pause and come, links break, and the chain holds. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareNodes } from '../../src/index.ts'
import { sendOrder } from '../../src/network/control/client.ts'
import type { SteeringCommand } from '../../src/network/control/command.ts'
import { type ControlServer, startControlServer } from '../../src/network/control/server.ts'
import { nodeBinariesVariable } from '../../src/network/nodeProgram.ts'
import { ask } from '../../src/network/nodeRpc.ts'
import type { ReadyNode } from '../../src/network/readyFile.ts'
import { runInProcess } from '../../src/testing/runInProcess.ts'
import { expectStep, type ShownFile, stepsOf } from '../support/shownCommands.ts'
import { E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork, until } from './harness.ts'

const GUIDE = join(import.meta.dirname, '../../../docs/guide')
const nodes = [1, 2, 3, 4]
const recipient: Hex = '0x00000000000000000000000000000000000000aa'
const told: string[] = []
let network: TestNetwork
let control: ControlServer

/** Where the reader of the guide is. */
const folder = mkdtempSync(join(tmpdir(), 'touchstone-steering-'))
/** `sh` runs the node that multiplies wrongly. */
const hasShell = process.platform !== 'win32'

beforeAll(async () => {
  if (hasShell) makeWrongNode()
  network = await startTestNetwork()
  control = await startControlServer(network, (text) => told.push(text))
}, E2E_TIMEOUT_MS)
afterAll(async () => {
  await control?.close()
  await network?.dispose()
  delete process.env[nodeBinariesVariable]
  rmSync(folder, { recursive: true })
})

/** The program of node 4 in docs/guide/break-things.md, wrong for one number. */
function makeWrongNode(): void {
  const page = stepsOf(readFileSync(join(GUIDE, 'break-things.md'), 'utf8'))
  const files = page.filter((step): step is ShownFile => 'text' in step && step.path.startsWith('wrong'))
  expect(files.map(({ path }) => path)).toEqual(['wrong.mjs', 'wrong-node', 'wrong.mjs'])
  for (const { path, text } of files.slice(0, 2)) writeFileSync(join(folder, path), text)
  chmodSync(join(folder, 'wrong-node'), 0o755)
  process.env['PATH'] = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  process.env[nodeBinariesVariable] = `4=${join(folder, 'wrong-node')}`
}

/** A node that just started may hear of the certificate when it has found the reason for its vote against the proposal. */
const isFound = async () => {
  const { err } = await runInProcess('status')
  return err.includes('the validators certified it') && err.includes('first instruction that differs')
}
const order = (command: SteeringCommand) => sendOrder(network.dataDir, command, 'the test')
const heightOf = (node: number) => network.client(node).getBlockNumber({ cacheTime: 0 })
const send = (node: number, account: number) =>
  network.wallet(node, account).sendTransaction({ to: recipient, value: 1n })

/** Sends a payment and waits until that node has it in a block. */
async function pay(node: number, account: number): Promise<bigint> {
  const hash = await send(node, account)
  return (await network.client(node).waitForTransactionReceipt({ hash, timeout: E2E_TIMEOUT_MS })).blockNumber
}

async function status(node: number): Promise<{ peers: number; height: Hex }> {
  const response = await fetch(network.ready.nodes[node - 1]!.rpc, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"touchstone_status","params":[]}',
  })
  return ((await response.json()) as { result: { peers: number; height: Hex } }).result
}

/** Bytes that have passed between nodes of different groups. */
function passedBetween(first: readonly number[], second: readonly number[]): number {
  const across = network
    .links()
    .directions.filter(
      ({ from, to }) => (first.includes(from) && second.includes(to)) || (second.includes(from) && first.includes(to)),
    )
  expect(across).toHaveLength(2 * first.length * second.length)
  return across.reduce((sum, { passed }) => sum + passed, 0)
}

it.skipIf(!hasShell)(
  'docs/guide/several-nodes.md and break-things.md show what their commands do',
  async () => {
    const home = process.cwd()
    process.env['DEVNET_DATA'] = network.dataDir
    process.chdir(folder)
    try {
      const token = join(import.meta.dirname, '../../../contracts/examples/token')
      expect(await runInProcess('deploy', token, 'Gold', 'GLD', '1000')).toMatchObject({ code: 0 })
      await expectSameChain(network, 1n, nodes)
      const steps = ['several-nodes.md', 'break-things.md'].flatMap((page) =>
        stepsOf(readFileSync(join(GUIDE, page), 'utf8')),
      )
      expect(steps.length).toBeGreaterThan(22)
      for (const step of steps) {
        // A node that diverged looks for the reason first.
        if ('words' in step && step.words[0] === 'status' && step.exitCode === 1) await until('the reason', isFound)
        await expectStep(step)
      }
    } finally {
      process.chdir(home)
      delete process.env['DEVNET_DATA']
    }
    await expectSameChain(network, await heightOf(1), nodes)
    told.length = 0
  },
  E2E_TIMEOUT_MS,
)

it(
  'a killed and a paused node stop nobody, say so when asked again, and catch up',
  async () => {
    await pay(1, 0)
    await order({ kind: 'kill', node: 3 })
    await expect(order({ kind: 'kill', node: 3 })).rejects.toMatchObject({
      message: 'node 3 is killed',
      hint: 'devnet node start 3 starts it',
    })
    await expect(order({ kind: 'pause', node: 3 })).rejects.toThrow('node 3 is killed')
    await expect(order({ kind: 'stop', node: 9 })).rejects.toThrow('there is no node 9')
    expect((await compareNodes(network.describe().nodes)).nodes[2]!.error).toBe('killed')
    await pay(1, 1)
    await order({ kind: 'start', node: 3 })
    await expect(order({ kind: 'start', node: 3 })).rejects.toThrow('node 3 is running already')

    await order({ kind: 'pause', node: 2 })
    await expect(order({ kind: 'pause', node: 2 })).rejects.toThrow('node 2 is paused already')
    const height = await pay(4, 2)
    await order({ kind: 'resume', node: 2 })
    await expectSameChain(network, height, nodes)
    expect(told).toEqual(['node 3 killed', 'node 3 started', 'node 2 paused', 'node 2 resumed'])
  },
  E2E_TIMEOUT_MS,
)

it(
  'two halves hear nothing of each other and decide nothing; healed, they decide what was sent to each',
  async () => {
    const before = await Promise.all(nodes.map(heightOf))
    await order({ kind: 'partition', groups: [[1, 2]] })
    const passed = passedBetween([1, 2], [3, 4])
    const hashes = [await send(1, 3), await send(3, 4)]
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(passedBetween([1, 2], [3, 4])).toBe(passed)
    expect(await Promise.all(nodes.map(heightOf))).toEqual(before)
    await order({ kind: 'heal' })
    const receipts = await Promise.all(
      hashes.map((hash) => network.client(2).waitForTransactionReceipt({ hash, timeout: E2E_TIMEOUT_MS })),
    )
    await expectSameChain(
      network,
      receipts.map(({ blockNumber }) => blockNumber).reduce((a, b) => (a > b ? a : b)),
      nodes,
    )
  },
  E2E_TIMEOUT_MS,
)

it(
  'a node that starts while it is cut off finds no way round the cut',
  async () => {
    await order({ kind: 'stop', node: 4 })
    await order({ kind: 'partition', groups: [[4]] })
    await order({ kind: 'start', node: 4 })
    const height = await pay(1, 5)
    expect((await status(4)).peers).toBe(0)
    expect(await heightOf(4)).toBeLessThan(height)
    await order({ kind: 'heal' })
    await expectSameChain(network, height, nodes)
  },
  E2E_TIMEOUT_MS,
)

it(
  'a wiped node fetches the chain again over slow links, and keeps its memory of what it signed',
  async () => {
    const signer = join(network.paths.node(2).root, 'signer')
    await order({ kind: 'shape', directions: null, change: { delayMs: 20, loss: 0.01 } })
    await order({ kind: 'wipe', node: 2, signer: false, pool: false })
    expect(existsSync(join(network.paths.node(2).root, 'chain'))).toBe(false)
    expect(existsSync(signer)).toBe(true)
    const height = await pay(1, 6)
    await order({ kind: 'start', node: 2 })
    await expectSameChain(network, height, nodes)
    const { result } = await order({ kind: 'reset-links', directions: null })
    expect(result).toEqual({ reset: 12 })
    // With one of the others away, blocks come only if the wiped one votes.
    await order({ kind: 'kill', node: 3 })
    await pay(2, 7)
    await order({ kind: 'start', node: 3 })
  },
  E2E_TIMEOUT_MS,
)

it(
  'a validator that lost its record of votes signs nothing twice: it abstains until a block is made without it',
  async () => {
    // Alone, it has a transaction to propose and takes the chain for a new one.
    await order({ kind: 'wipe', node: 2, signer: true, pool: false })
    await order({ kind: 'partition', groups: [[2]] })
    await order({ kind: 'start', node: 2 })
    const hash = await network.wallet(2, 9).sendTransaction({ to: recipient, value: 1n, nonce: 0 })
    const shown = async () => (await compareNodes(network.describe().nodes)).nodes[1]!
    expect(await shown()).toMatchObject({ height: 0, abstaining: true })
    await order({ kind: 'heal' })
    await network.client(1).waitForTransactionReceipt({ hash, timeout: E2E_TIMEOUT_MS })
    await until('the validator to vote again', async () => {
      await pay(1, 7)
      return !(await shown()).abstaining
    })
    expect((await shown()).evidence).toEqual([])
  },
  E2E_TIMEOUT_MS,
)

it(
  'an added node follows, answers, and is remembered',
  async () => {
    const added = (await order({ kind: 'add' })).result as { index: number; validator: boolean; rpc: string }
    expect(added).toMatchObject({ index: 5, validator: false })
    const height = await pay(5, 8)
    await expectSameChain(network, height, [1, 5])
    const { agree } = await until('agreement of five', async () => {
      const agreement = await compareNodes(network.describe().nodes)
      return agreement.agree && agreement
    })
    expect(agree).toBe(true)
    expect(JSON.parse(readFileSync(network.paths.manifest, 'utf8'))).toMatchObject({ nodes: 4, followers: 1 })
  },
  E2E_TIMEOUT_MS,
)

it(
  'a node added with a snapshot has the state without the history, follows, and is compared with the others',
  async () => {
    await order({ kind: 'partition', groups: [[5]] })
    const head = await pay(1, 9)
    const added = (await order({ kind: 'add', sync: 'snapshot' })).result as ReadyNode
    expect(added).toMatchObject({ index: 6, validator: false, state: 'running' })
    await expect(ask(added, 'eth_getBlockByNumber', ['0x1', false])).rejects.toMatchObject({ code: 4444 })
    expect(await heightOf(6)).toBeGreaterThanOrEqual(head)
    // Node 5 is so far behind that node 6 has none of its blocks: the rest is compared.
    const behind = await compareNodes(network.describe().nodes)
    expect(behind).toMatchObject({ agree: false, notCompared: [6], disagreement: null })
    await order({ kind: 'heal' })

    const height = await pay(6, 9)
    expect(height).toBeGreaterThan(head)
    const { notCompared } = await until('agreement of six', async () => {
      const agreement = await compareNodes(network.describe().nodes)
      return agreement.agree && agreement
    })
    expect(notCompared).toEqual([])
  },
  E2E_TIMEOUT_MS,
)

it.skipIf(process.platform === 'win32')(
  'a node that is starting can be killed, and started again',
  async () => {
    await order({ kind: 'stop', node: 6 })
    const starting = order({ kind: 'start', node: 6 })
    const refused = expect(starting).rejects.toThrow('node 6 did not start: it was killed before it answered')
    // Before its process can have answered.
    await new Promise((resolve) => setTimeout(resolve, 50))
    await order({ kind: 'kill', node: 6 })
    await refused
    expect(network.describe().nodes[5]).toMatchObject({ state: 'killed', pid: null })
    await order({ kind: 'start', node: 6 })
    await until('the head', async () => (await heightOf(6)) >= (await heightOf(1)))
  },
  E2E_TIMEOUT_MS,
)
