import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { type LogLine, listLogger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { CodecError } from '../codec/codecError.ts'
import { type MemoryNetwork, memoryNetworks } from '../network/testing/memoryNetwork.ts'
import { type FakeChain, fakeChain, transfer } from '../txpool/testing/fakeChain.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Certificate } from '../types/certificate.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import { type ApplyOutcome, type BlockSyncOptions, startBlockSync } from './blockSync.ts'
import { DEFAULT_SYNC_LIMITS, type SyncLimits } from './limits.ts'
import {
  decodeCertifiedBlock,
  decodeRange,
  decodeStatus,
  encodeCertifiedBlock,
  encodeRange,
  encodeStatus,
} from './messages.ts'

const LIMITS: Partial<SyncLimits> = { rangeBlocks: 8, rangesAhead: 2 }

/** A chain of its own for each node; blocks of the same heights are the same on all. */
function grow(chain: FakeChain, height: number): FakeChain {
  while (Number(chain.head().header.number) < height) {
    const { block, certificate } = chain.next([])
    chain.take(block, certificate)
  }
  return chain
}

function scene() {
  const clock = manualClock()
  const networks = memoryNetworks()
  const node = (name: string, height: number, options: Partial<BlockSyncOptions> = {}) => {
    const network = networks.join(name)
    const chain = grow(fakeChain(), height)
    const log: LogLine[] = []
    const applied: number[] = []
    const targets: (bigint | null)[] = []
    const apply = async (block: Parameters<FakeChain['take']>[0], certificate: Certificate): Promise<ApplyOutcome> => {
      // The fake certificate: round 0 is good.
      if (certificate.round !== 0) return { ok: false, code: 'bad-certificate', message: 'not enough votes' }
      if (block.header.number !== chain.head().header.number + 1n) return { ok: false, code: 'gap', message: 'gap' }
      chain.take(block, certificate)
      applied.push(Number(block.header.number))
      return { ok: true }
    }
    const sync = startBlockSync({
      network,
      chain,
      apply,
      onTarget: (height) => targets.push(height),
      clock,
      logger: listLogger(log),
      limits: LIMITS,
      ...options,
    })
    return { network, chain, log, applied, targets, sync, height: () => Number(chain.head().header.number) }
  }
  /** A peer that claims a height and answers as it likes. */
  const liar = (
    name: string,
    height: bigint,
    answer: (from: bigint, count: number) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>,
  ) => {
    const network = networks.join(name)
    const asked: bigint[] = []
    network.setRequestHandler('status', async () => [encodeStatus({ height, hash: new Uint8Array(32), first: 1n })])
    network.setRequestHandler('blocks', async (request) => {
      const { from, count } = decodeRange(request)
      asked.push(from)
      return answer(from, count)
    })
    return { network, asked }
  }
  return { clock, networks, node, liar }
}

const start = async (...nodes: readonly { network: MemoryNetwork }[]) => {
  for (const { network } of nodes) await network.start()
}

const framesOf = (chain: FakeChain) => async (from: bigint, count: number) =>
  (await chain.rawBlocks(from, count, 1_000_000)).map(({ block, certificate }) =>
    encodeCertifiedBlock(block, certificate),
  )

describe('messages', () => {
  it('go over the wire and back', () => {
    const status = { height: 7n, hash: new Uint8Array(32).fill(3), first: 2n }
    expect(decodeStatus(encodeStatus(status))).toEqual(status)
    expect(decodeRange(encodeRange({ from: 9n, count: 64 }))).toEqual({ from: 9n, count: 64 })
    const { block, certificate } = fakeChain().next([])
    const decoded = decodeCertifiedBlock(encodeCertifiedBlock(block.raw, encodeCertificate(certificate)))
    expect(decoded.block.hash).toEqual(block.hash)
    expect(decoded.certificate).toEqual(certificate)
  })

  it('are decoded strictly', () => {
    const chain = fakeChain()
    const { block, certificate } = chain.next([])
    for (const other of [{ height: 2n }, { blockHash: new Uint8Array(32) }]) {
      const wrong = encodeCertificate({ ...certificate, ...other })
      expect(() => decodeCertifiedBlock(encodeCertifiedBlock(block.raw, wrong))).toThrow('is not for block 1')
    }
    // A certified header over other transactions: whoever sends it is to blame, not the chain.
    const swapped = sealBlock(block.header, [transfer({ from: 1, nonce: 0n })])
    expect(swapped.hash).toEqual(block.hash)
    expect(() => decodeCertifiedBlock(encodeCertifiedBlock(swapped.raw, encodeCertificate(certificate)))).toThrow(
      "are not those of the header's transactions root",
    )
    expect(() => decodeRange(encodeRange({ from: 1n, count: 1_025 }))).toThrow(CodecError)
    expect(() => decodeStatus(encodeStatus({ height: 2n ** 63n, hash: new Uint8Array(32), first: 1n }))).toThrow(
      CodecError,
    )
    const random = seededRandom(5)
    for (let i = 0; i < 3_000; i++) {
      const bytes = random.bytes(random.below(80))
      for (const decode of [decodeStatus, decodeRange, decodeCertifiedBlock]) {
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError)
        }
      }
    }
  })
})

