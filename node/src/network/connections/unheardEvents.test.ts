import type { Stream } from '@libp2p/interface'
import { afterEach, expect, it, vi } from 'vitest'
import { speakerAndHearer, stopNetworks, text, until } from '../testing/testNetworks.ts'
import { tellListenersAlone } from './unheardEvents.ts'

afterEach(stopNetworks)

it('no event without a listener is made for each message of a peer, over real connections', async () => {
  const { speaker, heard } = await speakerAndHearer({})
  const say = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const next = heard() + 1
      speaker.publish('tx', text(`message ${next}`))
      await until(() => heard() >= next, 'it is heard')
    }
  }
  await say(3)
  const dispatched = vi.spyOn(EventTarget.prototype, 'dispatchEvent')
  try {
    await say(40)
    const idle = dispatched.mock.calls.filter(([{ type }]) => type === 'idle')
    expect(dispatched.mock.calls.length).toBeGreaterThan(100)
    expect(idle.length).toBeLessThan(5)
  } finally {
    dispatched.mockRestore()
  }
})

it('who listens is told what it was told before', () => {
  const told: unknown[] = []
  let listeners = 0
  const stream = {
    listenerCount: (type: string) => (type === 'idle' ? listeners : 0),
    safeDispatchEvent(type: string, detail?: unknown) {
      told.push([type, detail])
      return false
    },
  }
  tellListenersAlone(stream as unknown as Stream)
  expect(stream.safeDispatchEvent('idle', 1)).toBe(true)
  listeners = 1
  expect(stream.safeDispatchEvent('idle', 2)).toBe(false)
  expect(stream.safeDispatchEvent('drain')).toBe(true)
  expect(told).toEqual([['idle', 2]])
})
