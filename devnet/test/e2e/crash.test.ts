/**
 * Nodes die without warning (kill -9), alone and all at once, and nothing that was final is lost. The network has no dev
 * mode, which the others have by default.
 */
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { type Hex, parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareNodes } from '../../src/index.ts'
import { E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork, until } from './harness.ts'

const nodes = [1, 2, 3, 4]
let network: TestNetwork

beforeAll(async () => {
  network = await startTestNetwork({ dev: false })
}, E2E_TIMEOUT_MS)
afterAll(() => network?.dispose())

/** Sends one wei-sized payment and waits until it is in a block at that node. */
async function pay(node: number, account: number): Promise<bigint> {
  const hash = await network.wallet(node, account).sendTransaction({ to: recipient, value: 1n })
  const receipt = await network.client(node).waitForTransactionReceipt({ hash, timeout: E2E_TIMEOUT_MS })
  expect(receipt.status).toBe('success')
  return receipt.blockNumber
}

const recipient: Hex = '0x00000000000000000000000000000000000000aa'

it('a network without dev mode refuses its controls, and says why', async () => {
  expect(network.ready.dev).toBe(false)
  for (const method of ['evm_snapshot', 'anvil_nodeInfo', 'hardhat_mine']) {
    const asked = network.client(2).request({ method, params: [] } as never)
    await expect(asked).rejects.toMatchObject({
      ...{ name: 'MethodNotFoundRpcError', code: -32601 },
      details: `the method ${method} does not exist/is not available: the chain's genesis has no dev mode`,
    })
  }
})

describe('killed nodes', () => {
  it(
    'one of four does not stop the other three, catches up when it is back, and votes again',
    async () => {
      await pay(1, 0)
      await network.kill(4)
      for (let round = 0; round < 5; round++) await pay(1 + (round % 3), 1)
      const withoutIt = await network.client(1).getBlockNumber({ cacheTime: 0 })

      await network.start(4)
      await expectSameChain(network, withoutIt, nodes)

      // With another one gone, three are just enough: blocks come only if the one that was away votes.
      await network.kill(1)
      const height = await pay(2, 2)
      expect(height).toBeGreaterThan(withoutIt)
      await network.start(1)
      await expectSameChain(network, height, nodes)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'all four, in the middle of traffic, go on from their last block with every acknowledged block',
    async () => {
      const seen = new Map<bigint, string>()
      let sending = true
      const traffic = [0, 1, 2, 3].map(async (position) => {
        const wallet = network.wallet(position + 1, position + 3)
        while (sending) {
          try {
            const hash = await wallet.sendTransaction({ to: recipient, value: parseEther('0.001') })
            const receipt = await network.client(position + 1).waitForTransactionReceipt({ hash, timeout: 20_000 })
            seen.set(receipt.blockNumber, receipt.blockHash)
          } catch {
            // The node was killed under this request: what it did not acknowledge is nobody's loss.
          }
        }
      })
      await until('ten blocks with traffic', async () => seen.size >= 10)
      await Promise.all(nodes.map((node) => network.kill(node)))
      sending = false
      await Promise.all(traffic)
      const greatest = [...seen.keys()].reduce((a, b) => (a > b ? a : b))

      await Promise.all(nodes.map((node) => network.start(node)))
      const next = await pay(2, 9)
      expect(next).toBeGreaterThan(greatest)
      await expectSameChain(network, next, nodes)
      for (const [number, hash] of seen) {
        expect((await network.client(3).getBlock({ blockNumber: number })).hash).toBe(hash)
      }
      const { agree } = await until('agreement', async () => {
        const comparison = await compareNodes(network.ready.nodes)
        return comparison.agree && comparison
      })
      expect(agree).toBe(true)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'are killed, missed and started where that cannot be written down, as on a full disk',
    async () => {
      const ended: number[] = []
      network.onExit(({ index }) => ended.push(index))
      // A folder where the file is to be written before it is renamed.
      const inTheWay = `${network.paths.running}.new`
      const before = readFileSync(network.paths.running, 'utf8')
      mkdirSync(inTheWay)
      try {
        process.kill(network.describe().nodes[3]!.pid!, 'SIGKILL')
        await until('the end of node 4', async () => ended.includes(4))
        await network.kill(3)
        expect(network.describe().nodes.map(({ state }) => state)).toEqual(['running', 'running', 'killed', 'ended'])
        expect(readFileSync(network.paths.running, 'utf8')).toBe(before)
      } finally {
        rmdirSync(inTheWay)
      }
      await Promise.all([network.start(3), network.start(4)])
      await expectSameChain(network, await pay(3, 5), nodes)
    },
    E2E_TIMEOUT_MS,
  )
})