describe('sync', () => {
  it('brings a node that joins up to the others, in order, from several of them', async () => {
    const { clock, node } = scene()
    const peers = [node('a', 100), node('b', 100), node('c', 100)]
    const late = node('late', 0)
    const served = new Map<string, number>()
    const request = late.network.request.bind(late.network)
    late.network.request = (peer, protocol, bytes, options) => {
      if (protocol === 'blocks') served.set(peer, (served.get(peer) ?? 0) + decodeRange(bytes).count)
      return request(peer, protocol, bytes, options)
    }
    await start(...peers, late)
    await clock.advance(1_000)
    expect(late.height()).toBe(100)
    expect(late.applied).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(served.size).toBeGreaterThan(1)
    // Each once, but for the first ones of who was not known yet.
    expect([...served.values()].reduce((a, b) => a + b)).toBeLessThan(110)
    expect(late.network.penalties).toEqual([])
    // Never above what is at hand, and nothing at the end.
    expect(late.targets.at(-1)).toBeNull()
    const targets = late.targets.filter((target) => target !== null)
    expect(targets.at(-1)).toBe(100n)
    expect(targets[0]).toBeLessThanOrEqual(3n * 8n + 8n)
    expect(late.sync.status()).toEqual({ syncing: false, startingBlock: 100n, currentBlock: 100n, highestBlock: 100n })
    expect(late.log.some(({ message }) => message === 'caught up with the peers that answer')).toBe(true)
  })

  it('goes on where it was stopped', async () => {
    const { clock, node } = scene()
    const peer = node('a', 50)
    const late = node('late', 30)
    await start(peer, late)
    await clock.advance(1_000)
    expect(late.applied[0]).toBe(31)
    expect(late.height()).toBe(50)
  })

  it('shows where it is, and stops in the middle when told to', async () => {
    const { clock, node } = scene()
    const peer = node('a', 50)
    let release = () => {}
    const late = node('late', 0, {
      apply: async (block, certificate) => {
        if (block.header.number === 20n) await new Promise<void>((resolve) => (release = resolve))
        late.chain.take(block, certificate)
        return { ok: true }
      },
    })
    await start(peer, late)
    await clock.advance(100)
    expect(late.sync.status()).toEqual({ syncing: true, startingBlock: 0n, currentBlock: 19n, highestBlock: 50n })
    const stopping = late.sync.stop()
    release()
    await stopping
    expect(late.height()).toBe(20)
    await clock.advance(60_000)
    expect(late.height()).toBe(20)
  })

  it('waits a moment when it is one block behind: consensus mostly brings that', async () => {
    const { clock, node } = scene()
    const peer = node('a', 10)
    const other = node('b', 9)
    await start(peer, other)
    await clock.advance(299)
    expect(other.height()).toBe(9)
    grow(other.chain, 10)
    await clock.advance(1_000)
    expect(other.applied).toEqual([])
    grow(peer.chain, 11)
    other.sync.onBehind(11n, 'a')
    await clock.advance(0)
    expect(other.applied).toEqual([11])
  })

  it('learns of growth without being told', async () => {
    const { clock, node } = scene()
    const peer = node('a', 5)
    const other = node('b', 5)
    await start(peer, other)
    await clock.advance(100)
    grow(peer.chain, 8)
    await clock.advance(6_000)
    expect(other.height()).toBe(8)
  })

  it('serves within its bounds', async () => {
    const { clock, node, networks } = scene()
    const peer = node('a', 50)
    const asker = networks.join('x')
    await start(peer, { network: asker })
    await clock.advance(1)
    const ask = (from: bigint, count: number) => asker.request('a', 'blocks', encodeRange({ from, count }))
    expect(await ask(1n, 1_000)).toHaveLength(8)
    expect(await ask(48n, 8)).toHaveLength(3)
    expect(await ask(51n, 8)).toHaveLength(0)
    expect(await ask(5n, 0)).toHaveLength(0)
    await expect(ask(0n, 1)).rejects.toThrow('ask from 1')
    await expect(asker.request('a', 'blocks', Uint8Array.of(1, 2))).rejects.toMatchObject({ code: 'refused' })
  })
})

