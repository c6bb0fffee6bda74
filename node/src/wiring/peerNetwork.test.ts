/** Which nodes wait for somebody to connect before they load libp2p. */
import { afterEach, expect, it } from 'vitest'
import { loneNetwork } from '../../testing/loneNetwork.ts'
import type { NodeConfigJson } from '../config.ts'
import { multiaddrOfSeed } from '../network/identity.ts'
import type { Network } from '../network/network.ts'
import { peerNetwork } from './peerNetwork.ts'

const SEED = new Uint8Array(32).fill(1)
const own = await multiaddrOfSeed(SEED, '127.0.0.1', 1)
const other = await multiaddrOfSeed(new Uint8Array(32).fill(2), '127.0.0.1', 2)
const started: Network[] = []
afterEach(() => Promise.all(started.splice(0).map((network) => network.stop())))

async function loadsAtOnce(host: string, bootstrap: readonly string[] = []): Promise<boolean> {
  let loaded = false
  const p2p = { host, port: 0, seed: `0x${'01'.repeat(32)}`, bootstrap: [...bootstrap] }
  const network = peerNetwork({ p2p } as NodeConfigJson, {
    load: async () => {
      loaded = true
      return loneNetwork()
    },
    onFailure: (error) => {
      throw error
    },
  })
  started.push(network)
  await network.start()
  return loaded
}

it('a node that names nobody, or itself alone, waits; one that names another does not', async () => {
  expect([await loadsAtOnce('127.0.0.1'), await loadsAtOnce('127.0.0.1', [own])]).toEqual([false, false])
  expect(await loadsAtOnce('127.0.0.1', [own, other])).toBe(true)
})

// What libp2p refuses is to end a start, and not a node that has run for days when somebody connects.
it.each([
  '0.0.0.0',
  '::',
  '0:0:0:0:0:0:0:0',
  '::ffff:0.0.0.0',
  '::FFFF:0:0',
  '::ffff:127.0.0.1',
  '0:0:0:0:0:ffff:7f00:1',
  'localhost',
  '127.0.0.01',
  'fe80::1%lo',
  '127.1',
])('libp2p alone knows what to do with %s', async (host) => {
  expect(await loadsAtOnce(host)).toBe(true)
})
