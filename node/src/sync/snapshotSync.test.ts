/** Beginning with a snapshot: from honest peers, among liars, and after a kill at any moment. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type LogLine, listLogger } from '../../testing/logger.ts'
import { openChain } from '../chain/chain.ts'
import { put } from '../chain/commit.ts'
import { ChainDatabase } from '../chain/database.ts'
import { createInProcessChain } from '../chain/inProcessChain.ts'
import { encodeFormat } from '../chain/records.ts'
import { keys, SCHEMA_VERSION } from '../chain/schema.ts'
import { SnapshotStore } from '../chain/snapshotStore.ts'
import { controller, operate } from '../chain/testing/devFixtures.ts'
import { bigintToBytes, equalBytes } from '../codec/bytes.ts'
import { encodeRlp } from '../codec/rlp.ts'
import { ValidatorTrail } from '../consensus/proofs/handovers.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import { memoryNetworks } from '../network/testing/memoryNetwork.ts'
import { systemClock } from '../runtime/clock.ts'
import { installCrypto } from '../runtime/installCrypto.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import { DEFAULT_SYNC_LIMITS, type SnapshotLimits } from './limits.ts'
import {
  BLOCKS_REQUEST,
  decodeHashes,
  decodeStateItems,
  encodeCertifiedBlock,
  encodeStateItems,
  encodeStatus,
  STATE_REQUEST,
  STATUS_REQUEST,
} from './messages.ts'
import { serveChain } from './serving.ts'
import { fetchSnapshot } from './snapshotSync.ts'
import { certifiedChain, certifiedGenesis } from './testing/certifiedChain.ts'
import { contracts, flatState, SLOTS, type StateScene, stateScene } from './testing/stateScene.ts'

const CROWD = 1_400
/** Where the scene's chain ends. */
const HEIGHT = 5n
const FAST: Partial<SnapshotLimits> = {
  choosingTime: 5,
  retryDelay: 5,
  hedge: 20,
  patience: 200,
  peerPause: 20,
  giveUpAfter: 2_000,
}

type Handler = (request: Uint8Array) => Promise<readonly Uint8Array[]>

let scene: StateScene
beforeAll(async () => {
  await installCrypto()
  scene = await stateScene(CROWD)
}, 120_000)

/** Peers of one scene, and a node that fetches from them. */
function meeting(from = scene) {
  const networks = memoryNetworks()
  let fetched = 0
  const honest = async (name: string) => {
    const network = networks.join(name)
    serveChain(network, from.source.chain, DEFAULT_SYNC_LIMITS)
    await network.start()
    return network
  }
  /** An honest peer but for what `change` makes of its handlers. */
  const liar = async (name: string, change: (handlers: Map<string, Handler>) => void) => {
    const network = networks.join(name)
    const handlers = new Map<string, Handler>()
    serveChain(
      { setRequestHandler: (protocol: string, handler: Handler) => handlers.set(protocol, handler) } as never,
      from.source.chain,
      DEFAULT_SYNC_LIMITS,
    )
    change(handlers)
    for (const [protocol, handler] of handlers) network.setRequestHandler(protocol, handler)
    await network.start()
    return network
  }
  const fetch = async (store: KeyValueStore, name = 'late', limits: Partial<SnapshotLimits> = {}, named = 0) => {
    const network = networks.join(name, ['named'])
    const request = network.request.bind(network)
    network.request = async (peer, protocol, bytes, options) => {
      const answer = await request(peer, protocol, bytes, options)
      if (protocol === STATE_REQUEST) fetched += decodeHashes(bytes).length
      return answer
    }
    const log: LogLine[] = []
    const snapshot = SnapshotStore.open(store, from.genesis)!
    const { genesisHash } = snapshot
    const { chainId, validators } = from.genesis
    const outcome = fetchSnapshot({
      network,
      store: snapshot,
      genesis: from.genesis,
      check: new ValidatorTrail(validators, { chainId, genesisHash }),
      hasHandovers: true,
      named,
      clock: systemClock,
      logger: listLogger(log),
      limits: { ...FAST, ...limits },
    }).finally(() => network.stop())
    return { outcome, network, log, height: await outcome }
  }
  return { honest, liar, fetch, networks, fetched: () => fetched }
}

