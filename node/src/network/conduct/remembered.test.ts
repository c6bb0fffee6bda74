/** What is remembered of peers that have gone is bounded, and the newest is kept: identities come and go for days. */
import { expect, it } from 'vitest'
import { Greetings } from '../connections/greetings.ts'
import { InboundGate } from '../connections/inboundGate.ts'
import { DEFAULT_LIMITS as limits } from '../limits.ts'
import { MAX_TRACKED, Penalties } from './scoring.ts'

const others = Array.from({ length: MAX_TRACKED }, (_, index) => `other ${index}`)
const newest = others.at(-1)!

it('bans and points of so many peers, the oldest forgotten first', () => {
  const penalties = new Penalties(limits)
  penalties.ban('first', 0)
  penalties.add('first with points', 10, 0)
  for (const peer of others.slice(1)) {
    penalties.ban(peer, 0)
    penalties.add(peer, 10, 0)
  }
  expect([penalties.isBanned('first', 1), penalties.points('first with points', 0)]).toEqual([true, 10])
  penalties.ban('one more', 0)
  penalties.add('one more', 10, 0)
  expect([penalties.isBanned('first', 1), penalties.points('first with points', 0)]).toEqual([false, 0])
  expect([penalties.isBanned(newest, 1), penalties.points(newest, 0)]).toEqual([true, 10])
})

it('sessions of so many peers', () => {
  const greetings = new Greetings(limits)
  const restarted = (peer: string) => {
    greetings.admits(peer, 'before', 0)
    greetings.admits(peer, 'now', 0)
  }
  restarted('first')
  for (const peer of others.slice(1)) restarted(peer)
  expect(greetings.isTwo('first', 'before')).toBe(true)
  restarted('one more')
  expect(['first', newest].map((peer) => greetings.isTwo(peer, 'before'))).toEqual([false, true])
})

it('bans of so many addresses', () => {
  const gate = new InboundGate(limits)
  const hosts = others.map((_, index) => `10.1.${index >> 8}.${index & 255}`)
  const banAt = (host: string) => {
    for (let peer = 0; peer < limits.bannedPerAddress; peer++) gate.banned(host, `peer ${peer}`, 0)
  }
  for (const host of ['10.0.0.1', ...hosts.slice(1)]) banAt(host)
  expect(gate.denies('10.0.0.1', 0, 1)).toBe(true)
  banAt('10.0.0.2')
  expect(['10.0.0.1', hosts.at(-1)!].map((host) => gate.denies(host, 0, 1))).toEqual([false, true])
})
