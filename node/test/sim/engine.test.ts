/** The shell's promises, one by one: when heights start, what messages cost, what sync may do, who may vote. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/codec/bytes.ts'
import { buildCertificate } from '../../src/consensus/certificate.ts'
import type { Consensus, ConsensusOptions } from '../../src/consensus/consensus.ts'
import { startConsensus } from '../../src/consensus/engine.ts'
import { type HeightContext, HeightRun } from '../../src/consensus/heightRun.ts'
import {
  EMPTY_RECORD_WAIT,
  MAX_CLOCK_DRIFT,
  MAX_EXECUTION_WAIT,
  MAX_FAULTS_PER_PEER,
  SYNC_PAUSE,
} from '../../src/consensus/limits.ts'
import {
  decodeConsensusMessage,
  encodeAnnouncement,
  encodeProposal,
  encodeVotes,
  type ProposalMessage,
  type VoteMessage,
} from '../../src/consensus/messages.ts'
import { decodeProposedBlock } from '../../src/consensus/proposedBlocks.ts'
import { proposalSignBytes, voteSignBytes } from '../../src/consensus/signBytes.ts'
import { openSigner } from '../../src/consensus/signer.ts'
import { createValidatorSet } from '../../src/consensus/validatorSet.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import type { GossipHandler, GossipVerdict, Network, Topic } from '../../src/network/network.ts'
import type { KeyValueStore } from '../../src/runtime/keyValueStore.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import { orderedTrieRoot } from '../../src/trie/orderedTrie.ts'
import type { Block } from '../../src/types/block.ts'
import { sealBlock } from '../../src/types/blockCodec.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { Header } from '../../src/types/header.ts'
import { CHAIN, CHAIN_ID, decodeFakeBlock, FakeChain, GENESIS_HASH, makeFakeBlock } from './fakeChain.ts'
import { createRandom } from './random.ts'
import { EPOCH, Scheduler } from './scheduler.ts'
import { simKey, simVerify } from './simKey.ts'
import { SIM_TIMEOUTS } from './simWorld.ts'

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG }

function validators(count: number) {
  return createValidatorSet(
    Array.from({ length: count }, (_, index) => ({
      publicKey: simKey(index).publicKey,
      power: 1n,
      feeRecipient: new Uint8Array(20).fill(index),
    })),
  )
}

/** One engine whose peers are the test. Validator 0 of `count`; of height 1 and round 0 the proposer is validator 1. */
class Bench {
  readonly scheduler = new Scheduler()
  readonly sent: { topic: Topic; message: Uint8Array }[] = []
  readonly handlers = new Map<Topic, GossipHandler>()
  readonly count: number
  readonly signerStore: KeyValueStore
  chain!: FakeChain
  engine!: Consensus

  constructor(count: number, signerStore: KeyValueStore = createMemoryStore()) {
    this.count = count
    this.signerStore = signerStore
  }

  /** `isNew`: the record of what it signed begins now, empty. */
  async start({
    isNew = true,
    ...options
  }: Partial<ConsensusOptions> & { store?: KeyValueStore; isNew?: boolean } = {}): Promise<this> {
    const clock = this.scheduler.clock()
    this.chain = new FakeChain({
      maker: 0,
      store: options.store ?? createMemoryStore(),
      clock,
      random: createRandom(1),
      pool: new Set(),
      onCommit: () => {},
    })
    const signer = await openSigner({ store: this.signerStore, key: simKey(0), genesisHash: GENESIS_HASH })
    if (isNew) await signer.begin()
    const network: Network = {
      id: 'self',
      addresses: () => [],
      peers: () => [],
      onPeer: () => () => {},
      setGossipHandler: (topic, handler) => void this.handlers.set(topic, handler),
      publish: async (topic, message) => void this.sent.push({ topic, message }),
      setRequestHandler: () => {},
      request: async () => [],
      penalize: () => {},
      start: async () => {},
      stop: async () => {},
    }
    this.engine = startConsensus({
      application: this.chain,
      network,
      signer,
      validatorSet: validators(this.count),
      ...CHAIN,
      head: this.chain.height(),
      clock,
      logger: NO_LOG,
      timeouts: SIM_TIMEOUTS,
      decodeBlock: decodeFakeBlock,
      verify: simVerify,
      storedCertificate: async (height) => this.chain.at(height)?.certificate ?? null,
      ...options,
    })
    return this
  }