/** The chain that was begun with the snapshot has the source's head and its whole state, and goes on from there. */
async function expectSame(store: KeyValueStore, from = scene) {
  const { chain } = from.source
  const joined = await createInProcessChain({ store, genesis: from.genesis, engine: 'reference' })
  expect(joined.head()).toEqual(chain.head())
  expect(joined.base).toBe(chain.head().header.number)
  expect(await flatState(store)).toEqual(await flatState(from.store))
  return joined
}

/** Whatever a peer sent: what is stored as a node or code has the hash it is stored under. */
async function expectNothingForeign(store: KeyValueStore) {
  let items = 0
  for await (const [key, value] of store.range({ from: Uint8Array.of(0x07), to: Uint8Array.of(0x09) })) {
    items += 1
    if (!equalBytes(keccak256(value), key.subarray(1))) expect.fail(`item ${items} does not have its hash`)
  }
  return items
}

describe('a snapshot', () => {
  it('gives a node every account and slot, and it executes the blocks that follow', async () => {
    const own = await stateScene(100)
    const { honest, fetch } = meeting(own)
    await honest('a')
    await honest('b')
    const store = createMemoryStore()
    const { height, network, log } = await fetch(store)
    expect(height).toBe(4n)
    expect(network.penalties).toEqual([])
    // 3 say that the code of both is warm: the line, its place, and the code's entry.
    expect(log.some(({ message }) => message.includes(`${2 * SLOTS + 3} storage slots`))).toBe(true)
    const joined = await expectSame(store, own)
    for (const contract of contracts) {
      expect(await joined.code(contract, 'latest')).toEqual(await own.source.chain.code(contract, 'latest'))
      expect(await joined.proof(contract, [new Uint8Array(32)], 'latest')).toEqual(
        await own.source.chain.proof(contract, [new Uint8Array(32)], 'latest'),
      )
    }
    for (let step = 0; step < 3; step++) {
      await own.step()
      const { block, certificate } = (await own.source.chain.block('latest'))!
      const offered = (await own.source.chain.receipts('latest'))!.receipts.map(({ sender }) => sender)
      await joined.finalize(block, certificate!, offered)
    }
    expect(joined.head()).toEqual(own.source.chain.head())
    expect(await flatState(store)).toEqual(await flatState(own.store))
    // And again from the disk: the start checks are content with a chain that begins at block 4.
    const again = await openChain({ store, genesis: own.genesis, engine: 'reference' })
    expect(again.head.header.number).toBe(7n)
  })

  it('of a chain in dev mode brings the states that it may go back to', async () => {
    const genesis = { ...certifiedGenesis, dev: { controller } }
    const own = createMemoryStore()
    const source = await certifiedChain({ genesis, store: own })
    const block = (...operations: readonly DevOperation[]) => source.grow(1, () => [operate(...operations)])
    const changes = (value: bigint): DevOperation[] =>
      Array.from({ length: 40 }, (_, index) => {
        const address = bigintToBytes(0xde0000n + BigInt(index % 4), 20)
        return { kind: 'setStorage', address, slot: bigintToBytes(BigInt(index), 32), value: bigintToBytes(value, 32) }
      })
    for (const value of [1n, 2n, 3n]) {
      await block(...changes(value))
      await block({ kind: 'snapshot' })
    }
    await block(...changes(4n))
    const { honest, fetch } = meeting({ genesis, store: own, source, step: async () => {} })
    await honest('a')
    const store = createMemoryStore()
    await fetch(store)
    await expectSame(store, { genesis, store: own, source, step: async () => {} })
    // It lets states go, and not these, though it has never executed the blocks that they are of.
    const joined = await openChain({ store, genesis, engine: 'reference', keepStates: 2 })
    for (const operation of [
      ...changes(5n).slice(0, 3),
      { kind: 'goBack', id: 3n },
      ...changes(6n).slice(0, 3),
      { kind: 'goBack', id: 1n },
      { kind: 'goBack', id: 0n },
    ] satisfies DevOperation[]) {
      await block(operation)
      const { block: back, certificate } = (await source.chain.block('latest'))!
      const { receipts } = (await source.chain.receipts('latest'))!
      expect(receipts.map(({ receipt }) => receipt.status)).toEqual([1])
      await joined.finalize(
        back,
        certificate!,
        receipts.map(({ sender }) => sender),
      )
      await joined.pruneStates()
      expect(await flatState(store)).toEqual(await flatState(own))
    }
    expect([joined.head, joined.states.oldest]).toEqual([source.chain.head(), joined.head.header.number - 1n])
  })

  it('comes from several peers, each item once', async () => {
    const { honest, fetch, fetched } = meeting()
    const asked = new Map<string, number>()
    for (const name of ['a', 'b', 'c']) {
      const network = await honest(name)
      const handler = scene.source.chain
      network.setRequestHandler(STATE_REQUEST, async (request) => {
        asked.set(name, (asked.get(name) ?? 0) + 1)
        return [encodeStateItems(await handler.stateItems(decodeHashes(request), 2 ** 20))]
      })
    }
    const store = createMemoryStore()
    await fetch(store)
    expect([...asked.values()].every((count) => count > 0)).toBe(true)
    expect(asked.size).toBe(3)
    await expectSame(store)
    const stored = await expectNothingForeign(store)
    // Block 0's few nodes were there; those that the state does not have went.
    const first = createMemoryStore()
    await createInProcessChain({ store: first, genesis: scene.genesis, engine: 'reference' })
    expect(fetched()).toBeLessThan(stored + (await expectNothingForeign(first)))
    expect(fetched()).toBeGreaterThan(stored - 20)
  })

  it('is not needed where there are no blocks, nor where there is a chain', async () => {
    const empty = await stateScene(1)
    const { genesis } = empty
    const networks = memoryNetworks()
    const fresh = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
    const peer = networks.join('a')
    serveChain(peer, fresh, DEFAULT_SYNC_LIMITS)
    await peer.start()
    const store = createMemoryStore()
    const options = {
      genesis,
      check: { take: () => null, faultOf: () => null },
      hasHandovers: true,
      named: 0,
      clock: systemClock,
      logger: listLogger([]),
      limits: FAST,
    }
    const snapshot = SnapshotStore.open(store, genesis)!
    expect(await fetchSnapshot({ ...options, network: networks.join('late'), store: snapshot })).toBeNull()
    const chain = await openChain({ store, genesis, engine: 'reference' })
    expect(chain.head.header.number).toBe(0n)
    expect(SnapshotStore.open(store, genesis)).toBeNull()
    expect(() => SnapshotStore.open(store, { ...genesis, timestamp: 1n })).toThrow('another directory')
  })
})

