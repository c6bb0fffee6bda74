/**
 * How long one honest peer takes to bring a node up, alone and among strangers who lie, each in the same way. Time is
 * virtual: what is compared is how often, and for how long, somebody waits for somebody.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { type ManualClock, manualClock } from '../../testing/manualClock.ts'
import { SnapshotStore } from '../chain/snapshotStore.ts'
import { ValidatorTrail } from '../consensus/proofs/handovers.ts'
import type { RequestHandler } from '../network/network.ts'
import { type MemoryNetwork, type MemoryNetworks, memoryNetworks } from '../network/testing/memoryNetwork.ts'
import { installCrypto } from '../runtime/installCrypto.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { type FakeChain, fakeChain } from '../txpool/testing/fakeChain.ts'
import type { Certificate } from '../types/certificate.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import { type ApplyOutcome, startBlockSync } from './blockSync.ts'
import { DEFAULT_SYNC_LIMITS } from './limits.ts'
import {
  BLOCKS_REQUEST,
  decodeCertifiedBlock,
  decodeHashes,
  decodeRange,
  decodeStateItems,
  encodeCertifiedBlock,
  encodeStateItems,
  encodeStatus,
  HANDOVERS_REQUEST,
  STATE_REQUEST,
  STATUS_REQUEST,
} from './messages.ts'
import { serveChain } from './serving.ts'
import { fetchSnapshot } from './snapshotSync.ts'
import { type StateScene, stateScene } from './testing/stateScene.ts'

/** Milliseconds that an honest answer takes. */
const LATENCY = 20
/** The time that the network allows an answer, be it one byte now and then. */
const LONGEST = 30_000
/** Milliseconds that any number of liars may cost. */
const ALLOWED = 3_000
const LIARS = [1, 10, 90]

type Handlers = Map<string, RequestHandler>
/** The handlers of a liar, made from an honest peer's. */
type Lie = (handlers: Handlers, clock: ManualClock, index: number) => void

const wait = (clock: ManualClock, milliseconds: number) =>
  new Promise<void>((resolve) => clock.after(milliseconds, resolve))

/** Whatever is sent byte by byte, or not at all. */
const never = async (clock: ManualClock): Promise<never> => {
  await wait(clock, LONGEST)
  throw new Error('too slow')
}
const claims = (handlers: Handlers, height: bigint) =>
  handlers.set(STATUS_REQUEST, async () => [encodeStatus({ height, hash: new Uint8Array(32), first: 1n })])

/** The handlers that `serve` sets, each answer after so long. */
function handlersOf(clock: ManualClock, latency: number, serve: (network: MemoryNetwork) => void): Handlers {
  const handlers: Handlers = new Map()
  serve({
    setRequestHandler: (protocol: string, handler: RequestHandler) =>
      handlers.set(protocol, async (request, from) => {
        await wait(clock, latency)
        return handler(request, from)
      }),
  } as never)
  return handlers
}

async function peer(networks: MemoryNetworks, name: string, handlers: Handlers): Promise<void> {
  const network = networks.join(name)
  for (const [protocol, handler] of handlers) network.setRequestHandler(protocol, handler)
  await network.start()
}

/** They leave and come back all the time, in turn. */
function comeAndGo(clock: ManualClock, networks: MemoryNetworks, liars: number): void {
  let turn = 0
  const next = () => {
    const name = `liar ${turn++ % liars}`
    networks.cut('late', name)
    networks.heal('late', name)
    clock.after(Math.ceil(500 / liars), next)
  }
  next()
}

/** Virtual milliseconds until it is done. */
async function timeOf(clock: ManualClock, isDone: () => boolean): Promise<number> {
  while (!isDone()) {
    if (clock.monotonic() > 120_000) throw new Error('not done after two minutes')
    await clock.advance(20)
  }
  return clock.monotonic()
}