  async wait(milliseconds: number): Promise<void> {
    await this.scheduler.run(this.scheduler.now + milliseconds, () => false)
  }

  async gossip(message: Uint8Array, topic: Topic = 'consensus', from = 'peer'): Promise<GossipVerdict | 'waiting'> {
    let verdict: GossipVerdict | 'waiting' = 'waiting'
    void Promise.resolve(this.handlers.get(topic)!(message, from)).then((settled) => {
      verdict = settled
    })
    await this.wait(5)
    return verdict
  }

  votes(): string[] {
    return this.sent.flatMap(({ topic, message }) => {
      if (topic !== 'consensus') return []
      const decoded = decodeConsensusMessage(message)
      if (decoded.kind === 'proposal') return []
      return decoded.votes
        .filter(({ index }) => index === 0)
        .map(
          ({ type, round, blockHash }) =>
            `${type} ${round} ${blockHash === null ? 'nil' : keyOf(blockHash).slice(0, 6)}`,
        )
    })
  }
}

function fakeBlock(height = 1n, more: { parentHash?: Uint8Array; timestamp?: bigint; nonce?: number } = {}): Block {
  const { parentHash = new Uint8Array(32), timestamp = 0n, nonce = 5 } = more
  return makeFakeBlock({ height, parentHash, timestamp, maker: 1, nonce, invalid: false, transactions: [] })
}

function proposalOf(block: Block, by = 1, more: Partial<ProposalMessage> = {}): Uint8Array {
  const { height = block.header.number, round = 0 } = more
  const signature = simKey(by).sign(proposalSignBytes(GENESIS_HASH, height, round, -1, block.hash))
  return encodeProposal({
    kind: 'proposal',
    attempt: 0,
    height,
    round,
    validRound: -1,
    blockHash: block.hash,
    block: block.raw,
    signature,
    polka: [],
    ...more,
  })
}

function voteOf(type: 'prevote' | 'precommit', by: number, block: Block | null, height = 1n, round = 0): VoteMessage {
  const blockHash = block?.hash ?? null
  const signature = simKey(by).sign(voteSignBytes(GENESIS_HASH, height, round, type, blockHash))
  return { type, round, blockHash, index: by, signature }
}

function votesOf(
  votes: readonly VoteMessage[],
  more: { height?: bigint; round?: number; attempt?: number } = {},
): Uint8Array {
  const { height = 1n, round = 0, attempt = 0 } = more
  return encodeVotes({ kind: 'votes', attempt, height, round, wantsProposal: false, votes })
}

function certify(block: Block, by: readonly number[] = [1, 2, 3]): Certificate {
  const { number } = block.header
  const precommits = by.map((index) => ({
    type: 'precommit' as const,
    height: number,
    round: 0,
    id: keyOf(block.hash),
    validator: index,
    signature: voteOf('precommit', index, block, number).signature,
  }))
  return buildCertificate(CHAIN_ID, precommits)
}

