import { describe, expect, it } from 'vitest'
import { hostOf, InboundGate } from './inboundGate.ts'

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

  it('does not keep the address of a named peer out for what others there did, within the bounds of every address', () => {
    const gate = new InboundGate(limits, new Set(['10.0.0.1']))
    for (const host of ['10.0.0.1', '10.0.0.2']) for (const peer of ['a', 'b']) gate.banned(host, peer, 0)
    expect(gate.denies('10.0.0.2', 0, 1)).toBe(true)
    expect([0, 1, 2].map(() => gate.denies('10.0.0.1', 0, 1))).toEqual([false, false, true])
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
    for (const now of [0, 500]) gate.banned('10.0.0.1', 'a', now)
    expect(gate.denies('10.0.0.1', 0, 1_000)).toBe(false)
    gate.banned('10.0.0.1', 'b', 1_000)
    expect(gate.denies('10.0.0.1', 0, 2_000)).toBe(true)
    expect(gate.denies('10.0.0.2', 0, 2_000)).toBe(false)
    expect(gate.denies('10.0.0.1', 0, 30_500)).toBe(false)
    for (const now of [40_000, 40_001]) gate.banned('127.0.0.1', null, now)
    for (const now of [40_000, 40_001]) gate.banned('10.0.0.3', null, now)
    expect(gate.denies('10.0.0.3', 0, 40_002)).toBe(true)
    expect(gate.denies('127.0.0.1', 0, 40_002)).toBe(false)
  })
})

it('takes all addresses of an IPv6 network for one, as whoever has one of them has all', () => {
  const host = (address: string) => hostOf(`/ip6/${address}/tcp/1/p2p/x`)
  expect(host('2001:db8:0:7::1')).toBe('2001:db8:0:7::/64')
  expect(host('2001:db8::7:1:2:3:4')).toBe('2001:db8:0:7::/64')
  expect(host('2001:db8:0:7:ffff:1:2:3')).toBe('2001:db8:0:7::/64')
  expect(host('2001:db8:0:8::1')).toBe('2001:db8:0:8::/64')
  expect(host('fe80::1')).toBe('fe80:0:0:0::/64')
  expect([host('::1'), host('::ffff:10.0.0.1')]).toEqual(['::1', '::ffff:10.0.0.1'])
  expect(hostOf('/ip4/10.0.0.1/tcp/1')).toBe('10.0.0.1')
})