describe('catching up', () => {
  const HEIGHT = 400
  let source: FakeChain
  beforeAll(() => {
    source = fakeChain()
    while (Number(source.head().header.number) < HEIGHT) {
      const { block, certificate } = source.next([])
      source.take(block, certificate)
    }
  })

  async function catchUp(liars: number, lie: Lie, moves = false): Promise<{ time: number; blamed: Set<string> }> {
    const clock = manualClock()
    const networks = memoryNetworks()
    const handlers = () => handlersOf(clock, LATENCY, (network) => serveChain(network, source, DEFAULT_SYNC_LIMITS))
    for (let index = 0; index < liars; index++) {
      const changed = handlers()
      lie(changed, clock, index)
      await peer(networks, `liar ${index}`, changed)
    }
    await peer(networks, 'honest', handlers())
    const network = networks.join('late')
    const chain = fakeChain()
    const apply = async (block: Parameters<FakeChain['take']>[0], certificate: Certificate): Promise<ApplyOutcome> => {
      // The fake certificate: round 0 is good.
      if (certificate.round !== 0) return { ok: false, code: 'bad-certificate', message: 'not enough votes' }
      chain.take(block, certificate)
      return { ok: true }
    }
    const sync = startBlockSync({ network, chain, apply, clock, logger: listLogger([]), limits: { rangeBlocks: 16 } })
    await network.start()
    if (moves) comeAndGo(clock, networks, liars)
    const time = await timeOf(clock, () => Number(chain.head().header.number) === HEIGHT)
    // Whatever they claim, it has all there is.
    await clock.advance(DEFAULT_SYNC_LIMITS.stalledAfter)
    expect(sync.status()).toMatchObject({ syncing: false, highestBlock: BigInt(HEIGHT) })
    await sync.stop()
    return { time, blamed: new Set(network.penalties.map((penalty) => penalty.peer)) }
  }

  const lies: [string, Lie, boolean?][] = [
    [
      'claim 2^53 and give nothing',
      (handlers, clock) => {
        claims(handlers, 2n ** 53n)
        handlers.set(BLOCKS_REQUEST, () => never(clock))
      },
    ],
    [
      'give one block, and then nothing',
      (handlers, clock) => {
        const honest = handlers.get(BLOCKS_REQUEST)!
        claims(handlers, 2n ** 53n)
        handlers.set(BLOCKS_REQUEST, (request, from) =>
          decodeRange(request).count === 1 ? honest(request, from) : never(clock),
        )
      },
    ],
    [
      'give a range, and nothing the next time',
      (handlers, clock) => {
        const honest = handlers.get(BLOCKS_REQUEST)!
        let asked = 0
        handlers.set(BLOCKS_REQUEST, (request, from) => (++asked % 5 !== 0 ? honest(request, from) : never(clock)))
      },
    ],
    [
      'keep the newest blocks to themselves',
      (handlers, clock) => {
        const honest = handlers.get(BLOCKS_REQUEST)!
        handlers.set(BLOCKS_REQUEST, async (request, from) =>
          decodeRange(request).from > 200n ? never(clock) : honest(request, from),
        )
      },
    ],
    [
      'claim blocks and have none',
      (handlers) => {
        claims(handlers, 2n ** 53n)
        handlers.set(BLOCKS_REQUEST, async () => [])
      },
    ],
    ['refuse', (handlers) => handlers.set(BLOCKS_REQUEST, () => Promise.reject(new Error('busy')))],
    [
      'are slow',
      (handlers, clock) => {
        const honest = handlers.get(BLOCKS_REQUEST)!
        handlers.set(BLOCKS_REQUEST, async (request, from) => {
          await wait(clock, 5_000)
          return honest(request, from)
        })
      },
    ],
    [
      'do not say what they have',
      (handlers, clock) => {
        handlers.set(STATUS_REQUEST, () => never(clock))
      },
    ],
    [
      'give nothing, and come and go',
      (handlers, clock) => {
        claims(handlers, 2n ** 53n)
        handlers.set(BLOCKS_REQUEST, () => never(clock))
      },
      true,
    ],
    [
      'forge certificates',
      (handlers) => {
        const honest = handlers.get(BLOCKS_REQUEST)!
        handlers.set(BLOCKS_REQUEST, async (request, from) =>
          (await honest(request, from)).map((frame) => {
            const { block, certificate } = decodeCertifiedBlock(frame)
            return encodeCertifiedBlock(block.raw, encodeCertificate({ ...certificate, round: 9 }))
          }),
        )
      },
    ],
  ]

  it.each<[string, Lie, boolean?]>(lies)('costs little when strangers %s', async (_, lie, moves) => {
    const alone = (await catchUp(0, () => undefined)).time
    for (const liars of LIARS) {
      const { time, blamed } = await catchUp(liars, lie, moves)
      expect(time, `${liars} liars, ${alone} ms without them`).toBeLessThanOrEqual(alone + ALLOWED)
      expect(blamed.has('honest')).toBe(false)
    }
  })
})

