/** Which connections may be made, and which end when peers are dialled elsewhere. */
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, it } from 'vitest'
import { peerIdOfSeed } from '../identity.ts'
import { DialTargets } from './dialTargets.ts'

const peer = peerIdOfSeed(new Uint8Array(32).fill(1))
const at = (address: string) => new Map([[peer, `${address}/p2p/${peer}`]])

/** A connection of TCP to that address. */
function raw(address: string) {
  const connection = Object.assign(new EventTarget(), {
    remoteAddr: multiaddr(`${address}/p2p/${peer}`),
    isAborted: false,
    abort() {
      connection.isAborted = true
      connection.dispatchEvent(new Event('close'))
    },
  })
  return connection as typeof connection & MultiaddrConnection
}

it('a dial that began before the move and is through after it is refused', () => {
  const targets = new DialTargets(at('/ip4/127.0.0.1/tcp/7'))
  expect(targets.admit(raw('/ip4/127.0.0.1/tcp/7'))).toBe(true)
  targets.replace(at('/ip4/127.0.0.1/tcp/8'))
  expect(targets.admit(raw('/ip4/127.0.0.1/tcp/7'))).toBe(false)
  expect(targets.admit(raw('/ip4/127.0.0.1/tcp/8'))).toBe(true)
  expect(targets.addressOf(peer)).toBe(`/ip4/127.0.0.1/tcp/8/p2p/${peer}`)
})

it('a move ends what was dialled elsewhere and nothing else, once', () => {
  const targets = new DialTargets(at('/ip4/127.0.0.1/tcp/7'))
  const [first, ended] = [raw('/ip4/127.0.0.1/tcp/7'), raw('/ip4/127.0.0.1/tcp/7')]
  for (const one of [first, ended]) targets.admit(one)
  ended.dispatchEvent(new Event('close'))
  targets.replace(at('/ip4/127.0.0.1/tcp/8'))
  const second = raw('/ip4/127.0.0.1/tcp/8')
  targets.admit(second)
  targets.replace(at('/ip4/127.0.0.1/tcp/8'))
  expect([first.isAborted, ended.isAborted, second.isAborted]).toEqual([true, false, false])
  targets.replace(new Map())
  expect(second.isAborted).toBe(true)
  expect(targets.addressOf(peer)).toBeUndefined()
})

it('addresses are the same however they are written', () => {
  const targets = new DialTargets(at('/ip6/0:0:0:0:0:0:0:1/tcp/7'))
  expect(targets.allows(multiaddr(`/ip6/::1/tcp/7/p2p/${peer}`).toString())).toBe(true)
})