describe('when a height starts', () => {
  it('without work: not at all, and nothing is sent', async () => {
    const bench = await new Bench(1).start()
    await bench.wait(60_000)
    expect(bench.sent).toEqual([])
    expect(bench.engine.status()).toMatchObject({ height: 1n, round: 0, step: 'waiting', isValidator: true })
  })

  it('alone: with work, at once, and waits again afterwards', async () => {
    const bench = await new Bench(1).start()
    bench.chain.addTransaction(1)
    await bench.wait(100)
    expect(bench.chain.height()).toBe(1n)
    await bench.wait(10_000)
    expect(bench.chain.height()).toBe(1n)
    expect(bench.engine.status()).toMatchObject({ height: 2n, step: 'waiting' })
  })

  it('with a block time: regularly, with or without work', async () => {
    const bench = await new Bench(1).start({ blockTime: 500 })
    await bench.wait(5_200)
    expect(bench.chain.height()).toBeGreaterThanOrEqual(9n)
    expect(bench.chain.height()).toBeLessThanOrEqual(10n)
  })

  it("with a peer's message: a validator without work votes for the proposal", async () => {
    const bench = await new Bench(4).start()
    const block = fakeBlock()
    expect(await bench.gossip(proposalOf(block))).toBe('accept')
    await bench.wait(50)
    expect(bench.votes()).toEqual([`prevote 0 ${keyOf(block.hash).slice(0, 6)}`])
  })

  it('with work and a silent proposer: nil, and on to the next round with the others', async () => {
    const bench = await new Bench(4).start()
    bench.chain.addTransaction(1)
    await bench.wait(400)
    expect(bench.votes()[0]).toBe('prevote 0 nil')
    await bench.gossip(
      votesOf(
        [1, 2].map((by) => voteOf('prevote', by, null, 1n, 3)),
        { round: 3 },
      ),
    )
    await bench.wait(50)
    // Validator 0 is the proposer of round 3.
    expect(bench.engine.status().round).toBe(3)
    expect(bench.sent.some(({ message }) => decodeConsensusMessage(message).kind === 'proposal')).toBe(true)
  })

  it('a node that only follows commits what the others decide', async () => {
    const bench = await new Bench(4).start({ signer: null })
    const block = fakeBlock()
    await bench.gossip(proposalOf(block))
    await bench.gossip(votesOf([1, 2, 3].map((by) => voteOf('precommit', by, block))))
    await bench.wait(50)
    expect(bench.chain.height()).toBe(1n)
    expect(bench.votes()).toEqual([])
    expect(bench.engine.status().isValidator).toBe(false)
  })
})

