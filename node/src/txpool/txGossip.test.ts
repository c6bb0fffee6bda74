import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { devTransaction, operate } from '../chain/testing/devFixtures.ts'
import { CodecError } from '../codec/codecError.ts'
import { encodeRlp } from '../codec/rlp.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { isDevTransaction } from '../types/transaction.ts'
import { encodeTransaction } from '../types/transactionCodec.ts'
import { decodeBundle, decodeHashes, encodeBundle, encodeHashes } from './bundleCodec.ts'
import { BUNDLE_BYTES, BUNDLE_DELAY, BUNDLE_TRANSACTIONS, HOPELESS_BURST, LONE_BUNDLE_PAUSE } from './limits.ts'
import { addressOf, type TransferFields, transfer } from './testing/fakeChain.ts'
import { gossipScene } from './testing/testGossip.ts'
import { bundles } from './txGossip.ts'

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
    const mark = new Uint8Array(20).fill(2)
    expect(bundles([...small, half, huge], mark).map((bundle) => decodeBundle(bundle))).toEqual([
      [...small.slice(0, 511), mark],
      [...small.slice(511), half, mark],
      [huge, mark],
    ])
    const most = [half, half.subarray(mark.length)]
    expect(bundles(most, mark).map((bundle) => decodeBundle(bundle).length)).toEqual([3])
    expect(bundles([half, half], mark).map((bundle) => decodeBundle(bundle).length)).toEqual([2, 2])
  })
})