describe('a snapshot that a program of layout 2 has begun', () => {
  it('is of the layout that counts nodes when it is complete, so that no such program goes on with it', async () => {
    const { honest, fetch } = meeting()
    await honest('a')
    const store = createMemoryStore()
    const snapshot = SnapshotStore.open(store, scene.genesis)!
    await snapshot.begin(scene.genesis)
    const { genesisHash } = snapshot
    await store.batch([put(keys.format, encodeFormat({ version: 2, genesisHash }))], { sync: true })
    await fetch(store)
    const database = new ChainDatabase(store)
    expect(database.states()).toEqual({ oldest: HEIGHT, part: 0 })
    expect(database.format()).toEqual({ version: SCHEMA_VERSION, genesisHash })
  })
})

describe('history before a snapshot', () => {
  it('is refused with where it begins, and served to nobody', async () => {
    const { honest, fetch } = meeting()
    await honest('a')
    const store = createMemoryStore()
    await fetch(store)
    const joined = await expectSame(store)
    const gone = {
      name: 'ChainError',
      code: 'history-unavailable',
      message: expect.stringContaining(`block ${HEIGHT}`),
    }
    await expect(joined.block({ number: 2n })).rejects.toMatchObject(gone)
    await expect(joined.account(contracts[0], { number: 1n })).rejects.toMatchObject(gone)
    await expect(joined.receipts('latest')).rejects.toMatchObject(gone)
    const filter = { addresses: [], topics: [], limit: 10, maxBytes: 1_000, toBlock: HEIGHT }
    await expect(joined.logs({ ...filter, fromBlock: 0n })).rejects.toMatchObject(gone)
    await expect(joined.logs({ ...filter, fromBlock: HEIGHT })).rejects.toMatchObject(gone)
    // Block 0 every node knows, and the block of the snapshot is whole but for its receipts.
    expect((await joined.block('earliest'))?.block.header.number).toBe(0n)
    const { block, certificate } = (await joined.block('latest'))!
    expect(encodeCertificate(certificate!)).toEqual(
      encodeCertificate((await scene.source.chain.block('latest'))!.certificate!),
    )
    expect(block.transactions).toHaveLength(7)
    expect(await joined.rawBlocks(1n, 10, 2 ** 20)).toEqual([])
    expect(await joined.rawBlocks(HEIGHT, 10, 2 ** 20)).toHaveLength(1)
    const older = (await scene.source.chain.block({ number: 2n }))!.block.header.stateRoot
    expect(await joined.stateItems([older], 2 ** 20)).toEqual([new Uint8Array(0)])
  })
})