describe('what messages cost', () => {
  it('a signature is verified once, however often the vote comes', async () => {
    const bench = await new Bench(4).start()
    for (let attempt = 0; attempt < 50; attempt++) {
      const verdict = await bench.gossip(votesOf([voteOf('prevote', 1, null)], { attempt }))
      expect(verdict).toBe(attempt === 0 ? 'accept' : 'ignore')
    }
    expect(bench.engine.status().counters.signaturesVerified).toBe(1)
  })

  it('a peer that sends bad signatures is rejected, then not listened to', async () => {
    const bench = await new Bench(4).start()
    for (let round = 0; round < 100; round++) {
      const vote = { ...voteOf('prevote', 1, null, 1n, round % 10), signature: new Uint8Array(64).fill(round) }
      const verdict = await bench.gossip(votesOf([vote], { attempt: round }), 'consensus', 'bad')
      expect(verdict).toBe(round < MAX_FAULTS_PER_PEER ? 'reject' : 'ignore')
    }
    expect(bench.engine.status().counters.signaturesVerified).toBe(MAX_FAULTS_PER_PEER)
    expect(await bench.gossip(votesOf([voteOf('prevote', 1, null)]), 'consensus', 'good')).toBe('accept')
  })

  it.each([
    ['signed by someone else', proposalOf(fakeBlock(), 2)],
    ['of another height than its block', proposalOf(fakeBlock(2n), 1, { height: 1n })],
    ['with a block that has another hash', proposalOf(fakeBlock(), 1, { block: fakeBlock(1n, { nonce: 6 }).raw })],
    ['with bytes that are no block', proposalOf(fakeBlock(), 1, { block: new Uint8Array(10) })],
  ])('a proposal %s is rejected, and no block is executed', async (_name, message) => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(message)).toBe('reject')
    await bench.wait(1_000)
    expect(bench.votes()).toEqual([])
  })

  it('a message of the next height waits, and is handled when its height begins', async () => {
    const bench = await new Bench(4).start({ emptyRecord: 'vote' })
    const first = fakeBlock()
    const second = fakeBlock(2n, { parentHash: first.hash })
    let verdict: unknown = 'waiting'
    void Promise.resolve(bench.handlers.get('consensus')!(proposalOf(second, 2), 'peer')).then((settled) => {
      verdict = settled
    })
    await bench.wait(10)
    expect(verdict).toBe('waiting')
    await bench.engine.applyCertified(first, certify(first))
    await bench.wait(50)
    expect(verdict).toBe('accept')
    expect(bench.votes()).toEqual([`prevote 0 ${keyOf(second.hash).slice(0, 6)}`])
  })

  it('10 000 random byte strings on each topic change nothing', async () => {
    const bench = await new Bench(1).start()
    const random = createRandom(3)
    for (let count = 0; count < 10_000; count++) {
      const message = Uint8Array.from({ length: random.below(120) }, () => random.below(256))
      for (const topic of ['consensus', 'block'] as const) {
        const verdict = await bench.handlers.get(topic)!(message, `peer ${count}`)
        expect(verdict).toBe('reject')
      }
    }
    bench.chain.addTransaction(1)
    await bench.wait(100)
    expect(bench.chain.height()).toBe(1n)
  })

  it('a lost proposal is asked for, and given to who asks, within bounds', async () => {
    const bench = await new Bench(4).start()
    const block = fakeBlock()
    await bench.gossip(votesOf([voteOf('prevote', 1, block)]))
    await bench.wait(600)
    const asks = () =>
      bench.sent
        .map(({ message }) => decodeConsensusMessage(message))
        .filter((m) => m.kind === 'votes' && m.wantsProposal)
    expect(asks().length).toBe(1)
    await bench.gossip(proposalOf(block))
    bench.sent.length = 0
    for (let attempt = 1; attempt < 30; attempt++) {
      await bench.gossip(encodeVotes({ kind: 'votes', attempt, height: 1n, round: 0, wantsProposal: true, votes: [] }))
    }
    const given = bench.sent.map(({ message }) => decodeConsensusMessage(message)).filter((m) => m.kind === 'proposal')
    expect(given.length).toBe(1)
  })
})

describe("a block's time", () => {
  it.each([
    [MAX_CLOCK_DRIFT - 1n, true],
    [MAX_CLOCK_DRIFT + 2n, false],
  ])('%s seconds ahead of the clock: accepted %s', async (ahead, accepted) => {
    const bench = await new Bench(4).start()
    const block = fakeBlock(1n, { timestamp: BigInt(EPOCH / 1000) + ahead })
    await bench.gossip(proposalOf(block))
    await bench.wait(50)
    expect(bench.votes()).toEqual([`prevote 0 ${accepted ? keyOf(block.hash).slice(0, 6) : 'nil'}`])
  })
})

describe('decodeProposedBlock', () => {
  const header: Header = {
    parentHash: new Uint8Array(32),
    ommersHash: keccak256(Uint8Array.of(0xc0)),
    miner: new Uint8Array(20),
    stateRoot: new Uint8Array(32),
    transactionsRoot: orderedTrieRoot([]),
    receiptsRoot: new Uint8Array(32),
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number: 1n,
    gasLimit: 1n,
    gasUsed: 0n,
    timestamp: 0n,
    extraData: new Uint8Array(32),
    mixHash: new Uint8Array(32),
    nonce: new Uint8Array(8),
    baseFeePerGas: 0n,
  }

  it('refuses a body that is not the one the header commits to', () => {
    const good = sealBlock(header, [])
    const other = sealBlock({ ...header, transactionsRoot: new Uint8Array(32) }, [])
    expect(keyOf(decodeProposedBlock(good.raw).hash)).toBe(keyOf(good.hash))
    expect(() => decodeProposedBlock(other.raw)).toThrow('transactions root')
  })
})