describe('peers that lie', () => {
  const bad =
    (chain: FakeChain, change: (certificate: Certificate) => Certificate) => async (from: bigint, count: number) => {
      const frames = await framesOf(chain)(from, count)
      return frames.map((frame) => {
        const { block, certificate } = decodeCertifiedBlock(frame)
        return encodeCertifiedBlock(block.raw, encodeCertificate(change(certificate)))
      })
    }

  it.each([
    ['bad certificates', (chain: FakeChain) => bad(chain, (certificate) => ({ ...certificate, round: 9 }))],
    [
      'certificates of other blocks',
      (chain: FakeChain) => bad(chain, (certificate) => ({ ...certificate, height: 1n })),
    ],
    [
      'blocks of other heights',
      (chain: FakeChain) => (from: bigint, count: number) => framesOf(chain)(from + 1n, count),
    ],
    ['garbage', () => async () => [Uint8Array.of(1, 2, 3)]],
    [
      'other blocks than asked',
      (chain: FakeChain) => async (_: bigint, count: number) => framesOf(chain)(1n, count + 1),
    ],
    [
      'the right blocks in the wrong order',
      (chain: FakeChain) => async (from: bigint, count: number) => (await framesOf(chain)(from, count)).toReversed(),
    ],
  ])('with %s are penalized, and others asked', async (_, answer) => {
    const { clock, node, liar } = scene()
    const honest = node('honest', 40)
    const evil = liar('evil', 40n, answer(grow(fakeChain(), 41)) as never)
    const late = node('late', 0)
    await start(evil, honest, late)
    await clock.advance(20_000)
    expect(late.height()).toBe(40)
    expect(evil.asked.length).toBeGreaterThan(0)
    expect(late.network.penalties.length).toBeGreaterThan(0)
    expect(late.network.penalties.every(({ peer }) => peer === 'evil')).toBe(true)
  })

  it('about their height are believed until asked', async () => {
    const { clock, node, liar } = scene()
    const evil = liar('evil', 10n ** 18n, () => [])
    const honest = node('honest', 20)
    const late = node('late', 0)
    await start(evil, honest, late)
    await clock.advance(2_000)
    expect(late.height()).toBe(20)
    expect(late.sync.status().syncing).toBe(false)
    expect(late.targets.every((target) => target === null || target <= 20n)).toBe(true)
    // A claim that was not kept is asked about a few times, not in a loop.
    expect(evil.asked.length).toBeLessThan(20)
  })

  it('by answering slowly do not hold up the others', async () => {
    const { clock, node, liar } = scene()
    const chain = grow(fakeChain(), 200)
    let slow = 0
    liar('slow', 200n, (from, count) => {
      slow += 1
      return new Promise((resolve) => clock.after(20_000, () => resolve(framesOf(chain)(from, count) as never)))
    }).network.start()
    const honest = node('honest', 200)
    const late = node('late', 0)
    await start(honest, late)
    // It is found to be slow once for each range it was given before anybody knew.
    await clock.advance(5_000)
    expect(late.height()).toBe(200)
    expect(slow).toBeLessThanOrEqual(4)
    expect(late.network.penalties).toEqual([])
    await clock.advance(60_000)
    expect(late.applied).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
  })

  it('that lack the first blocks are not asked for them', async () => {
    const { clock, networks, node } = scene()
    const network = networks.join('young')
    const chain = grow(fakeChain(), 60)
    const asked: bigint[] = []
    network.setRequestHandler('status', async () => [
      encodeStatus({ height: 60n, hash: new Uint8Array(32), first: 41n }),
    ])
    network.setRequestHandler('blocks', async (request) => {
      const { from, count } = decodeRange(request)
      asked.push(from)
      return framesOf(chain)(from, count)
    })
    await network.start()
    const late = node('late', 0)
    await start(late)
    await clock.advance(20_000)
    expect(asked).toEqual([])
    const told = () => late.log.filter(({ message }) => message.startsWith('no peer has block 1: '))
    expect(told()).toHaveLength(1)
    const whole = node('whole', 45)
    await start(whole)
    await clock.advance(10_000)
    expect(late.height()).toBe(60)
    expect(asked.every((from) => from >= 41n)).toBe(true)
    expect(told()).toHaveLength(1)
  })

  it('by not answering are left alone for a while', async () => {
    const { clock, node, liar } = scene()
    const evil = liar('evil', 20n, () => Promise.reject(new Error('no')))
    const honest = node('honest', 20)
    const late = node('late', 0)
    await start(evil, honest, late)
    await clock.advance(1_000)
    expect(late.height()).toBe(20)
    expect(late.network.penalties).toEqual([])
    expect(evil.asked.length).toBeLessThan(5)
  })

  it('are asked at once when they come back, though they were named and asked in vain while they were away', async () => {
    const { clock, networks, node } = scene()
    const [late, peer] = [node('late', 0), node('a', 3)]
    networks.cut('late', 'a')
    await start(late, peer)
    // Somebody's word: a message of theirs came by another way.
    late.sync.onBehind(3n, 'a')
    await clock.advance(100)
    expect(late.height()).toBe(0)
    networks.heal('late', 'a')
    await clock.advance(1_000)
    expect(late.height()).toBe(3)
  })

  it('once, and nobody else has the blocks, are asked again after their pause', async () => {
    const { clock, node, liar } = scene()
    const source = grow(fakeChain(), 3)
    let asked = 0
    const only = liar('a', 3n, async (from, count) => {
      if (++asked === 1) throw new Error('not now')
      return framesOf(source)(from, count)
    })
    const late = node('late', 0, { limits: { ...LIMITS, statusInterval: 1_000_000 } })
    await start(only, late)
    await clock.advance(500)
    expect(late.height()).toBe(0)
    await clock.advance(DEFAULT_SYNC_LIMITS.peerPause)
    expect(late.height()).toBe(3)
    // The first block, and then the rest.
    expect(asked).toBe(3)
  })

  it('alone do not keep a node busy', async () => {
    const { clock, node, liar } = scene()
    const evil = liar('evil', 1_000n, async () => [Uint8Array.of(1)] as never)
    const late = node('late', 0)
    await start(evil, late)
    await clock.advance(60_000)
    expect(late.height()).toBe(0)
    expect(evil.asked.length).toBeLessThan(10)
  })

  it('with a fork that is certified stop sync', async () => {
    const { clock, node } = scene()
    const peer = node('a', 20)
    let calls = 0
    const late = node('late', 0, {
      apply: async () => {
        calls++
        return { ok: false, code: 'halted', message: 'two certificates' }
      },
    })
    await start(peer, late)
    await clock.advance(60_000)
    expect(calls).toBe(1)
    expect(
      late.log.some(({ level, fields }) => level === 'error' && JSON.stringify(fields).includes('two certificates')),
    ).toBe(true)
  })

  it('stops when a certified block cannot be applied here', async () => {
    const { clock, node } = scene()
    const peer = node('a', 20)
    let calls = 0
    const late = node('late', 0, {
      apply: async () => {
        calls++
        throw new Error('disk full')
      },
    })
    await start(peer, late)
    await clock.advance(60_000)
    expect(calls).toBe(1)
    expect(
      late.log.some(({ level, fields }) => level === 'error' && JSON.stringify(fields).includes('disk full')),
    ).toBe(true)
  })
})