type Change = (items: Uint8Array[]) => readonly Uint8Array[]
const EMPTY = new Uint8Array(0)

/** Answers for state that are wrong in one way each. */
const wrongState: readonly [string, Change][] = [
  ['one bit changed', (items) => items.map((item, index) => (index === items.length - 1 ? flipped(item) : item))],
  ['another node that exists', (items) => items.map(() => items[0]!)],
  ['the right ones in another order', (items) => (items.length > 1 ? items.toReversed() : [flipped(items[0]!)])],
  ['more than was asked for', (items) => [...items, items[0]!]],
  ['none at all', () => []],
  ['longer ones', (items) => items.map((item) => Uint8Array.from([...item, 0]))],
  ['made-up nodes that lead on', (items) => items.map((_, index) => madeUpNode(index))],
]

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy[copy.length >> 1]! ^= 1
  return copy
}

function madeUpNode(index: number): Uint8Array {
  return encodeRlp([...Array.from({ length: 16 }, (_, at) => keccak256(Uint8Array.of(index, at))), EMPTY])
}

describe('peers that lie', () => {
  it.each(wrongState)('with %s are found out at once, and the state comes from others', async (_, change) => {
    const { honest, liar, fetch } = meeting()
    await liar('evil', (handlers) => {
      const handler = handlers.get(STATE_REQUEST)!
      handlers.set(STATE_REQUEST, async (request) => {
        const items = decodeStateItems(await handler(request), decodeHashes(request).length)
        return [encodeStateItems(change(items))]
      })
    })
    await honest('honest')
    const store = createMemoryStore()
    const { network } = await fetch(store)
    await expectSame(store)
    await expectNothingForeign(store)
    expect(network.penalties.length).toBeGreaterThan(0)
    expect(network.penalties.every(({ peer }) => peer === 'evil')).toBe(true)
    // Once for each request that was under way.
    expect(network.penalties.length).toBeLessThanOrEqual(2)
  })

  it.each<[string, Handler]>([
    ['nothing but empty items', async (request) => [encodeStateItems(decodeHashes(request).map(() => EMPTY))]],
    ['refusals', () => Promise.reject(new Error('no'))],
    ['silence', () => new Promise(() => undefined)],
  ])('answering with %s are not asked for long', async (_, handler) => {
    const { honest, liar, fetch } = meeting()
    let asked = 0
    await liar('evil', (handlers) =>
      handlers.set(STATE_REQUEST, (request) => {
        asked += 1
        return handler(request)
      }),
    )
    await honest('honest')
    const store = createMemoryStore()
    await fetch(store)
    await expectSame(store)
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(10)
  })

  it('answering one item at a time cost little', async () => {
    const { honest, liar, fetch } = meeting()
    await liar('evil', (handlers) => {
      const handler = handlers.get(STATE_REQUEST)!
      handlers.set(STATE_REQUEST, async (request) => {
        const items = decodeStateItems(await handler(request), decodeHashes(request).length)
        return [encodeStateItems(items.slice(0, 1))]
      })
    })
    await honest('honest')
    const store = createMemoryStore()
    await fetch(store)
    await expectSame(store)
  })

  it('about the newest block are believed in nothing', async () => {
    const { honest, liar, fetch } = meeting()
    const claim = (handlers: Map<string, Handler>, height: bigint) =>
      handlers.set(STATUS_REQUEST, async () => [encodeStatus({ height, hash: new Uint8Array(32), first: 1n })])
    const { block, certificate } = (await scene.source.chain.block('latest'))!
    const forged = { ...certificate!, signatures: [{ index: 0, signature: new Uint8Array(64).fill(7) }] }
    const fewSigners = { ...certificate!, signatures: [{ index: 1, signature: certificate!.signatures[0]!.signature }] }
    const answers: [string, bigint, Handler][] = [
      ['far', 10n ** 15n, async () => []],
      ['garbage', 9n, async () => [Uint8Array.of(1, 2, 3)]],
      ['older', 8n, async () => (await oldBlock()) ?? []],
      ['forged', HEIGHT, async () => [encodeCertifiedBlock(block.raw, encodeCertificate(forged))]],
      ['few', HEIGHT, async () => [encodeCertifiedBlock(block.raw, encodeCertificate(fewSigners))]],
    ]
    const oldBlock = async () =>
      (await scene.source.chain.rawBlocks(1n, 1, 2 ** 20)).map((one) =>
        encodeCertifiedBlock(one.block, one.certificate),
      )
    for (const [name, height, handler] of answers) {
      await liar(name, (handlers) => {
        claim(handlers, height)
        handlers.set(BLOCKS_REQUEST, handler)
      })
    }
    await honest('honest')
    const store = createMemoryStore()
    const { height, network } = await fetch(store)
    expect(height).toBe(HEIGHT)
    await expectSame(store)
    const penalized = new Set(network.penalties.map(({ peer }) => peer))
    expect(penalized).toEqual(new Set(['garbage', 'older', 'forged', 'few']))
  })

  it('alone give nothing: the node begins with the genesis when nothing was begun', async () => {
    const { liar, fetch } = meeting()
    await liar('evil', (handlers) => handlers.set(BLOCKS_REQUEST, async () => [Uint8Array.of(1)]))
    const store = createMemoryStore()
    const { height } = await fetch(store)
    expect(height).toBeNull()
    expect(SnapshotStore.open(store, scene.genesis)!.isBegun).toBe(false)
  })
})