describe('sync', () => {
  it('hands in certified blocks; everything else is refused by name', async () => {
    const bench = await new Bench(4).start()
    const first = fakeBlock()
    const second = fakeBlock(2n, { parentHash: first.hash })
    const outcome = (block: Block, certificate: Certificate) => {
      const applied = bench.engine.applyCertified(block, certificate)
      return bench
        .wait(20)
        .then(() => applied)
        .then((result) => (result.ok ? 'ok' : result.code))
    }
    expect(await outcome(second, certify(second))).toBe('gap')
    expect(await outcome(first, certify(fakeBlock(1n, { nonce: 6 })))).toBe('wrong-block')
    expect(await outcome(first, certify(first, [1, 2]))).toBe('bad-certificate')
    expect(await outcome(first, { ...certify(first), round: 4 })).toBe('bad-certificate')
    expect(await outcome(first, certify(first))).toBe('ok')
    expect(await outcome(first, certify(first, [0, 1, 2]))).toBe('ok')
    expect(await outcome(second, certify(second))).toBe('ok')
    expect(bench.chain.height()).toBe(2n)
  })

  it('is asked when a certificate of a later height is heard, not for one that proves nothing', async () => {
    const bench = await new Bench(4).start()
    const asked: bigint[] = []
    bench.engine.onBehind((height) => asked.push(height))
    await bench.gossip(
      votesOf([{ ...voteOf('prevote', 1, null, 90n), signature: new Uint8Array(64) }], { height: 90n }),
    )
    await bench.wait(1_000)
    expect(asked).toEqual([])
    await bench.gossip(votesOf([voteOf('prevote', 1, null, 9n)], { height: 9n }))
    await bench.wait(1_000)
    expect(asked).toEqual([8n])
  })

  it('pauses heights of our own, but not for long on a claim alone', async () => {
    const bench = await new Bench(1).start()
    bench.engine.catchUpTo(1_000n)
    bench.chain.addTransaction(1)
    await bench.wait(SYNC_PAUSE - 100)
    expect(bench.chain.height()).toBe(0n)
    await bench.wait(300)
    expect(bench.chain.height()).toBe(1n)
  })

  it('is not needed when a certificate comes and the block is here', async () => {
    const bench = await new Bench(4).start()
    const block = fakeBlock()
    await bench.gossip(proposalOf(block))
    const announcement = encodeAnnouncement({ kind: 'announcement', attempt: 1, certificate: certify(block) })
    expect(await bench.gossip(announcement, 'block')).toBe('accept')
    await bench.wait(20)
    expect(bench.chain.height()).toBe(1n)
  })

  it('two certificates for one height: stops and shows both', async () => {
    const bench = await new Bench(4).start()
    const [one, other] = [fakeBlock(1n, { nonce: 1 }), fakeBlock(1n, { nonce: 2 })]
    await bench.engine.applyCertified(one, certify(one))
    const applied = bench.engine.applyCertified(other, certify(other, [0, 1, 2]))
    await bench.wait(10)
    expect(await applied).toMatchObject({ ok: false, code: 'halted' })
    const { halted, step } = bench.engine.status()
    expect(step).toBe('halted')
    expect(halted).toMatchObject({ kind: 'fork' })
    expect(bench.sent.filter(({ topic }) => topic === 'block').length).toBe(2)
    expect(await bench.gossip(proposalOf(fakeBlock(2n), 2))).toBe('ignore')
  })
})

