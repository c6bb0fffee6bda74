/**
 * Nodes of a network talk to each other directly until somebody does something to a link, and from then on through proxies
 * alone: real processes, whose sockets are looked at where the system shows them.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendOrder } from '../../src/network/control/client.ts'
import type { SteeringCommand } from '../../src/network/control/command.ts'
import { type ControlServer, startControlServer } from '../../src/network/control/server.ts'
import { runInProcess } from '../../src/testing/runInProcess.ts'
import { E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork, until } from './harness.ts'

const recipient: Hex = '0x00000000000000000000000000000000000000aa'
const canPause = process.platform !== 'win32'
const showsSockets = process.platform === 'linux'
let network: TestNetwork
let control: ControlServer

/** For the tests of one group. */
function withNetworkOf(nodes: number): void {
  beforeAll(async () => {
    network = await startTestNetwork({ nodes })
    control = await startControlServer(network, () => {})
  }, E2E_TIMEOUT_MS)
  afterAll(async () => {
    await control?.close()
    await network?.dispose()
  })
}

const order = (command: SteeringCommand) => sendOrder(network.dataDir, command, 'the test')
const heightOf = (node: number) => network.client(node).getBlockNumber({ cacheTime: 0 })
const heights = () => Promise.all(network.describe().nodes.map(({ index }) => heightOf(index)))
const pidOf = (node: number) => network.describe().nodes[node - 1]!.pid!
const peerPort = ({ p2p }: { readonly p2p: string }) => Number(/\/tcp\/(\d+)\//.exec(p2p)![1])
const send = (node: number, account: number) =>
  network.wallet(node, account).sendTransaction({ to: recipient, value: 1n })
const mined = async (node: number, hash: Hex) =>
  (await network.client(node).waitForTransactionReceipt({ hash, timeout: E2E_TIMEOUT_MS })).blockNumber
const passed = () => network.links().directions.map((line) => line.passed)
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The ports that a process is connected to, once for each connection. */
function dialledBy(pid: number): number[] {
  const inodes = new Set<string>()
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    } catch (error) {
      // It was closed meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1)
  return rows.flatMap((row) => {
    const [, , remote, state, , , , , , inode] = row.trim().split(/\s+/)
    return state === '01' && inodes.has(inode!) ? [Number.parseInt(remote!.split(':')[1]!, 16)] : []
  })
}

/** How many connections to where nodes listen the nodes have made, and how many the runner of the network, which is here. */
function connections(): { nodes: number; runner: number } {
  const running = network.describe().nodes.filter(({ pid }) => pid !== null)
  const ports = new Set(running.map(peerPort))
  const count = (pid: number) => dialledBy(pid).filter((port) => ports.has(port)).length
  return { nodes: running.reduce((sum, { pid }) => sum + count(pid!), 0), runner: count(process.pid) }
}

describe('four nodes', () => {
  withNetworkOf(4)

  it(
    'reach each other without the runner',
    async () => {
      await expectSameChain(network, await mined(1, await send(1, 0)), [1, 2, 3, 4])
      expect(network.links()).toMatchObject({ proxied: false, groups: null })
      expect(passed()).toEqual(Array(12).fill(0))
      const { out } = await runInProcess('links', '--data', network.dataDir)
      expect(out).toMatch(/^link {2}state {3}bytes\n1>2 {3}direct {2}not counted\n/m)
      if (!showsSockets) return
      const { nodes, runner } = connections()
      expect(nodes).toBeGreaterThanOrEqual(6)
      expect(runner).toBe(0)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'are direct after orders that do nothing to a link, too',
    async () => {
      expect(await order({ kind: 'heal' })).toEqual({
        text: 'there was no partition',
        result: { wasSplit: false, shapedDirections: 0 },
      })
      expect(await order({ kind: 'reset-links', directions: null })).toMatchObject({ result: { reset: 0 } })
      await expect(order({ kind: 'partition', groups: [[7]] })).rejects.toThrow('there is no node 7')
      await expect(order({ kind: 'pause', node: 7 })).rejects.toThrow('there is no node 7')
      await order({ kind: 'stop', node: 4 })
      if (canPause) await expect(order({ kind: 'pause', node: 4 })).rejects.toThrow('node 4 is stopped')
      await order({ kind: 'start', node: 4 })
      await expectSameChain(network, await mined(4, await send(4, 1)), [1, 2, 3, 4])
      expect(network.links().proxied).toBe(false)
    },
    E2E_TIMEOUT_MS,
  )

  it.skipIf(!canPause)(
    'are cut when all have moved: a frozen one is waited for',
    async () => {
      process.kill(pidOf(3), 'SIGSTOP')
      let isSplit = false
      const splitting = order({ kind: 'partition', groups: [[1, 2]] }).finally(() => {
        isSplit = true
      })
      await pause(1_500)
      expect([isSplit, network.links().proxied, network.links().groups]).toEqual([false, false, null])
      process.kill(pidOf(3), 'SIGCONT')
      const { text, note } = await splitting
      expect(text).toBe('the network is split: 1,2 / 3,4')
      expect(note).toContain('through proxies')

      const before = { heights: await heights(), passed: passed() }
      const hashes = [await send(1, 2), await send(3, 3)]
      await pause(2_000)
      expect(await heights()).toEqual(before.heights)
      const across = (all: readonly number[]) =>
        network.links().directions.flatMap(({ from, to }, at) => (from < 3 === to < 3 ? [] : [all[at]]))
      expect(across(passed())).toEqual(across(before.passed))
      if (showsSockets) expect(connections().nodes).toBe(0)

      expect((await order({ kind: 'heal' })).note).toBeUndefined()
      const decided = await Promise.all(hashes.map((hash) => mined(4, hash)))
      await expectSameChain(
        network,
        decided.reduce((a, b) => (a > b ? a : b)),
        [1, 2, 3, 4],
      )
      expect(passed().every((bytes) => bytes > 0)).toBe(true)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'that start later have no way round the proxies',
    async () => {
      await order({ kind: 'shape', directions: null, change: { delayMs: 1 } })
      await order({ kind: 'stop', node: 4 })
      await order({ kind: 'start', node: 4 })
      await order({ kind: 'add' })
      const all = [1, 2, 3, 4, 5]
      await expectSameChain(network, await mined(5, await send(5, 4)), all)
      const ports = network.describe().nodes.map(peerPort)
      for (const node of [4, 5]) {
        const { p2p } = JSON.parse(readFileSync(network.paths.node(node).config, 'utf8'))
        expect(p2p.bootstrap).toHaveLength(node === 4 ? 3 : 4)
        for (const port of ports) expect(JSON.stringify(p2p.bootstrap)).not.toContain(`/tcp/${port}/`)
      }
      if (showsSockets) expect(connections().nodes).toBe(0)
      await order({ kind: 'partition', groups: [[4], [5]] })
      const height = await mined(1, await send(1, 5))
      await pause(1_000)
      expect(await heightOf(4)).toBeLessThan(height)
      expect(await heightOf(5)).toBeLessThan(height)
      if (showsSockets) expect(connections().nodes).toBe(0)
      await order({ kind: 'heal' })
      await expectSameChain(network, height, all)
    },
    E2E_TIMEOUT_MS,
  )
})

describe.skipIf(!canPause)('two nodes', () => {
  withNetworkOf(2)

  it(
    'move before one of them is paused, when it could not any more',
    async () => {
      // Also while they still dial each other.
      expect((await order({ kind: 'pause', node: 2 })).note).toContain('through proxies')
      expect(network.links().proxied).toBe(true)
      if (showsSockets) expect(connections().nodes).toBe(0)
      await order({ kind: 'resume', node: 2 })
      await expectSameChain(network, await mined(1, await send(1, 0)), [1, 2])
    },
    E2E_TIMEOUT_MS,
  )
})

describe('a node that is starting when the links are opened', () => {
  withNetworkOf(2)

  it(
    'is moved when it has started, and then it is cut off',
    async () => {
      const height = await mined(1, await send(1, 0))
      await order({ kind: 'stop', node: 2 })
      const starting = network.start(2)
      const splitting = network.partition([[2]])
      await starting
      const { p2p } = JSON.parse(readFileSync(network.paths.node(2).config, 'utf8'))
      expect(p2p.bootstrap[0]).toContain(`/tcp/${peerPort(network.describe().nodes[0]!)}/`)
      await splitting
      if (showsSockets) expect(connections().nodes).toBe(0)
      await send(1, 1)
      await pause(1_000)
      expect(await heights()).toEqual([height, height])
      await network.heal()
      await until('the chain to go on', async () => (await heightOf(2)) > height)
    },
    E2E_TIMEOUT_MS,
  )
})

describe.skipIf(!canPause)('a node that is starting when it is to be paused', () => {
  withNetworkOf(2)

  it(
    'is moved before',
    async () => {
      await order({ kind: 'stop', node: 2 })
      const starting = network.start(2)
      await network.pause(2)
      await starting
      expect(network.links().proxied).toBe(true)
      if (showsSockets) expect(connections().nodes).toBe(0)
      await order({ kind: 'resume', node: 2 })
    },
    E2E_TIMEOUT_MS,
  )
})

describe.skipIf(!canPause)('a node that is frozen from outside', () => {
  withNetworkOf(2)

  it(
    'holds nobody up when it is killed from outside',
    async () => {
      const frozen = pidOf(2)
      process.kill(frozen, 'SIGSTOP')
      const shaping = network.shapeLinks(null, { delayMs: 1 })
      process.kill(frozen, 'SIGKILL')
      expect(await shaping).toBe(2)
    },
    E2E_TIMEOUT_MS,
  )
})
