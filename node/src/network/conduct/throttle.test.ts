import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { Throttle, type ThrottledKind } from './throttle.ts'

const { throttledBurst, throttledPerSecond, throttledUnitBytes } = DEFAULT_LIMITS

function setup() {
  const clock = manualClock()
  const throttled = new Set<string>()
  const throttle = new Throttle({ clock, limits: DEFAULT_LIMITS, isThrottled: (peer) => throttled.has(peer) })
  const heard: string[] = []
  const say = (peer: string, what: string, kind: ThrottledKind = 'consensus', bytes = 100) => {
    const turn = throttle.turn(peer, kind, bytes)
    if (turn === null) heard.push(what)
    else void turn.then(() => heard.push(what))
  }
  const many = (count: number, kind: ThrottledKind, bytes?: number) => {
    for (let at = 0; at < count; at++) say('p', `${kind} ${at}`, kind, bytes)
  }
  return { clock, throttled, throttle, heard, say, many }
}

describe('a throttled peer', () => {
  it('is heard at a rate, in order, and others at once', async () => {
    const { clock, throttled, heard, say, many } = setup()
    many(1_000, 'consensus')
    expect(heard.length).toBe(1_000)
    heard.length = 0
    throttled.add('p')
    many(throttledBurst + 3 * throttledPerSecond, 'consensus')
    expect(heard.length).toBe(throttledBurst)
    say('q', 'q is heard')
    expect(heard.at(-1)).toBe('q is heard')
    await clock.advance(1_000)
    expect(heard.length).toBe(throttledBurst + 1 + throttledPerSecond)
    await clock.advance(2_000)
    const order = heard.filter((what) => what.startsWith('consensus'))
    expect(order).toEqual(Array.from(order, (_, at) => `consensus ${at}`))
    expect(order.length).toBe(throttledBurst + 3 * throttledPerSecond)
  })

  it('does not hold up votes with transactions, nor gains by megabytes', async () => {
    const { clock, throttled, heard, say, many } = setup()
    throttled.add('p')
    many(throttledBurst + 1_000, 'tx')
    heard.length = 0
    say('p', 'a vote')
    expect(heard).toEqual(['a vote'])
    heard.length = 0
    many(8, 'block', throttledUnitBytes * 49)
    expect(heard.length).toBe(2)
    await clock.advance(3_000)
    expect(heard.filter((what) => what.startsWith('block')).length).toBe(2 + (3 * throttledPerSecond) / 50)
  })

  it('leaves nothing waiting when the network stops', async () => {
    const { throttled, throttle, heard, many } = setup()
    throttled.add('p')
    many(throttledBurst + 10, 'consensus')
    throttle.stop()
    await Promise.resolve()
    expect(heard.length).toBe(throttledBurst + 10)
  })
})