describe('a validator without a record', () => {
  const STARTED = BigInt(EPOCH / 1000)
  const LATE = STARTED + MAX_CLOCK_DRIFT

  /** On a new chain, or one of one block made before the start. */
  async function withoutRecord(count: number, head: 0 | 1, signerStore = createMemoryStore()) {
    const store = createMemoryStore()
    const block = fakeBlock()
    if (head === 1) {
      const { engine } = await new Bench(count).start({ store })
      const everyone = Array.from({ length: count }, (_, index) => index)
      expect(await engine.applyCertified(block, certify(block, everyone))).toEqual({ ok: true })
    }
    const bench = await new Bench(count, signerStore).start({ store, isNew: false })
    return { bench, parentHash: head === 1 ? block.hash : new Uint8Array(32) }
  }

  /** The others' proposal and precommits, heard live. */
  async function hears(bench: Bench, block: Block): Promise<void> {
    const height = block.header.number
    await bench.gossip(proposalOf(block, Number(height) % 4))
    await bench.wait(50)
    const precommits = [1, 2, 3].map((by) => voteOf('precommit', by, block, height))
    await bench.gossip(votesOf(precommits, { height }))
    await bench.wait(50)
  }

  it.each([0, 1] as const)('abstains until a block made since is decided without it, from head %i', async (head) => {
    const { bench, parentHash } = await withoutRecord(4, head)
    const height = BigInt(head) + 1n
    expect(bench.engine.status()).toMatchObject({ height, abstaining: true, isValidator: true })
    const first = fakeBlock(height, { parentHash, timestamp: LATE + 1n })
    await bench.wait(3_000)
    await hears(bench, first)
    expect(bench.votes()).toEqual([])
    expect(bench.engine.status()).toMatchObject({ height: height + 1n, abstaining: false })
    const second = fakeBlock(height + 1n, { parentHash: first.hash, timestamp: LATE + 2n })
    await bench.gossip(proposalOf(second, Number(height + 1n) % 4))
    await bench.wait(50)
    expect(bench.votes().length).toBe(1)
  })

  it('proposes nothing on a chain that only it takes for new', async () => {
    const { bench } = await withoutRecord(4, 0)
    bench.chain.addTransaction(1)
    await bench.wait(5_000)
    const messages = bench.sent.filter(({ topic }) => topic === 'consensus').map(({ message }) => message)
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.map(decodeConsensusMessage).every((sent) => sent.kind === 'votes' && sent.votes.length === 0)).toBe(
      true,
    )
  })

  it('is not fooled by the old votes of an old block', async () => {
    const { bench, parentHash } = await withoutRecord(4, 1)
    await hears(bench, fakeBlock(2n, { parentHash, timestamp: LATE }))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: true })
  })

  it('votes after a block made since that sync brought', async () => {
    const { bench, parentHash } = await withoutRecord(4, 1)
    await bench.wait(1_000)
    const block = fakeBlock(2n, { parentHash, timestamp: LATE + 1n })
    await bench.engine.applyCertified(block, certify(block, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: false })
  })

  it('remembers on disk that it may vote again, without having voted', async () => {
    const store = createMemoryStore()
    const { bench, parentHash } = await withoutRecord(4, 1, store)
    await hears(bench, fakeBlock(2n, { parentHash, timestamp: LATE + 1n }))
    await bench.engine.stop()
    expect((await withoutRecord(4, 1, store)).bench.engine.status().abstaining).toBe(false)
    expect((await withoutRecord(4, 1)).bench.engine.status().abstaining).toBe(true)
  })

  it('votes when its record was begun before its key was used', async () => {
    const store = createMemoryStore()
    await (await openSigner({ store, key: simKey(0), genesisHash: GENESIS_HASH })).begin()
    expect((await withoutRecord(4, 1, store)).bench.engine.status().abstaining).toBe(false)
  })

  it('votes when the chain would stop without it, once sync had time to bring what was decided', async () => {
    const { bench, parentHash } = await withoutRecord(3, 0)
    bench.chain.addTransaction(1)
    await bench.wait(EMPTY_RECORD_WAIT - 2_000)
    expect(bench.engine.status().abstaining).toBe(true)
    const block = fakeBlock(1n, { parentHash })
    await bench.engine.applyCertified(block, certify(block, [0, 1, 2]))
    bench.engine.catchUpTo(20n)
    await bench.wait(1_000)
    bench.engine.catchUpTo(20n)
    // Sync goes on when the time is over, so another begins.
    await bench.wait(2_000)
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: true })
    expect(bench.votes()).toEqual([])
    await bench.wait(EMPTY_RECORD_WAIT)
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: false })
    expect(bench.votes()[0]).toBe('prevote 0 nil')
  })

  it('votes at once when it is the only validator', async () => {
    expect((await withoutRecord(1, 1)).bench.engine.status().abstaining).toBe(false)
  })
})

