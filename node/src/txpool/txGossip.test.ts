import { describe, expect, it } from 'vitest'
import { CodecError } from '../codec/codecError.ts'
import { encodeRlp } from '../codec/rlp.ts'
import { manualClock, seededRandom } from '../network/manualClock.ts'
import { memoryNetworks } from '../network/memoryNetwork.ts'
import { listLogger } from '../network/testNetworks.ts'
import { decodeBundle, decodeHashes, encodeBundle, encodeHashes } from './bundleCodec.ts'
import { fakeChain, numberedRecoverer, type TransferFields, transfer } from './fakeChain.ts'
import { BUNDLE_BYTES, BUNDLE_DELAY, EXCHANGE_INTERVAL, REFUSED_BURST } from './limits.ts'
import { bundles, startTxGossip } from './txGossip.ts'
import { openTxPool } from './txPool.ts'

async function scene(names: readonly string[]) {
  const clock = manualClock()
  const networks = memoryNetworks()
  const nodes = new Map(
    names.map((name) => {
      const chain = fakeChain()
      for (let index = 0; index < 5; index++) chain.setAccount(index, { balance: 10n ** 18n })
      const network = networks.join(name)
      const logger = listLogger([])
      const pool = openTxPool({ chain, recoverer: numberedRecoverer(), clock, logger })
      const gossip = startTxGossip({ network, pool, clock, logger })
      return [name, { chain, network, pool, gossip }] as const
    }),
  )
  const node = (name: string) => nodes.get(name)!
  const start = async () => {
    for (const { network } of nodes.values()) await network.start()
    await clock.advance(0)
  }
  const add = (name: string, fields: TransferFields) => node(name).pool.add(transfer(fields).raw, 'local')
  const sizes = () => names.map((name) => [...node(name).pool.transactions()].length)
  return { clock, networks, node, start, add, sizes }
}