describe('gossip', () => {
  it("sends the same bytes again after a dev transaction, with that one, which is nobody's fault", async () => {
    const { clock, node, start, add, sizes } = await gossipScene(['a', 'b'])
    const { transaction } = devTransaction({})
    if (!isDevTransaction(transaction)) throw new Error('no dev transaction')
    const control = encodeTransaction({ ...transaction, r: 1n })
    for (const name of ['a', 'b']) {
      const { chain } = node(name)
      const genesis = { ...chain.genesis, dev: { controller: addressOf(0) } }
      Object.assign(chain, { genesis, storage: async () => new Uint8Array(32).fill(1) })
    }
    const sent: (readonly Uint8Array[])[] = []
    const { publish } = node('a').network
    Object.assign(node('a').network, {
      publish: (topic: Parameters<typeof publish>[0], bundle: Uint8Array) => {
        sent.push(decodeBundle(bundle))
        return publish(topic, bundle)
      },
    })
    await start()
    const again = async () => {
      for (const name of ['a', 'b']) {
        const gone = [...node(name).pool.transactions()].map(({ hash }) => ({ hash, message: 'the state went back' }))
        node(name).pool.drop(gone)
      }
      await add('a', { from: 1, nonce: 0n })
      await clock.advance(BUNDLE_DELAY)
    }
    await again()
    await again()
    // A network that sends no message twice has sent one.
    const { raw } = transfer({ from: 1, nonce: 0n })
    expect(sent).toEqual([[raw], [raw]])
    const receipts = [2, 0x7d].map((type) => ({ sender: addressOf(1), receipt: { type, status: 1, logs: [] } }))
    for (const name of ['a', 'b']) {
      const { chain, pool } = node(name)
      const { block, certificate } = chain.next([transfer({ from: 1, nonce: 0n }), control])
      chain.take(block, certificate, receipts as unknown as readonly ReceiptRecord[])
      await clock.advance(0)
      expect(pool.devMark()).toEqual(control.raw)
    }
    // The network brings a bundle of before once more, as to a node that was away.
    await node('a').network.publish('tx', encodeBundle([raw]))
    await clock.advance(0)
    expect(sizes()).toEqual([0, 0])
    await again()
    expect(sent[3]).toEqual([raw, control.raw])
    expect(sizes()).toEqual([1, 1])
    const verdicts = node('b').network.received.map(({ verdict }) => verdict)
    expect(verdicts).toEqual(['accept', 'accept', 'ignore', 'accept'])
  })

  it('passes a bundle on whole where the control that goes along waits here for its block', async () => {
    const { node, start } = await gossipScene(['a', 'b'])
    const control = operate({ kind: 'automine', on: true })
    for (const name of ['a', 'b']) {
      const { chain } = node(name)
      const genesis = { ...chain.genesis, dev: { controller: addressOf(0) } }
      Object.assign(chain, { genesis, storage: async () => new Uint8Array(32) })
    }
    await start()
    const mine = { ...control.transaction, r: 1n }
    if (!isDevTransaction(mine)) throw new Error('no dev transaction')
    const { raw } = encodeTransaction(mine)
    await node('a').network.publish('tx', encodeBundle([raw]))
    await node('a').network.publish('tx', encodeBundle([transfer({ from: 1, nonce: 0n }).raw, raw]))
    expect(node('b').network.received.map(({ verdict }) => verdict)).toEqual(['accept', 'accept'])
    expect(node('b').pool.counts().pending).toBe(2)
  })

  it('sends those that come one by one at once, a moment apart, several together, and nothing back', async () => {
    const { clock, node, start, add, sizes } = await gossipScene(['a', 'b', 'c'])
    await start()
    const several = (...nonces: bigint[]) => Promise.all(nonces.map((nonce) => add('a', { from: 0, nonce })))
    await several(0n)
    await clock.advance(0)
    expect(sizes()).toEqual([1, 1, 1])
    await clock.advance(LONE_BUNDLE_PAUSE)
    await several(1n)
    await clock.advance(0)
    expect(sizes()).toEqual([2, 2, 2])
    await several(2n, 3n, 4n)
    await clock.advance(LONE_BUNDLE_PAUSE - 1)
    expect(sizes()).toEqual([5, 2, 2])
    await clock.advance(1)
    expect(sizes()).toEqual([5, 5, 5])
    await clock.advance(1_000)
    await several(5n)
    await clock.advance(BUNDLE_DELAY - 1)
    await several(6n)
    expect(sizes()).toEqual([7, 5, 5])
    await clock.advance(1)
    expect(sizes()).toEqual([7, 7, 7])
    const accepted = { topic: 'tx', from: 'a', verdict: 'accept' }
    expect(node('b').network.received).toEqual(Array(4).fill(accepted))
    expect(node('a').network.received).toEqual([])
    await clock.advance(1_000)
    expect(node('b').network.received).toHaveLength(4)
  })

  it('waits for nothing when there are as many as a bundle has', async () => {
    const { clock, start, add, sizes } = await gossipScene(['a', 'b'])
    await start()
    await Promise.all([add('a', { from: 0, nonce: 0n }), add('a', { from: 0, nonce: 1n })])
    await clock.advance(0)
    expect(sizes()).toEqual([2, 2])
    const addMany = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, at) => add('a', { from: 1, nonce: BigInt(at) })))
    await addMany(BUNDLE_TRANSACTIONS - 1)
    await clock.advance(0)
    expect(sizes()).toEqual([BUNDLE_TRANSACTIONS + 1, 2])
    await add('a', { from: 0, nonce: 2n })
    await clock.advance(0)
    expect(sizes()).toEqual([BUNDLE_TRANSACTIONS + 2, BUNDLE_TRANSACTIONS + 2])
  })

  it('rejects what no honest node sends', async () => {
    const { node, start, sizes } = await gossipScene(['a', 'b'])
    await start()
    const good = transfer({ from: 1, nonce: 0n }).raw
    for (const bad of [
      Uint8Array.of(1, 2, 3),
      encodeBundle([Uint8Array.of(2, 0xc0)]),
      encodeBundle([good, new Uint8Array(0)]),
      encodeBundle([transfer({ from: 666, nonce: 0n }).raw]),
      encodeBundle([good, transfer({ from: 1, nonce: 1n, chainId: 99n }).raw]),
      encodeBundle([transfer({ from: 1, nonce: 1n, gasLimit: 20_999n }).raw]),
    ]) {
      await node('a').network.publish('tx', bad)
    }
    expect(node('b').network.received.map(({ verdict }) => verdict)).toEqual(Array(6).fill('reject'))
    // Nothing of such a bundle is taken; the good transactions in it will come in another.
    expect(sizes()).toEqual([0, 0])
  })

  it('ignores what does not fit here and now, or brings nothing new', async () => {
    const { node, start } = await gossipScene(['a', 'b'])
    await start()
    const poor = transfer({ from: 50, nonce: 0n }).raw
    const good = transfer({ from: 1, nonce: 0n }).raw
    for (const raws of [[poor], [poor, good], [good], [poor, good]]) {
      await node('a').network.publish('tx', encodeBundle(raws))
    }
    expect(node('b').network.received.map(({ verdict }) => verdict)).toEqual(Array(4).fill('ignore'))
    expect(node('b').network.penalties).toEqual([])
  })
})