describe('restart of a validator that is alone', () => {
  /** Stopped by a kill right after its proposal was signed. */
  async function afterProposal(): Promise<KeyValueStore> {
    const signerStore = createMemoryStore()
    const block = fakeBlock(1n, { nonce: 77 })
    const signer = await openSigner({ store: signerStore, key: simKey(0), genesisHash: GENESIS_HASH })
    const content = {
      genesisHash: GENESIS_HASH,
      height: 1n,
      round: 0,
      step: 0,
      validRound: -1,
      blockHash: block.hash,
    } as const
    const proposal = (signature: Uint8Array) => proposalOf(block, 0, { signature })
    await signer.sign({ content, locked: null, valid: null, proposal })
    return signerStore
  }

  it('goes on with the proposal it signed, in its round', async () => {
    const bench = await new Bench(1, await afterProposal()).start()
    await bench.wait(100)
    expect(bench.chain.at(1n)?.certificate.round).toBe(0)
    expect(keyOf(bench.chain.headHash())).toBe(keyOf(fakeBlock(1n, { nonce: 77 }).hash))
  })

  it('and has the timeout of its round running', async () => {
    const bench = new Bench(1, await afterProposal())
    const started = bench.start()
    bench.chain.validate = () => new Promise(() => {})
    await started
    await bench.wait(400)
    // A block that is being executed is waited for, but not for ever.
    expect(bench.votes()[0]).toBeUndefined()
    await bench.wait(MAX_EXECUTION_WAIT)
    expect(bench.votes()[0]).toBe('prevote 0 nil')
  })
})

describe('an ended height', () => {
  it('takes nothing in', async () => {
    const clock = new Scheduler().clock()
    const options = { logger: NO_LOG, clock, timeouts: SIM_TIMEOUTS } as unknown as ConsensusOptions
    const context = { options, counters: { rounds: 0 } } as unknown as HeightContext
    const start = { height: 1n, validators: validators(4), self: 0, restored: null }
    const run = new HeightRun(context, start)
    run.end()
    await run.apply([{ kind: 'start' }])
    expect(run.state.round).toBe(-1)
    const open = new HeightRun(context, start)
    await open.apply([{ kind: 'start' }])
    expect(open.state.round).toBe(0)
  })
})

describe('failure', () => {
  it('of the disk: nothing is sent, and consensus stops with the error', async () => {
    const store = createMemoryStore()
    const failing: KeyValueStore = {
      ...store,
      batch: async () => {
        throw new Error('disk full')
      },
    }
    const bench = await new Bench(1, failing).start({ isNew: false })
    const halts: string[] = []
    bench.engine.onHalt((halt) => halts.push(halt.kind))
    bench.chain.addTransaction(1)
    await bench.wait(100)
    expect(halts).toEqual(['failure'])
    expect(bench.sent).toEqual([])
  })

  it('of building a block: the round times out and the next one tries again', async () => {
    const bench = await new Bench(1).start()
    const propose = bench.chain.propose.bind(bench.chain)
    let calls = 0
    bench.chain.propose = async (height) => {
      calls += 1
      if (calls === 1) throw new Error('no block today')
      return propose(height)
    }
    bench.chain.addTransaction(1)
    await bench.wait(1_000)
    expect(bench.chain.height()).toBe(1n)
    expect(bench.chain.at(1n)?.certificate.round).toBe(1)
  })
})
