/**
 * The tests that `devnet init` writes for an author, unchanged, on four nodes: TOUCHSTONE_RPC_URL is all that says so, as in
 * docs/guide/test.md. They become tests of the file that calls this.
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildContract } from '@touchstone/contracts'
import { createPublicClient, http, parseAbiItem } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runInProcess } from '../../src/testing/runInProcess.ts'
import type { TestNetwork } from './harness.ts'

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
/** Of each node's log. */
const LINES_TOLD = 60
const bid = parseAbiItem('event Bid(address indexed bidder, uint256 amount)')

export function authorsTests(network: () => TestNetwork): void {
  describe('the tests of the template auction, on a network by TOUCHSTONE_RPC_URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-authors-'))
    symlinkSync(modules, join(folder, 'node_modules'), 'junction')
    const project = join(folder, 'auction')
    const { code, err } = await runInProcess('init', project, '--template', 'auction')
    if (code !== 0) throw new Error(err)
    await buildContract(project)

    let before: bigint
    beforeAll(async () => {
      process.env['TOUCHSTONE_RPC_URL'] = network().ready.nodes[0]!.rpc
      before = await network().client(1).getBlockNumber()
    })
    afterAll(() => {
      delete process.env['TOUCHSTONE_RPC_URL']
      rmSync(folder, { recursive: true })
    })

    // A bid that is in no block and in no pool says nothing of itself.
    beforeEach(({ onTestFailed }) => onTestFailed(() => tellOfNodes(network())))

    await import(pathToFileURL(join(project, 'test/Auction.test.ts')).href)

    it('were blocks of all four', async () => {
      const head = await network().client(1).getBlockNumber()
      const counts: number[] = []
      for (const node of [1, 2, 3, 4]) {
        const client = network().client(node)
        await expect.poll(() => client.getBlockNumber(), { timeout: 60_000 }).toBeGreaterThanOrEqual(head)
        const logs = await client.getLogs({ event: bid, fromBlock: before + 1n, toBlock: head })
        counts.push(logs.length)
      }
      expect(counts[0]).toBeGreaterThan(2)
      expect(new Set(counts).size).toBe(1)
    })
  })
}

/** To stderr: where each node is, what waits at it, and the end of its log, which says what left its pool. */
async function tellOfNodes(network: TestNetwork): Promise<void> {
  for (const { index, rpc, logFile } of network.ready.nodes) {
    const client = createPublicClient({ transport: http(rpc) })
    const methods = ['touchstone_nodeInfo', 'txpool_content', 'touchstone_getAutomine']
    const answers = methods.map((method) => client.request({ method } as never).catch((error) => String(error)))
    process.stderr.write(`node ${index}: ${JSON.stringify(await Promise.all(answers))}\n`)
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
    process.stderr.write(`${lines.slice(-LINES_TOLD).join('\n')}\n`)
  }
}