describe('beginning with a snapshot', () => {
  let scene: StateScene
  const HEIGHT = 4n
  beforeAll(async () => {
    await installCrypto()
    scene = await stateScene(200)
  }, 60_000)

  async function begin(liars: number, lie: Lie, moves = false): Promise<number> {
    const clock = manualClock()
    const networks = memoryNetworks()
    const { chain } = scene.source
    const handlers = () => handlersOf(clock, LATENCY, (network) => serveChain(network, chain, DEFAULT_SYNC_LIMITS))
    for (let index = 0; index < liars; index++) {
      const changed = handlers()
      lie(changed, clock, index)
      await peer(networks, `liar ${index}`, changed)
    }
    // Its first status is from before the newest block.
    const honest = handlers()
    const status = honest.get(STATUS_REQUEST)!
    honest.set(STATUS_REQUEST, (request, from) =>
      clock.monotonic() < 900
        ? Promise.resolve([encodeStatus({ height: HEIGHT - 1n, hash: new Uint8Array(32), first: 1n })])
        : status(request, from),
    )
    await peer(networks, 'honest', honest)
    const network = networks.join('late')
    const store = createMemoryStore()
    const snapshot = SnapshotStore.open(store, scene.genesis)!
    const { chainId, validators } = scene.genesis
    let outcome = null as { readonly height: bigint | null } | null
    const running = fetchSnapshot({
      network,
      store: snapshot,
      genesis: scene.genesis,
      check: new ValidatorTrail(validators, { chainId, genesisHash: snapshot.genesisHash }),
      hasHandovers: true,
      named: 0,
      clock,
      logger: listLogger([]),
    }).then((height) => {
      outcome = { height }
    })
    if (moves) comeAndGo(clock, networks, liars)
    const time = await timeOf(clock, () => outcome !== null)
    await running
    expect([HEIGHT - 1n, HEIGHT]).toContain(outcome!.height)
    expect(network.penalties.some((penalty) => penalty.peer === 'honest')).toBe(false)
    return time
  }

  const relays = (state: (clock: ManualClock, honest: RequestHandler) => RequestHandler): Lie => {
    return (handlers, clock) => {
      claims(handlers, HEIGHT)
      handlers.set(STATE_REQUEST, state(clock, handlers.get(STATE_REQUEST)!))
    }
  }
  const lies: [string, Lie, boolean?][] = [
    [
      'claim 2^60 and prove nothing',
      (handlers, clock) => {
        claims(handlers, 2n ** 60n)
        handlers.set(BLOCKS_REQUEST, () => never(clock))
      },
    ],
    [
      'claim different heights and prove nothing',
      (handlers, clock, index) => {
        claims(handlers, 2n ** 60n + BigInt(index))
        handlers.set(BLOCKS_REQUEST, () => never(clock))
        handlers.set(STATE_REQUEST, () => never(clock))
      },
    ],
    [
      'prove an old block',
      (handlers, clock) => {
        claims(handlers, 1n)
        handlers.set(STATE_REQUEST, () => never(clock))
      },
    ],
    [
      'prove the newest block and keep the handovers to themselves',
      (handlers, clock) => {
        handlers.set(HANDOVERS_REQUEST, () => never(clock))
        handlers.set(STATE_REQUEST, () => never(clock))
      },
    ],
    ['prove the newest block and say they are busy', relays(() => () => Promise.reject(new Error('busy: later')))],
    ['prove the newest block and send nothing of it', relays((clock) => () => never(clock))],
    [
      'prove the newest block and have nothing of it',
      relays(() => async (request) => [encodeStateItems(decodeHashes(request).map(() => new Uint8Array(0)))]),
    ],
    [
      'prove the newest block and give one item each time',
      relays((_, honest) => async (request, from) => {
        const items = decodeStateItems(await honest(request, from), decodeHashes(request).length)
        return [encodeStateItems(items.slice(0, 1))]
      }),
    ],
    [
      'give state, and nothing the next time',
      relays((clock, honest) => {
        let asked = 0
        return (request, from) => (++asked % 3 !== 0 ? honest(request, from) : never(clock))
      }),
    ],
    [
      'are slow',
      relays((clock, honest) => async (request, from) => {
        await wait(clock, 5_000)
        return honest(request, from)
      }),
    ],
    [
      'do not say what they have',
      (handlers, clock) => {
        handlers.set(STATUS_REQUEST, () => never(clock))
      },
    ],
    ['send nothing, and come and go', relays((clock) => () => never(clock)), true],
  ]

  it.each<[string, Lie, boolean?]>(lies)('costs little when strangers %s', async (_, lie, moves) => {
    const alone = await begin(0, () => undefined)
    for (const liars of LIARS) {
      const time = await begin(liars, lie, moves)
      expect(time, `${liars} liars, ${alone} ms without them`).toBeLessThanOrEqual(alone + ALLOWED)
    }
  })
})