describe('bundles', () => {
  it('go over the wire and back', () => {
    const raws = [Uint8Array.of(1, 2), new Uint8Array(300).fill(7), Uint8Array.of(0xc0)]
    expect(decodeBundle(encodeBundle(raws))).toEqual(raws)
    const hashes = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    expect(decodeHashes(encodeHashes(hashes), 2)).toEqual(hashes)
  })

  it('are decoded strictly', () => {
    for (const bad of [
      new Uint8Array(0),
      Uint8Array.of(0xc0),
      Uint8Array.of(0x80),
      encodeRlp([[Uint8Array.of(1)]]),
      encodeRlp(Array.from({ length: 513 }, () => Uint8Array.of(1))),
      Uint8Array.from([...encodeBundle([Uint8Array.of(5)]), 0]),
    ]) {
      expect(() => decodeBundle(bad)).toThrow(CodecError)
    }
    expect(() => decodeHashes(new Uint8Array(33), 5)).toThrow(CodecError)
    expect(() => decodeHashes(new Uint8Array(96), 2)).toThrow(CodecError)
  })

  it('never throw anything else (seeded)', () => {
    const random = seededRandom(3)
    for (let i = 0; i < 5_000; i++) {
      const bytes = random.bytes(random.below(60))
      if (i % 2 === 0 && bytes.length > 0) bytes[0] = 0xc0 + random.below(0x40)
      try {
        expect(decodeBundle(bytes).length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
    }
  })

  it('are as full as they may be, and no fuller', () => {
    const small = Array.from({ length: 1_000 }, () => new Uint8Array(100).fill(1))
    expect(bundles(small).map((bundle) => decodeBundle(bundle).length)).toEqual([512, 488])
    const half = new Uint8Array(BUNDLE_BYTES / 2).fill(1)
    expect(bundles([half, half, half]).map((bundle) => decodeBundle(bundle).length)).toEqual([2, 1])
    const huge = new Uint8Array(BUNDLE_BYTES + 1).fill(1)
    expect(bundles([half, huge, half]).map((bundle) => decodeBundle(bundle).length)).toEqual([1, 1, 1])
    expect(bundles([])).toEqual([])
  })
})

describe('gossip', () => {
  it('sends the first at once, what follows together, and nothing back', async () => {
    const { clock, node, start, add, sizes } = await scene(['a', 'b', 'c'])
    await start()
    await add('a', { from: 0, nonce: 0n })
    await clock.advance(0)
    expect(sizes()).toEqual([1, 1, 1])
    await Promise.all([1n, 2n, 3n].map((nonce) => add('a', { from: 0, nonce })))
    await clock.advance(BUNDLE_DELAY - 1)
    expect(sizes()).toEqual([4, 1, 1])
    await clock.advance(1)
    expect(sizes()).toEqual([4, 4, 4])
    const accepted = { topic: 'tx', from: 'a', verdict: 'accept' }
    expect(node('b').network.received).toEqual([accepted, accepted])
    expect(node('a').network.received).toEqual([])
    await clock.advance(1_000)
    expect(node('b').network.received).toHaveLength(2)
  })

  it('rejects what no honest node sends', async () => {
    const { node, start, sizes } = await scene(['a', 'b'])
    await start()
    const good = transfer({ from: 1, nonce: 0n }).raw
    for (const bad of [
      Uint8Array.of(1, 2, 3),
      encodeBundle([Uint8Array.of(2, 0xc0)]),
      encodeBundle([good, new Uint8Array(0)]),
      encodeBundle([transfer({ from: 666, nonce: 0n }).raw]),
    ]) {
      await node('a').network.publish('tx', bad)
    }
    expect(node('b').network.received.map(({ verdict }) => verdict)).toEqual(['reject', 'reject', 'reject', 'reject'])
    expect(sizes()).toEqual([0, 1])
  })

  it('ignores what does not fit here and now, or brings nothing new', async () => {
    const { node, start } = await scene(['a', 'b'])
    await start()
    const poor = transfer({ from: 50, nonce: 0n }).raw
    const good = transfer({ from: 1, nonce: 0n }).raw
    for (const raws of [[poor], [poor, good], [good], [poor, good]]) {
      await node('a').network.publish('tx', encodeBundle(raws))
    }
    expect(node('b').network.received.map(({ verdict }) => verdict)).toEqual(['ignore', 'accept', 'ignore', 'ignore'])
  })
})

describe('the exchange of pools', () => {
  it('gives a node that joins what there is', async () => {
    const { clock, node, add, sizes } = await scene(['a', 'b'])
    await node('a').network.start()
    for (let nonce = 0n; nonce < 700n; nonce++) await add('a', { from: 0, nonce })
    await clock.advance(100)
    await node('b').network.start()
    await clock.advance(100)
    expect(sizes()).toEqual([700, 700])
    expect(node('b').network.penalties).toEqual([])
  })

  it('gets out what was accepted behind a partition', async () => {
    const { clock, networks, start, add, sizes } = await scene(['a', 'b', 'c'])
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
    const { clock, node, start, sizes } = await scene(['a', 'b', 'c'])
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
    const { clock, node, start, add, sizes } = await scene(['a', 'b'])
    await start()
    node('a').gossip.stop()
    await add('a', { from: 0, nonce: 0n })
    node('b').gossip.stop()
    await clock.advance(10 * EXCHANGE_INTERVAL)
    expect(sizes()).toEqual([1, 0])
  })
})

describe('a flood of transactions', () => {
  /** Sends bundles of transactions from account `from`, each with nonces of its own, until so many were sent. */
  async function flood(from: number, fields: (index: number) => Partial<TransferFields>) {
    const { networks, node, start, clock } = await scene(['victim'])
    const attacker = networks.join('attacker')
    await attacker.start()
    await start()
    for (let sent = 0; sent < REFUSED_BURST + 1_024; sent += 512) {
      const raws = Array.from({ length: 512 }, (_, at) => transfer({ from, nonce: 0n, ...fields(sent + at) }).raw)
      await attacker.publish('tx', encodeBundle(raws))
      await clock.advance(0)
    }
    return node('victim').network.penalties
  }

  it('that nobody can pay is its sender’s fault once it is large', async () => {
    const penalties = await flood(9, (index) => ({ value: BigInt(index) }))
    expect(penalties.length).toBeGreaterThan(0)
    expect(penalties[0]).toMatchObject({ peer: 'attacker', reason: expect.stringContaining('a flood') })
  })

  it('whose fees are outdated is nobody’s fault, however large', async () => {
    expect(await flood(0, (index) => ({ value: BigInt(index), cap: 1n, tip: 1n }))).toEqual([])
  })
})