describe('a mixed bundle', () => {
  /** A node between a peer and another that the peer does not reach; the messages that the latter gets are kept. */
  async function relayScene() {
    const { networks, node, start } = await gossipScene(['relay'])
    const [sender, end] = [networks.join('sender'), networks.join('end')]
    networks.cut('sender', 'end')
    const got: (readonly Uint8Array[])[] = []
    end.setGossipHandler('tx', (message) => {
      got.push(decodeBundle(message))
      return 'accept'
    })
    await sender.start()
    await end.start()
    await start()
    const verdicts = () => node('relay').network.received.map(({ verdict }) => verdict)
    return { send: (raws: readonly Uint8Array[]) => sender.publish('tx', encodeBundle(raws)), got, verdicts }
  }
  const good = (nonce: number, fields: Partial<TransferFields> = {}) =>
    transfer({ from: 1, nonce: BigInt(nonce), ...fields }).raw
  const many = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => good(from + at))

  it('goes on as it came when nearly all of it was new', async () => {
    const { send, got, verdicts } = await relayScene()
    await send(many(0, 4))
    const next = [...many(3, 7), good(1)]
    await send(next)
    // Three of five are not nearly all.
    expect([verdicts(), got]).toEqual([
      ['accept', 'ignore'],
      [many(0, 4), many(4, 7)],
    ])
    await send([...many(7, 10), good(0)])
    expect([verdicts().at(-1), got.at(-1)]).toEqual(['accept', [...many(7, 10), good(0)]])
  })

  it('carries no junk to others: what was good of it goes on without the rest', async () => {
    const { send, got, verdicts } = await relayScene()
    const poor = (index: number) => transfer({ from: 50, nonce: 0n, value: BigInt(index) }).raw
    await send([...many(0, 9), poor(1)])
    expect([verdicts(), got]).toEqual([['ignore'], [many(0, 9)]])
    // A signature that was not recovered, as no fee so low is of use, is not passed on either.
    await send([...many(9, 20), transfer({ from: 666, nonce: 0n, cap: 1n, tip: 0n }).raw])
    expect([verdicts().at(-1), got.at(-1)]).toEqual(['ignore', many(9, 20)])
    await send([poor(2), poor(3)])
    expect(got).toHaveLength(2)
  })

  it('is measured by bytes too: a large known one does not travel with small new ones', async () => {
    const { send, got, verdicts } = await relayScene()
    const large = good(0, { data: new Uint8Array(50_000), gasLimit: 521_000n })
    await send([large])
    await send([large, ...many(1, 20)])
    expect([verdicts(), got.at(-1)]).toEqual([['accept', 'ignore'], many(1, 20)])
  })
})

describe('a flood of transactions', () => {
  /** Sends bundles of transactions from account `from`, each with nonces of its own, until so many were sent. */
  async function flood(
    from: number,
    fields: (index: number) => Partial<TransferFields>,
    isCurrent: () => boolean = () => true,
  ) {
    const { networks, node, start, clock } = await gossipScene(['victim'], isCurrent)
    const attacker = networks.join('attacker')
    await attacker.start()
    await start()
    for (let sent = 0; sent < HOPELESS_BURST + 1_024; sent += 512) {
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

  it('of fees that no block will take is a flood like those, though its senders are never looked at', async () => {
    expect((await flood(9, (index) => ({ value: BigInt(index), cap: 1n, tip: 1n }))).length).toBeGreaterThan(0)
  })

  it('whose fees are outdated is nobody’s fault', async () => {
    expect(await flood(0, (index) => ({ value: BigInt(index), cap: 999n, tip: 1n }))).toEqual([])
  })

  it('that nobody can pay by the state of a node that is catching up is nobody’s fault', async () => {
    expect(
      await flood(
        9,
        (index) => ({ value: BigInt(index) }),
        () => false,
      ),
    ).toEqual([])
  })
})
