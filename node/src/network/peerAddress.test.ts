/** Addresses of peers in a configuration, beside what libp2p's own parsers say of them. */
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, it } from 'vitest'
import { multiaddrOfSeed } from './identity.ts'
import { isPeerAddress } from './peerAddress.ts'

const ED25519 = '12D3KooWEGAL9DQ2Dja6LW9otbLnVgHSDAPfE8gkfFN6v14PEppC'
const SECP256K1 = '16Uiu2HAm5zfKTAu1pRBPBQNBnQiuVeLGFQbCcXVuBnhzv4UzsnnH'
const RSA = 'QmbFgm5zan8P6eWWmeyfncR5feYEMPbht5b1FW1C37aQ7y'

function libp2pTakes(text: string): boolean {
  try {
    const peer = multiaddr(text)
      .getComponents()
      .find(({ name }) => name === 'p2p')
    return peer?.value !== undefined && peerIdFromString(peer.value) !== null
  } catch {
    return false
  }
}

it.each([
  `/ip4/127.0.0.1/tcp/30303/p2p/${ED25519}`,
  `/ip4/255.255.255.255/tcp/65535/p2p/${SECP256K1}`,
  `/ip6/::1/tcp/1/p2p/${RSA}`,
  `/ip6/2001:db8::7/tcp/30303/p2p/${ED25519}`,
  `/dns/node-1.example/tcp/30303/p2p/${ED25519}`,
  `/dns4/localhost/tcp/30303/p2p/${ED25519}`,
  `/dns6/a_b.example/tcp/30303/p2p/${ED25519}`,
])('%s can be dialled', (text) => {
  expect(libp2pTakes(text)).toBe(true)
  expect(isPeerAddress(text)).toBe(true)
})

it.each([
  '',
  'nonsense',
  '/ip4/127.0.0.1/tcp/1',
  '/p2p/x',
  `/ip4/127.0.0.256/tcp/1/p2p/${ED25519}`,
  `/ip4/127.0.0/tcp/1/p2p/${ED25519}`,
  `/ip4/127.0.0.1./tcp/1/p2p/${ED25519}`,
  `/ip4/localhost/tcp/1/p2p/${ED25519}`,
  `/ip6/127.0.0.1/tcp/1/p2p/${ED25519}`,
  `/ip6/::g/tcp/1/p2p/${ED25519}`,
  `/ip4/127.0.0.1/tcp/65536/p2p/${ED25519}`,
  `/ip4/127.0.0.1/tcp/x/p2p/${ED25519}`,
  `/ip4/127.0.0.1/tcp/1/p2p/${ED25519}x`,
  `/ip4/127.0.0.1/tcp/1/p2p/${ED25519.slice(0, -1)}`,
  `/ip4/127.0.0.1/tcp/1/p2p/${ED25519}0`,
])('%s is refused, as by libp2p', (text) => {
  expect(libp2pTakes(text)).toBe(false)
  expect(isPeerAddress(text)).toBe(false)
})

it('what cannot be dialled over TCP is refused', () => {
  expect(isPeerAddress(`/ip4/127.0.0.1/udp/1/quic-v1/p2p/${ED25519}`)).toBe(false)
  expect(isPeerAddress(`/unix/a/p2p/${ED25519}`)).toBe(false)
  expect(isPeerAddress(`/p2p/${ED25519}`)).toBe(false)
})

it('a node takes its own address', async () => {
  expect(isPeerAddress(await multiaddrOfSeed(new Uint8Array(32).fill(7), '::1', 30303))).toBe(true)
})
