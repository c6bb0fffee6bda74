import { afterEach, expect, it } from 'vitest'
import { multiaddrOfSeed } from '../identity.ts'
import { stopNetworks, testNetwork } from '../testing/testNetworks.ts'
import { namedAddresses, namedPeers } from './namedPeers.ts'

afterEach(stopNetworks)

const HOSTS = ['10.1.2.3', '2001:db8::1', '127.0.0.1', 'node.example']
const bootstrap = () =>
  Promise.all(HOSTS.map((host, index) => multiaddrOfSeed(new Uint8Array(32).fill(9 + index), host, 9)))

it('knows named peers by the address of their machine, where it is one of their own', async () => {
  const named = namedPeers(await bootstrap(), '')
  expect(namedAddresses(named)).toEqual(['/ip4/10.1.2.3', '/ip6/2001:db8::1'])
})

it('libp2p takes these addresses', async () => {
  await expect(testNetwork(0, { bootstrap: await bootstrap() })).resolves.toBeDefined()
})