describe('the way to the genesis', () => {
  const withheld: Partial<SnapshotLimits> = { firstItemTime: 30, provingTime: 50, attempts: 3 }
  const keepsState = (handlers: Map<string, Handler>) =>
    handlers.set(STATE_REQUEST, () => Promise.reject(new Error('busy: later')))

  it('is open when peers prove blocks and keep their state to themselves', async () => {
    const { liar, fetch } = meeting()
    await liar('evil', keepsState)
    const store = createMemoryStore()
    const { height, log } = await fetch(store, 'late', withheld)
    expect(height).toBeNull()
    expect(log.filter(({ message }) => message.startsWith('fetching a snapshot of'))).toHaveLength(3)
    // As if nothing had been begun.
    const chain = await openChain({ store, genesis: scene.genesis, engine: 'reference' })
    expect(chain.head.header.number).toBe(0n)
  })

  it('is not taken when an earlier run has begun a snapshot, nor before a named peer was heard', async () => {
    const first = meeting()
    await first.honest('a')
    const store = createMemoryStore()
    await expect(first.fetch(failingStore(store, 2))).rejects.toThrow('the machine stopped')
    const { liar, honest, fetch } = meeting()
    await liar('evil', keepsState)
    const running = fetch(store, 'late', withheld)
    await new Promise((resolve) => setTimeout(resolve, 400))
    await honest('a')
    expect((await running).height).toBe(HEIGHT)
    await expectSame(store)

    const other = meeting()
    await other.liar('evil', (handlers) =>
      handlers.set(STATUS_REQUEST, async () => [encodeStatus({ height: 0n, hash: new Uint8Array(32), first: 1n })]),
    )
    const waiting = other.fetch(createMemoryStore(), 'late', withheld, 1)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await other.honest('named')
    expect((await waiting).height).toBe(HEIGHT)
  })

  it('is not taken because all peers have left for a moment', async () => {
    const { liar, honest, networks, fetch } = meeting()
    await liar('gone', (handlers) =>
      handlers.set(BLOCKS_REQUEST, async () => {
        networks.cut('gone', 'late')
        return []
      }),
    )
    const running = fetch(createMemoryStore(), 'late', withheld)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await honest('a')
    expect((await running).height).toBe(HEIGHT)
  })
})

