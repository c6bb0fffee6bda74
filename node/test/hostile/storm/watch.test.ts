/** The cases of honest nodes blaming each other, by the lines that a node really writes, and of nodes that hardly answer. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import type { NodeProcess } from '../../process/nodeProcess.ts'
import type { FundedNetwork } from '../funded/fundedNetwork.ts'
import { QuarrelCount, StormWatch } from './watch.ts'

const HONEST = '12D3KooWHonest'
const STRANGER = '12D3KooWStranger'

function nodeThatWrites(): { node: NodeProcess; write: (text: string) => void } {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const stderr = new PassThrough({ encoding: 'utf8' })
  return { node: { child: { stdout, stderr } } as unknown as NodeProcess, write: (text) => void stdout.write(text) }
}

const line = (level: number, peer: string, msg: string) => `${JSON.stringify({ level, peer, msg })}\n`

test('counts what nodes have against each other, and nothing they have against strangers', async () => {
  const count = new QuarrelCount()
  const { node, write } = nodeThatWrites()
  count.follow(1, node)
  // Before the names are known, and cut in the middle of a line.
  const early = line(20, HONEST, 'a peer misbehaved')
  write(early.slice(0, 40))
  write(early.slice(40))
  await new Promise((resolve) => setImmediate(resolve))
  count.know([`/ip4/127.0.0.1/tcp/1/p2p/${HONEST}`])
  write(line(20, HONEST, 'a peer misbehaved') + line(40, HONEST, 'disconnected a peer that misbehaved'))
  write(line(40, HONEST, 'throttled a peer that misbehaved, as it was named at start'))
  write(line(40, STRANGER, 'disconnected a peer that misbehaved') + line(50, STRANGER, 'an error of the node'))
  await new Promise((resolve) => setImmediate(resolve))
  expect([count.points, count.bans, count.throttles]).toEqual([2, 1, 1])
  expect(count.firstReason).toContain(HONEST)
  expect(count.errors).toHaveLength(1)
})

async function server(listener: RequestListener) {
  const made = createServer(listener)
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  const close = () => {
    made.close()
    made.closeAllConnections()
  }
  return { port: (made.address() as AddressInfo).port, close }
}

test('sees blocks by the metrics of a node whose JSON-RPC does not answer', async () => {
  const silent = await server(() => {})
  const metrics = await server((_, response) =>
    response.end(
      '# HELP touchstone_chain_height Newest.\ntouchstone_chain_height 7\ntouchstone_chain_height_other 9\n',
    ),
  )
  const nodes = [{ url: `http://127.0.0.1:${silent.port}`, child: { pid: process.pid } }]
  const network = { nodes, metricsPorts: [metrics.port] } as unknown as FundedNetwork
  const watch = new StormWatch(network, () => null)
  try {
    await vi.waitFor(() => expect(watch.height).toBe(7), { timeout: 10_000 })
  } finally {
    silent.close()
    metrics.close()
    await watch.stop()
  }
})
