import { describe, expect, it } from 'vitest'
import { InboundGate } from './inboundGate.ts'

const limits = {
  connectionsPerAddress: 4,
  pendingPerAddress: 2,
  handshakeTimeout: 5_000,
  bannedPerAddress: 2,
  banTime: 30_000,
}

describe('the inbound gate', () => {
  it('lets so many handshakes of one address be under way', () => {
    const gate = new InboundGate(limits)
    const denied = Array.from({ length: 4 }, () => gate.denies('10.0.0.1', 0, 1_000))
    expect(denied).toEqual([false, false, true, true])
    expect(gate.denies('10.0.0.2', 0, 1_000)).toBe(false)
    gate.opened('10.0.0.1')
    expect(gate.denies('10.0.0.1', 1, 1_000)).toBe(false)
  })

  it('gives the place of a handshake that never ends back when its time is over', () => {
    const gate = new InboundGate(limits)
    for (const now of [0, 3_000, 4_999]) gate.denies('10.0.0.1', 0, now)
    expect(gate.denies('10.0.0.1', 0, 4_999)).toBe(true)
    expect(gate.denies('10.0.0.1', 0, 5_000)).toBe(false)
    expect(gate.denies('10.0.0.1', 0, 5_001)).toBe(true)
  })

  it('bounds what one address has open, but not on loopback', () => {
    const gate = new InboundGate(limits)
    expect([3, 4].map((open) => gate.denies('10.0.0.1', open, 0))).toEqual([false, true])
    expect(Array.from({ length: 50 }, () => gate.denies('127.0.0.1', 50, 0))).toEqual(Array(50).fill(false))
  })

  it('refuses an address of which so many peers are banned, for as long as that is', () => {
    const gate = new InboundGate(limits)
    gate.banned('10.0.0.1', 0)
    expect(gate.denies('10.0.0.1', 0, 1_000)).toBe(false)
    gate.banned('10.0.0.1', 1_000)
    expect(gate.denies('10.0.0.1', 0, 2_000)).toBe(true)
    expect(gate.denies('10.0.0.2', 0, 2_000)).toBe(false)
    expect(gate.denies('10.0.0.1', 0, 30_000)).toBe(false)
    for (const now of [40_000, 40_001]) gate.banned('127.0.0.1', now)
    expect(gate.denies('127.0.0.1', 0, 40_002)).toBe(false)
  })
})
