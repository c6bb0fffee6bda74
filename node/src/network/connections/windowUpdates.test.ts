import type { Stream } from '@libp2p/interface'
import { afterEach, expect, it } from 'vitest'
import { speakerAndHearer, stopNetworks, text, until } from '../testing/testNetworks.ts'
import { updateWindowLate, type WindowedStream } from './windowUpdates.ts'

afterEach(stopNetworks)

const HEADER_BYTES = 12

it('no frame answers each message of a peer, over real connections', async () => {
  const sent: number[] = []
  const carried = (direction: 'received' | 'sent', bytes: number) => {
    if (direction === 'sent') sent.push(bytes)
  }
  const { speaker, heard } = await speakerAndHearer({ observer: { carried, judged() {}, banned() {} } })
  const say = async (count: number) => {
    const upTo = heard() + count
    for (let i = 0; i < count; i++) {
      const next = heard() + 1
      speaker.publish('tx', text(`message ${next}`))
      await until(() => heard() >= next, 'it is heard')
    }
    expect(heard()).toBe(upTo)
  }
  await say(3)
  const before = sent.length
  await say(40)
  expect(sent.slice(before).filter((bytes) => bytes === HEADER_BYTES).length).toBeLessThan(5)
})

it('room is given when half of the window is used, and at once where the update says something else too', () => {
  let updates = 0
  const stream: WindowedStream = {
    state: 3,
    recvWindow: 100,
    recvWindowCapacity: 51,
    sendWindowUpdate: () => updates++,
  }
  updateWindowLate(stream as WindowedStream & Stream)
  stream.sendWindowUpdate()
  expect(updates).toBe(0)
  Object.assign(stream, { recvWindowCapacity: 50 })
  stream.sendWindowUpdate()
  expect(updates).toBe(1)
  Object.assign(stream, { state: 2, recvWindowCapacity: 99 })
  stream.sendWindowUpdate()
  expect(updates).toBe(2)
})

it('a stream of another muxer stays as it is', () => {
  const stream = { sendWindowUpdate: 'none' } as unknown as Stream
  updateWindowLate(stream)
  expect(stream).toEqual({ sendWindowUpdate: 'none' })
})
