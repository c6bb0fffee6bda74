import { describe, expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { type ManualClock, manualClock } from '../../testing/manualClock.ts'
import { operate } from '../chain/testing/devFixtures.ts'
import { keyOf } from '../codec/bytes.ts'
import { type MemoryNetwork, memoryNetworks } from '../network/testing/memoryNetwork.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { encodeHashes } from './bundleCodec.ts'
import {
  EXCHANGE_ANSWER_TIME,
  EXCHANGE_INTERVAL,
  EXCHANGE_PATIENCE,
  EXCHANGE_TIME,
  EXCHANGED_BYTES,
  EXCHANGES_AT_MOST,
  HASH_ANSWERS_BURST,
  REFUSED_MEMORY,
  SERVED_BYTES_BURST,
} from './limits.ts'
import { addressOf, fakeChain, numberedRecoverer, transfer } from './testing/fakeChain.ts'
import { gossipScene } from './testing/testGossip.ts'
import { startTxGossip } from './txGossip.ts'
import { openTxPool } from './txPool.ts'

describe('the exchange of pools', () => {
  it('gives a node that joins what there is', async () => {
    const { clock, node, add, sizes } = await gossipScene(['a', 'b'])
    await node('a').network.start()
    for (let nonce = 0n; nonce < 700n; nonce++) await add('a', { from: 0, nonce })
    await clock.advance(100)
    await node('b').network.start()
    await clock.advance(100)
    expect(sizes()).toEqual([700, 700])
    expect(node('b').network.penalties).toEqual([])
  })

  it('gets out what was accepted behind a partition', async () => {
    const { clock, networks, start, add, sizes } = await gossipScene(['a', 'b', 'c'])
    await start()
    networks.cut('a', 'b')
    networks.cut('a', 'c')
    await add('a', { from: 0, nonce: 0n })
    await add('b', { from: 1, nonce: 0n })
    await clock.advance(5_000)
    expect(sizes()).toEqual([1, 1, 1])
    networks.heal('a', 'c')
    await clock.advance(100)
    // Through c, which is the only one that hears of it directly.
    expect(sizes()).toEqual([2, 2, 2])
  })

  it('comes round to every peer in time, whatever was missed', async () => {
    const { clock, node, start, sizes } = await gossipScene(['a', 'b', 'c'])
    await start()
    // As if the bundle had been lost: it came to a from a peer and was not passed on.
    await node('a').pool.add(transfer({ from: 0, nonce: 0n }).raw, 'peer')
    await clock.advance(EXCHANGE_INTERVAL - 1)
    expect(sizes()).toEqual([1, 0, 0])
    await clock.advance(2 * EXCHANGE_INTERVAL)
    expect(sizes()).toEqual([1, 1, 1])
  })

  it('penalizes answers that are no answers', async () => {
    const clock = manualClock()
    const hashes = [new Uint8Array(32).fill(5)]
    const cases: Record<string, readonly Uint8Array[]>[] = [
      { 'pool-hashes': [new Uint8Array(33)] },
      { 'pool-hashes': hashes, 'pool-transactions': [transfer({ from: 1, nonce: 0n }).raw] },
      { 'pool-hashes': hashes, 'pool-transactions': [Uint8Array.of(9)] },
      { 'pool-hashes': hashes, 'pool-transactions': [Uint8Array.of(9), Uint8Array.of(8)] },
    ]
    for (const answers of cases) {
      const other = memoryNetworks()
      const network = other.join('honest')
      const chain = fakeChain()
      chain.setAccount(1, { balance: 10n ** 18n })
      const logger = listLogger([])
      const pool = openTxPool({ chain, recoverer: numberedRecoverer(), clock, logger })
      startTxGossip({ network, pool, clock, logger })
      const evil = other.join('evil')
      for (const [protocol, frames] of Object.entries(answers)) evil.setRequestHandler(protocol, async () => frames)
      await network.start()
      await evil.start()
      await clock.advance(10)
      expect(network.penalties.map(({ peer }) => peer)).toEqual(['evil'])
    }
  })

  it('stops when told to', async () => {
    const { clock, node, start, add, sizes } = await gossipScene(['a', 'b'])
    await start()
    node('a').gossip.stop()
    await add('a', { from: 0, nonce: 0n })
    node('b').gossip.stop()
    await clock.advance(10 * EXCHANGE_INTERVAL)
    expect(sizes()).toEqual([1, 0])
  })
})

describe('a peer that is slow in the exchange of pools, or has not what it named', () => {
  const never = () => new Promise<never>(() => undefined)
  const random = (count: number) => {
    const hashes = Array.from({ length: count }, () => crypto.getRandomValues(new Uint8Array(32)))
    return [encodeHashes(hashes)]
  }

  /** One honest node, with a transaction that only the exchange can bring, and peers that came before it. */
  async function surrounded(
    count: number,
    attack: (peer: MemoryNetwork & { readonly clock: ManualClock }) => void,
    honest = 'b',
  ) {
    const { clock, networks, node, start, sizes } = await gossipScene(['a', honest])
    networks.cut('a', honest)
    await start()
    await node(honest).pool.add(transfer({ from: 0, nonce: 0n }).raw, 'peer')
    for (let index = 0; index < count; index++) {
      const peer = networks.join(`slow ${index}`)
      attack({ ...peer, clock })
      await peer.start()
    }
    await clock.advance(0)
    networks.heal('a', honest)
    await clock.advance(0)
    return { clock, node, sizes }
  }

  it('holds up nobody, whether it names nothing or does not give what it named', async () => {
    const attacks: ((peer: MemoryNetwork) => void)[] = [
      (peer) => peer.setRequestHandler('pool-hashes', never),
      (peer) => {
        peer.setRequestHandler('pool-hashes', async () => random(1_500))
        peer.setRequestHandler('pool-transactions', never)
      },
    ]
    for (const attack of attacks) {
      const one = await surrounded(1, attack)
      expect(one.sizes()[0]).toBe(1)
      const twelve = await surrounded(12, attack)
      await twelve.clock.advance(3 * EXCHANGE_PATIENCE)
      expect(twelve.sizes()[0]).toBe(1)
    }
  })

  it('ends after two answers without anything, and is nobody’s fault', async () => {
    let answers = 0
    const { clock, node } = await surrounded(1, (peer) => {
      peer.setRequestHandler('pool-hashes', async () => random(1_500))
      peer.setRequestHandler('pool-transactions', async (_request, from) => {
        if (from === 'a') answers++
        return []
      })
    })
    await clock.advance(100)
    expect([answers, node('a').network.penalties]).toEqual([2, []])
  })

  it('has an end in time', async () => {
    const poor = Array.from({ length: 2_000 }, (_, index) => transfer({ from: 50, nonce: 0n, value: BigInt(index) }))
    const log: string[] = []
    const { clock } = await surrounded(1, (peer) => {
      peer.setRequestHandler('pool-hashes', async (_request, from) => {
        log.push(`${from} hashes`)
        return [encodeHashes(poor.map(({ hash }) => hash))]
      })
      peer.setRequestHandler('pool-transactions', async (request, from) => {
        log.push(`${from} transactions`)
        await new Promise<void>((resolve) => peer.clock.after(0.9 * EXCHANGE_ANSWER_TIME, resolve))
        const first = keyOf(request.subarray(0, 32))
        return poor.filter(({ hash }) => keyOf(hash) === first).map(({ raw }) => raw)
      })
    })
    await clock.advance(EXCHANGE_TIME + 4 * EXCHANGE_INTERVAL)
    const ofA = log.filter((line) => line.startsWith('a')).map((line) => line.slice(2))
    // Each answer comes in time; but the third would be over the time of all.
    expect(ofA.slice(0, 5)).toEqual(['hashes', 'transactions', 'transactions', 'transactions', 'hashes'])
  })

  it('cannot keep a transaction from being fetched by saying that it has it', async () => {
    const real = transfer({ from: 0, nonce: 0n }).hash
    const { clock, sizes } = await surrounded(3, (peer) => {
      peer.setRequestHandler('pool-hashes', async () => [encodeHashes([real])])
      peer.setRequestHandler('pool-transactions', never)
    })
    await clock.advance(2 * EXCHANGE_PATIENCE)
    expect(sizes()[0]).toBe(1)
  })

  it('does not keep a peer named at start waiting, however many there are', async () => {
    const attack = (peer: MemoryNetwork) => peer.setRequestHandler('pool-hashes', never)
    expect((await surrounded(40, attack)).sizes()[0]).toBe(0)
    expect((await surrounded(40, attack, 'named one')).sizes()[0]).toBe(1)
  })

  it('is one of a bounded number', async () => {
    let open = 0
    const { clock } = await surrounded(40, (peer) =>
      peer.setRequestHandler('pool-hashes', (_request, from) => {
        if (from === 'a') open++
        return never()
      }),
    )
    expect(open).toBeLessThanOrEqual(EXCHANGES_AT_MOST)
    await clock.advance(5 * EXCHANGE_PATIENCE)
    expect(open).toBeLessThanOrEqual(EXCHANGES_AT_MOST)
    await clock.advance(EXCHANGE_ANSWER_TIME)
    expect(open).toBeGreaterThan(EXCHANGES_AT_MOST)
  })
})

it('comes round to peers named at start in turns of their own', async () => {
  const { clock, networks, node } = await gossipScene(['a'])
  const asked = new Map<string, number>()
  for (const name of ['p', 'q', 'r', 's', 'named x', 'named y']) {
    const peer = networks.join(name)
    peer.setRequestHandler('pool-hashes', async () => {
      asked.set(name, (asked.get(name) ?? 0) + 1)
      return [new Uint8Array(0)]
    })
    await peer.start()
  }
  await node('a').network.start()
  await clock.advance(4 * EXCHANGE_INTERVAL)
  // Once each when they came, then one of either kind each time.
  expect([...asked.values()]).toEqual([2, 2, 2, 2, 3, 3])
  expect(asked.get('named x')).toBe(3)
})

describe('what an exchange asks for', () => {
  it('is asked of one peer when several have it', async () => {
    const { clock, networks, node } = await gossipScene(['new'])
    const raws = Array.from({ length: 300 }, (_, nonce) => transfer({ from: 0, nonce: BigInt(nonce) }))
    let given = 0
    for (const name of ['p', 'q', 'r']) {
      const peer = networks.join(name)
      peer.setRequestHandler('pool-hashes', async () => [encodeHashes(raws.map(({ hash }) => hash))])
      peer.setRequestHandler('pool-transactions', async (request) => {
        given += request.length / 32
        return raws.map(({ raw }) => raw)
      })
      await peer.start()
    }
    await node('new').network.start()
    await clock.advance(2 * EXCHANGE_PATIENCE)
    expect([[...node('new').pool.transactions()].length, given]).toEqual([300, 300])
  })

  it('that does not fit is not asked for at every turn', async () => {
    const { clock, networks, node } = await gossipScene(['new'])
    const poor = transfer({ from: 50, nonce: 0n })
    let asked = 0
    const peer = networks.join('peer')
    peer.setRequestHandler('pool-hashes', async () => [encodeHashes([poor.hash])])
    peer.setRequestHandler('pool-transactions', async () => {
      asked++
      return [poor.raw]
    })
    await peer.start()
    await node('new').network.start()
    await clock.advance(3 * EXCHANGE_INTERVAL)
    expect(asked).toBe(1)
    await clock.advance(REFUSED_MEMORY)
    expect(asked).toBe(2)
    expect(node('new').network.penalties).toEqual([])
  })

  it('is fetched behind whatever cannot be paid for', async () => {
    const { clock, networks, node } = await gossipScene(['new'])
    const poor = Array.from({ length: 50 }, (_, index) => transfer({ from: 50, nonce: 0n, value: BigInt(index) }))
    const all = [...poor, transfer({ from: 0, nonce: 0n })]
    const peer = networks.join('peer')
    peer.setRequestHandler('pool-hashes', async () => [encodeHashes(all.map(({ hash }) => hash))])
    peer.setRequestHandler('pool-transactions', async () => all.map(({ raw }) => raw))
    await peer.start()
    await node('new').network.start()
    await clock.advance(0)
    expect([...node('new').pool.transactions()].map(({ hash }) => hash)).toEqual([all.at(-1)!.hash])
  })

  it('is asked for again when the peer comes back in the middle', async () => {
    const { clock, networks, node } = await gossipScene(['new'])
    let asked = 0
    const peer = networks.join('peer')
    peer.setRequestHandler('pool-hashes', async () => {
      asked++
      await new Promise<void>((resolve) => clock.after(100, resolve))
      return [new Uint8Array(0)]
    })
    await peer.start()
    await node('new').network.start()
    await clock.advance(50)
    networks.cut('new', 'peer')
    networks.heal('new', 'peer')
    await clock.advance(200)
    expect(asked).toBe(2)
  })

  it('goes on where an answer that was full ended', async () => {
    const { clock, node, start } = await gossipScene(['a', 'b'])
    const data = new Uint8Array(250_000)
    for (let nonce = 0n; nonce < 12n; nonce++) {
      await node('a').pool.add(transfer({ from: 0, nonce, data, gasLimit: 2_521_000n }).raw, 'peer')
    }
    expect([...node('a').pool.transactions()].length * data.length).toBeGreaterThan(EXCHANGED_BYTES)
    await start()
    await clock.advance(0)
    expect([...node('b').pool.transactions()].map(({ hash }) => keyOf(hash))).toEqual(
      [...node('a').pool.transactions()].map(({ hash }) => keyOf(hash)),
    )
  })
})

describe('an exchange over a link on which an answer takes too long', () => {
  async function slowScene() {
    const scene = await gossipScene(['a', 'b'])
    const { clock, networks, node, start } = scene
    const all = Array.from({ length: 6 }, (_, index) => transfer({ from: 1, nonce: BigInt(index) }))
    for (const { raw } of all) await node('a').pool.add(raw, 'peer')
    networks.slow('a', () => new Promise((resolve) => void clock.after(0.4 * EXCHANGE_ANSWER_TIME, resolve)))
    await start()
    return scene
  }

  it('takes what came whole, and asks for the rest', async () => {
    const { clock, node, sizes } = await slowScene()
    await clock.advance(EXCHANGE_TIME)
    // The hashes, two in their time, and one more before the end of all.
    expect(sizes()).toEqual([6, 3])
    await clock.advance(2 * EXCHANGE_TIME)
    expect(sizes()).toEqual([6, 6])
    expect(node('b').network.penalties).toEqual([])
  })

  it('takes what came before the connection was lost', async () => {
    const { clock, networks, node, sizes } = await slowScene()
    await clock.advance(EXCHANGE_ANSWER_TIME)
    networks.cut('a', 'b')
    expect(sizes()).toEqual([6, 0])
    await clock.advance(EXCHANGE_TIME)
    const [, count] = sizes()
    expect(count).toBeGreaterThan(0)
    // The peer has given something, though it is gone when it is asked for the rest.
    const told = node('b').lines.filter(({ message }) => message === 'took transactions over from a peer')
    expect(told.map(({ fields }) => fields)).toEqual([{ peer: 'a', transactions: count }])
  })
})

describe('pools of a chain in dev mode', () => {
  const sent = transfer({ from: 0, nonce: 0n })
  const control = operate({ kind: 'automine', on: true })
  const paid = { sender: addressOf(0), gasUsed: 21_000n, effectiveGasPrice: 1n }
  const receipts = [{ ...paid, receipt: { type: 2, status: 1, logs: [] } }] as unknown as readonly ReceiptRecord[]

  /** `b` has gone back behind a block with what is in the pool of `a`; nonces of the fake chain stay where they are. */
  const scene = async () => {
    const { node, ...others } = await gossipScene(['a', 'b'])
    for (const name of ['a', 'b']) {
      const { chain } = node(name)
      Object.assign(chain, { genesis: { ...chain.genesis, dev: { controller: addressOf(0) } } })
    }
    const goBack = (name: string) => {
      const { chain } = node(name)
      for (const tx of [sent, control]) {
        const { block, certificate } = chain.next([tx])
        chain.take(block, certificate, receipts)
      }
    }
    goBack('b')
    await node('a').pool.add(sent.raw, 'local')
    return { ...others, node, goBack }
  }

  it('do not bring back from a node that was away what a block had before the chain went back', async () => {
    const { clock, node, start, sizes, goBack } = await scene()
    await start()
    await clock.advance(2 * EXCHANGE_INTERVAL)
    expect(sizes()).toEqual([1, 0])
    expect(node('b').network.penalties).toEqual([])
    goBack('a')
    await clock.advance(0)
    expect(sizes()).toEqual([0, 0])
    // Somebody sends it anew to `a`, and the bundle is lost.
    await node('a').pool.add(sent.raw, 'peer')
    await clock.advance(2 * EXCHANGE_INTERVAL)
    expect(sizes()).toEqual([1, 1])
  })

  it('take from a node that began with a snapshot, which cannot know of earlier controls', async () => {
    const { clock, node, start, sizes } = await scene()
    Object.assign(node('a').chain, { base: 7n })
    await start()
    await clock.advance(EXCHANGE_INTERVAL)
    expect(sizes()).toEqual([1, 1])
  })

  it('say in 32 bytes of when they are', async () => {
    const { clock, networks, start, node } = await scene()
    const evil = networks.join('evil')
    evil.setRequestHandler('pool-hashes', async () => [new Uint8Array(32), new Uint8Array(31)])
    await evil.start()
    await start()
    await clock.advance(0)
    expect(node('b').network.penalties).toMatchObject([{ peer: 'evil', reason: expect.stringContaining('malformed') }])
  })
})

describe('answers about the pool', () => {
  it('are bounded for each peer, in number and in bytes', async () => {
    const { clock, networks, node } = await gossipScene(['a'])
    const data = new Uint8Array(250_000)
    const hashes: Uint8Array[] = []
    for (let nonce = 0n; nonce < 8n; nonce++) {
      const tx = transfer({ from: 0, nonce, data, gasLimit: 2_521_000n })
      await node('a').pool.add(tx.raw, 'peer')
      hashes.push(tx.hash)
    }
    const greedy = networks.join('greedy')
    await greedy.start()
    await node('a').network.start()
    const ask = (protocol: string, request: Uint8Array) =>
      greedy.request('a', protocol, request).then(
        (frames) => frames.reduce((sum, frame) => sum + frame.length, 0),
        (error: unknown) => String(error),
      )
    for (let count = 0; count < HASH_ANSWERS_BURST; count++) {
      expect(await ask('pool-hashes', new Uint8Array(0))).toBe(8 * 32)
    }
    expect(await ask('pool-hashes', new Uint8Array(0))).toMatch(/busy/)
    let bytes = 0
    for (;;) {
      const answer = await ask('pool-transactions', encodeHashes(hashes))
      if (typeof answer === 'string') {
        expect(answer).toMatch(/busy/)
        break
      }
      bytes += answer
    }
    expect(bytes).toBeGreaterThan(SERVED_BYTES_BURST)
    expect(bytes).toBeLessThanOrEqual(SERVED_BYTES_BURST + EXCHANGED_BYTES)
    await clock.advance(2_000)
    expect(await ask('pool-hashes', new Uint8Array(0))).toBe(8 * 32)
    expect(await ask('pool-transactions', encodeHashes(hashes))).toBeGreaterThan(EXCHANGED_BYTES / 2)
  })
})
