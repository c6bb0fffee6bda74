import type { Connection } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { Greetings } from './greetings.ts'

const greetings = () => new Greetings({ sessionsPerMinute: 60, sessionsBurst: 2 })

describe('greetings', () => {
  it('are counted for each connection', () => {
    const [one, other] = [{} as Connection, {} as Connection]
    const counted = greetings()
    expect([one, one, other, one].map((connection) => counted.count(connection))).toEqual([1, 2, 1, 3])
  })

  it('may name another session now and then, and the same one always', () => {
    const counted = greetings()
    expect(counted.admits('peer', 'a', 0)).toBe(true)
    for (let times = 0; times < 10; times++) expect(counted.admits('peer', 'a', 0)).toBe(true)
    expect(counted.admits('peer', 'b', 0)).toBe(true)
    expect(counted.admits('peer', 'c', 0)).toBe(false)
    expect(counted.admits('peer', 'b', 0)).toBe(true)
    expect(counted.admits('another', 'c', 0)).toBe(true)
    expect(counted.admits('peer', 'c', 1_000)).toBe(true)
  })

  it('tell two nodes of one id from one that is started again', () => {
    const counted = greetings()
    const come = (session: string, now: number) => {
      const isTwo = counted.isTwo('peer', session)
      return counted.admits('peer', session, now) && isTwo
    }
    expect(['a', 'a', 'b', 'b', 'c'].map((session, at) => come(session, at * 1_000))).toEqual(Array(5).fill(false))
    expect(come('b', 9_000)).toBe(true)
    expect(come('c', 10_000)).toBe(true)
  })
})
