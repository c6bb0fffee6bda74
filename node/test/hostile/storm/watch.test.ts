/** The cases of honest nodes blaming each other, by the lines that a node really writes. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { NodeProcess } from '../../process/nodeProcess.ts'
import { QuarrelCount } from './watch.ts'

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
