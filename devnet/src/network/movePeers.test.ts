/** What a node says, or does not, when it is told where the others are. */
import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { movePeers } from './movePeers.ts'

const addresses = ['/ip4/127.0.0.1/tcp/7/p2p/x']
const LONG = 60_000

/** A process that was sent messages. */
function child(connected = true) {
  const sent: unknown[] = []
  const send = (message: unknown) => {
    sent.push(message)
    return true
  }
  return Object.assign(new EventEmitter(), { connected, send, sent })
}

it('waits for the word that the node has moved, whatever it says before', async () => {
  const process = child()
  let isDone = false
  const moving = movePeers(process, new Promise(() => {}), 3, addresses, LONG).then(() => {
    isDone = true
  })
  expect(process.sent).toEqual([{ kind: 'move-peers', addresses }])
  process.emit('message', { kind: 'block' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isDone).toBe(false)
  process.emit('message', { kind: 'peers-moved' })
  await moving
  expect(process.listenerCount('message')).toBe(0)
})

it('a node that ends has no connection left', async () => {
  const process = child(false)
  await movePeers(process, Promise.resolve(), 3, addresses, LONG)
  expect([process.sent, process.listenerCount('message')]).toEqual([[], 0])
})

it('says which node says nothing, and what to do about it', async () => {
  const process = child()
  await expect(movePeers(process, new Promise(() => {}), 3, addresses, 20)).rejects.toMatchObject({
    message: 'node 3 did not connect through proxies within 0.02 s: it does not answer',
    hint: 'nothing was done to a link; repeat it when the node answers, or after devnet node kill 3',
  })
  expect(process.listenerCount('message')).toBe(0)
})