/** Works for so many batches, and then as a machine that stops: nothing is written any more. */
function failingStore(inner: KeyValueStore, batches: number): KeyValueStore {
  let left = batches
  return {
    ...inner,
    batch: (operations, options) =>
      left-- > 0 ? inner.batch(operations, options) : Promise.reject(new Error('the machine stopped')),
  }
}

describe('a kill', () => {
  it('at any write leaves what the next start goes on with', async () => {
    const finish = async (store: KeyValueStore) => {
      const { honest, fetch } = meeting()
      await honest('a')
      await fetch(store, 'late', { writeBytes: 64 * 1024 })
    }
    let cut = 0
    for (; ; cut++) {
      const store = createMemoryStore()
      const killed = await finish(failingStore(store, cut)).catch((error: unknown) => String(error))
      if (killed === undefined) break
      expect(killed).toContain('the machine stopped')
      await expectNothingForeign(store)
      if (cut > 0) {
        // Nothing but a snapshot may go on with it.
        await expect(openChain({ store, genesis: scene.genesis, engine: 'reference' })).rejects.toMatchObject({
          code: 'unfinished-snapshot',
        })
      }
      await finish(store)
      await expectSame(store)
    }
    // Beginning, some writes of state, clearing and filling the flat tables, the end.
    expect(cut).toBeGreaterThan(5)
  })

  it('does not make it fetch again what is there, even for another block; what the disk spoilt it does', async () => {
    const own = await stateScene(700)
    const first = meeting(own)
    await first.honest('a')
    const store = createMemoryStore()
    // All nodes and codes are written, and the flat tables half.
    const whole = createMemoryStore()
    await first.fetch(whole)
    const all = first.fetched()
    const cut = meeting(own)
    await cut.honest('a')
    await expect(cut.fetch(failingStore(store, 4))).rejects.toThrow('the machine stopped')

    await own.step()
    const { stateRoot } = own.source.chain.head().header
    const spoilt = (await own.source.chain.block({ number: 4n }))!.block.header.stateRoot
    expect(store.get(keys.node(spoilt))).toBeDefined()
    expect(store.get(keys.node(stateRoot))).toBeUndefined()
    let victims = 0
    for await (const [key] of store.range({ from: Uint8Array.of(0x07), to: Uint8Array.of(0x08) })) {
      // A node of the state that is to come too, most likely; each tenth is hit.
      if (victims++ % 10 === 0) await store.batch([{ type: 'put', key, value: Uint8Array.of(0xc0) }], { sync: true })
    }
    const second = meeting(own)
    await second.honest('a')
    expect((await second.fetch(store)).height).toBe(5n)
    await expectSame(store, own)
    expect(second.fetched()).toBeGreaterThan(0)
    expect(second.fetched()).toBeLessThan(all)
  })
})
