/**
 * Beginning with a snapshot over real connections, among strangers that come first: one claims what it cannot prove and
 * is silent, one proves the newest block and is always busy, one proves it and sends nothing of it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SnapshotStore } from '../../src/chain/snapshotStore.ts'
import { ValidatorTrail } from '../../src/consensus/proofs/handovers.ts'
import { multiaddrOfSeed } from '../../src/network/identity.ts'
import { stopNetworks, testNetwork, until } from '../../src/network/testing/testNetworks.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import { DEFAULT_SYNC_LIMITS } from '../../src/sync/limits.ts'
import { BLOCKS_REQUEST, encodeStatus, STATE_REQUEST, STATUS_REQUEST } from '../../src/sync/messages.ts'
import { serveChain } from '../../src/sync/serving.ts'
import { fetchSnapshot } from '../../src/sync/snapshotSync.ts'
import { flatState, type StateScene, stateScene } from '../../src/sync/testing/stateScene.ts'
import { type LogLine, listLogger } from '../../testing/logger.ts'
import { freePort } from '../hostile/support/freePort.ts'

const HEIGHT = 4n
const JOINER = 90
let scene: StateScene
beforeAll(async () => {
  await installCrypto()
  scene = await stateScene(200)
}, 60_000)
afterAll(stopNetworks)

const silence = () => new Promise<never>(() => undefined)

test('a node begins with a snapshot though strangers claim, relay, stall and withhold', async () => {
  const genesisHash = SnapshotStore.open(createMemoryStore(), scene.genesis)!.genesisHash
  const port = await freePort()
  const joinerAddress = await multiaddrOfSeed(new Uint8Array(32).fill(JOINER + 1), '127.0.0.1', port)
  const asked = { blocks: 0, busy: 0, silent: 0 }

  const counted = (what: keyof typeof asked, answer: () => Promise<never>) => () => {
    asked[what] += 1
    return answer()
  }

  const honest = await testNetwork(JOINER + 1, { genesisHash })
  serveChain(honest.network, scene.source.chain, DEFAULT_SYNC_LIMITS)
  // Its first status is from before the newest block.
  let isOld = true
  const { hash } = scene.source.chain.head()
  honest.network.setRequestHandler(STATUS_REQUEST, async () => [
    encodeStatus({ height: isOld ? HEIGHT - 1n : HEIGHT, hash, first: 1n }),
  ])
  await honest.network.start()

  const liars = [
    { protocol: BLOCKS_REQUEST, height: 2n ** 60n, answer: counted('blocks', silence) },
    {
      protocol: STATE_REQUEST,
      height: HEIGHT,
      answer: counted('busy', () => Promise.reject(new Error('busy: later'))),
    },
    { protocol: STATE_REQUEST, height: HEIGHT, answer: counted('silent', silence) },
  ]
  for (const [index, { protocol, height, answer }] of liars.entries()) {
    const liar = await testNetwork(JOINER + 2 + index, { genesisHash, bootstrap: [joinerAddress] })
    serveChain(liar.network, scene.source.chain, DEFAULT_SYNC_LIMITS)
    liar.network.setRequestHandler(STATUS_REQUEST, async () => [encodeStatus({ height, hash, first: 1n })])
    liar.network.setRequestHandler(protocol, answer)
    await liar.network.start()
  }

  const joiner = await testNetwork(JOINER, { genesisHash, port, bootstrap: [honest.address()] })
  const store = createMemoryStore()
  const log: LogLine[] = []
  const begun = (message: string) => log.filter((line) => line.message.startsWith(message)).length
  const running = fetchSnapshot({
    network: joiner.network,
    store: SnapshotStore.open(store, scene.genesis)!,
    genesis: scene.genesis,
    check: new ValidatorTrail(scene.genesis.validators, { chainId: scene.genesis.chainId, genesisHash }),
    hasHandovers: false,
    named: 1,
    clock: systemClock,
    logger: listLogger(log),
  })
  await until(() => begun(`fetching a snapshot of block ${HEIGHT}`) > 0, 'a liar proves the newest block')
  isOld = false
  expect(await running).toBe(HEIGHT)
  expect(await flatState(store)).toEqual(await flatState(scene.store))
  for (const [what, times] of Object.entries(asked)) expect(times, what).toBeGreaterThan(0)
  // The block that only they had at first is the one it begins with, and it was not given up meanwhile.
  expect(begun('fetching a snapshot')).toBe(1)
  expect(begun('nobody gives the rest')).toBe(0)
}, 60_000)
