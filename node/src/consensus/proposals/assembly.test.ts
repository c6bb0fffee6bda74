import { describe, expect, it } from 'vitest'
import { type ManualClock, manualClock } from '../../../testing/manualClock.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { NetworkError } from '../../network/networkError.ts'
import { orderedTrieRoot } from '../../trie/orderedTrie.ts'
import type { Block } from '../../types/block.ts'
import { sealBlock } from '../../types/blockCodec.ts'
import type { Header } from '../../types/header.ts'
import { EMPTY_OMMERS_HASH } from '../../types/headerCodec.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import { signTransaction } from '../../types/transactionCodec.ts'
import type { TransactionSource } from '../application.ts'
import { withInlined } from '../gossip/inline.ts'
import {
  INLINE_ALL_BYTES,
  INLINE_BYTES,
  INLINE_TRANSACTION_BYTES,
  MAX_ASSEMBLIES,
  MAX_FETCH_WAIT,
  MAX_PARTS_BYTES,
  PART_HEDGE,
  PART_RETRY_MAX,
  SPREAD_TIME,
} from '../limits.ts'
import { checkContents, contentsHash, decodeContents, encodeContents } from '../wire/contents.ts'
import { decodeConsensusMessage, encodeProposal, type ProposalMessage } from '../wire/messages.ts'
import { Assemblies } from './assemblies.ts'
import { Assembly, type AssemblyOutcome } from './assembly.ts'
import { chainBlockForm } from './blockForm.ts'
import { decodePartRequest, encodePartRequest, type PartRequest, partsFor } from './partRequests.ts'
import { ProposedBlocks, readProposal } from './proposedBlocks.ts'

const KEY = new Uint8Array(32).fill(9)

const transfer = (nonce: number, bytes = 0): TransactionEnvelope =>
  signTransaction(
    {
      ...{ type: 2, chainId: 1n, nonce: BigInt(nonce), maxPriorityFeePerGas: 1n, maxFeePerGas: 2n, gasLimit: 21_000n },
      ...{ to: new Uint8Array(20), value: 1n, data: new Uint8Array(bytes).fill(1), accessList: [] },
    },
    KEY,
  )

const header: Header = {
  parentHash: new Uint8Array(32),
  ommersHash: EMPTY_OMMERS_HASH,
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

function blockOf(transactions: readonly TransactionEnvelope[], more: Partial<Header> = {}): Block {
  const transactionsRoot = orderedTrieRoot(transactions.map(({ raw }) => raw))
  return sealBlock({ ...header, transactionsRoot, ...more }, transactions)
}

const small = [0, 1, 2].map((nonce) => transfer(nonce))
const large = [0, 1, 2].map((nonce) => transfer(10 + nonce, 100_000))

type Answer = readonly Uint8Array[] | 'never' | 'fails'
/** How a peer answers: nothing at all for ever, at once, or when the promise says. */
type Peer = (indexes: readonly number[], clock: ManualClock) => Answer | Promise<readonly Uint8Array[]>

function scene(block: Block, peers: Readonly<Record<string, Peer>>) {
  const clock = manualClock()
  const asked: { readonly peer: string; readonly indexes: readonly number[]; readonly at: number }[] = []
  const faults: string[] = []
  const outcomes: AssemblyOutcome[] = []
  const ended: string[] = []
  const assembly = new Assembly({
    form: chainBlockForm,
    clock,
    head: chainBlockForm.head(block),
    listed: decodeContents(encodeContents(block.transactions)),
    request: async (peer, indexes, signal) => {
      asked.push({ peer, indexes, at: clock.monotonic() })
      signal.addEventListener('abort', () => void ended.push(peer))
      const answer = await peers[peer]!(indexes, clock)
      if (answer === 'never') return new Promise(() => {})
      if (answer === 'fails') throw new NetworkError('timeout', 'no answer')
      return answer
    },
    peers: () => Object.keys(peers),
    onFault: (peer) => void faults.push(peer),
    onFetched: () => undefined,
    onFailure: (error) => {
      throw error
    },
    onEnd: (outcome) => void outcomes.push(outcome),
  })
  return { clock, asked, faults, outcomes, ended, assembly }
}

const gives =
  (block: Block) =>
  (indexes: readonly number[]): readonly Uint8Array[] =>
    indexes.map((index) => block.transactions[index]!.raw)
const blockIn = (outcomes: readonly AssemblyOutcome[]) => outcomes.map((outcome) => outcome.ok && outcome.block.raw)

describe('an assembly', () => {
  it('asks who sent the proposal at once for little, and gives the very block', async () => {
    const block = blockOf(small)
    const { assembly, asked, outcomes, clock } = scene(block, { other: () => 'never', sender: gives(block) })
    assembly.put(small[1]!)
    assembly.addSource('sender')
    assembly.start()
    await clock.advance(0)
    expect(asked).toEqual([{ peer: 'sender', indexes: [0, 2], at: 0 }])
    expect(blockIn(outcomes)).toEqual([block.raw])
  })

  it('waits for much, which comes by itself, and asks for the rest when nothing more comes', async () => {
    const block = blockOf(large)
    const { assembly, asked, outcomes, clock } = scene(block, { sender: gives(block) })
    assembly.start()
    await clock.advance(200)
    assembly.hear(large[0]!)
    await clock.advance(200)
    expect(asked).toEqual([])
    assembly.hear(transfer(77))
    await clock.advance(MAX_FETCH_WAIT)
    expect(asked.map(({ indexes }) => indexes)).toEqual([[1, 2]])
    expect(blockIn(outcomes)).toEqual([block.raw])
  })

  it('is done without asking when all comes by itself', async () => {
    const block = blockOf(large)
    const { assembly, asked, outcomes, clock } = scene(block, { sender: gives(block) })
    assembly.start()
    for (const transaction of large) assembly.hear(transaction)
    await clock.advance(60_000)
    expect(asked).toEqual([])
    expect(blockIn(outcomes)).toEqual([block.raw])
  })

  it('asks another peer when one takes long, and goes on with who gives part of it', async () => {
    const block = blockOf(small)
    const first: Peer = (indexes) => gives(block)(indexes.slice(0, 1))
    const { assembly, asked, outcomes, clock } = scene(block, { slow: () => 'never', partly: first })
    assembly.addSource('slow')
    assembly.start()
    await clock.advance(PART_HEDGE)
    expect(asked.map(({ peer, indexes }) => [peer, indexes.length])).toEqual([
      ['slow', 3],
      ['partly', 3],
      ['partly', 2],
      ['partly', 1],
    ])
    expect(blockIn(outcomes)).toEqual([block.raw])
  })

  it('asks the others when it comes in drops only, by itself or from one peer', async () => {
    const many = Array.from({ length: 20 }, (_, nonce) => transfer(nonce, 10_000))
    const block = blockOf(many)
    const drops: Peer = (indexes, clock) =>
      new Promise((resolve) => clock.after(PART_HEDGE - 1, () => resolve(gives(block)(indexes.slice(0, 1)))))
    const { assembly, asked, outcomes, clock } = scene(block, { drops, gives: gives(block) })
    assembly.start()
    assembly.hear(many[3]!)
    await clock.advance(250)
    expect(asked.map(({ peer }) => peer)).toEqual(['drops'])
    await clock.advance(PART_HEDGE)
    expect(asked.map(({ peer }) => peer)).toEqual(['drops', 'gives'])
    expect(blockIn(outcomes)).toEqual([block.raw])
  })

  it('is not held up by peers that are silent, asks each next one later, and ends what is under way', async () => {
    const block = blockOf(small)
    const never: Peer = () => 'never'
    const { assembly, asked, outcomes, ended, clock } = scene(block, {
      a: never,
      b: never,
      c: never,
      gives: gives(block),
    })
    assembly.start()
    await clock.advance(20 * PART_HEDGE)
    expect(asked.map(({ at }) => at / PART_HEDGE)).toEqual([0, 1, 3, 6])
    expect(blockIn(outcomes)).toEqual([block.raw])
    expect(ended).toEqual(['a', 'b', 'c', 'gives'])
  })

  it('goes on with who gives as much as an answer may hold', async () => {
    const block = blockOf(Array.from({ length: 7 }, (_, nonce) => transfer(nonce, 100_000)))
    const full: Peer = (indexes) =>
      partsFor({ contentsHash: new Uint8Array(32), indexes }, (index) => block.transactions[index]!.raw)
    const { assembly, asked, outcomes, clock } = scene(block, { full, other: full })
    assembly.start()
    await clock.advance(MAX_FETCH_WAIT)
    expect(asked.map(({ peer, indexes }) => [peer, indexes.length])).toEqual([
      ['full', 7],
      ['full', 2],
    ])
    expect(blockIn(outcomes)).toEqual([block.raw])
  })

  it('blames who gives something else, and the proposer for a list that is no block', async () => {
    const block = blockOf(small)
    const liar: Peer = () => [small[1]!.raw]
    const { assembly, faults, outcomes, clock } = scene(block, { liar, honest: gives(block) })
    assembly.addSource('liar')
    assembly.start()
    await clock.advance(10)
    expect(faults).toEqual(['liar'])
    expect(blockIn(outcomes)).toEqual([block.raw])

    const other = { ...block, transactions: [small[1]!, small[0]!, small[2]!] }
    const list = scene(other, { sender: gives(other) })
    list.assembly.start()
    await list.clock.advance(10)
    expect(list.faults).toEqual([])
    expect(list.outcomes).toMatchObject([{ ok: false, reason: expect.stringContaining('transactions root') }])

    const junk = { transaction: small[0]!.transaction, raw: new Uint8Array(80).fill(3), hash: new Uint8Array(32) }
    const withJunk = { ...block, transactions: [{ ...junk, hash: keccak256(junk.raw) }] }
    const undecodable = scene(withJunk, { sender: gives(withJunk) })
    undecodable.assembly.start()
    await undecodable.clock.advance(10)
    expect(undecodable.faults).toEqual([])
    expect(undecodable.outcomes).toMatchObject([{ ok: false }])
  })

  it('asks ever more rarely for what nobody has, and no more when it is stopped', async () => {
    const block = blockOf(small)
    const { assembly, asked, outcomes, clock } = scene(block, { a: () => [], b: () => 'fails' })
    assembly.start()
    await clock.advance(60_000)
    const times = asked.filter(({ peer }) => peer === 'a').map(({ at }) => at)
    expect(times.length).toBeGreaterThan(5)
    expect(times.length).toBeLessThan(60_000 / PART_RETRY_MAX + 10)
    assembly.stop()
    const before = asked.length
    await clock.advance(60_000)
    expect(asked.length).toBe(before)
    expect(outcomes).toEqual([])
  })
})

function messageOf(block: Block, round = 0, more: Partial<ProposalMessage> = {}): ProposalMessage {
  const contents = encodeContents(block.transactions)
  return {
    ...{ kind: 'proposal', attempt: 0, height: 1n, round, validRound: -1, blockHash: block.hash },
    ...{ head: chainBlockForm.head(block), contents, contentsHash: contentsHash(contents), transactions: [] },
    ...{ signature: new Uint8Array(64), polka: [] },
    ...more,
  }
}

/** The assemblies of a height whose pool holds `pool`, with peers that never answer unless `answer` does. */
function height(
  pool: readonly TransactionEnvelope[] = [],
  answer: (request: PartRequest) => Answer = () => 'never',
  clock: ManualClock = manualClock(),
) {
  const underWay = { round: 0 }
  const blocks = new ProposedBlocks()
  const ready: string[] = []
  const bad: string[] = []
  const listeners = new Set<(transaction: TransactionEnvelope) => void>()
  const transactions: TransactionSource = {
    transaction: (hash) => pool.find((one) => one.hash.every((byte, at) => byte === hash[at])),
    onTransaction: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    arrivedAt: () => 0,
  }
  const requests: (readonly number[])[] = []
  const assemblies = new Assemblies({
    form: chainBlockForm,
    clock,
    blocks,
    transactions,
    round: () => underWay.round,
    network: {
      peers: () => [{ id: 'peer', address: '', named: true }],
      request: async (_peer, _protocol, request) => {
        const decoded = decodePartRequest(request)
        requests.push(decoded.indexes)
        const answered = answer(decoded)
        return typeof answered === 'string' ? new Promise(() => {}) : answered
      },
      penalize: () => {},
    },
    onBlock: (message) => void ready.push(`${message.round}`),
    onBad: (message) => void bad.push(`${message.round}`),
    onFailure: (error) => {
      throw error
    },
  })
  const take = (message: ProposalMessage) => assemblies.take(message, readProposal(message, chainBlockForm), 'peer')
  return { assemblies, blocks, ready, bad, listeners, requests, take, clock, underWay }
}

describe('the assemblies of a height', () => {
  it('have the block at once when pool, message and other blocks of the height hold all of it', () => {
    const block = blockOf(small)
    const { take, blocks, listeners, assemblies } = height([small[0]!])
    blocks.add(messageOf(blockOf([small[2]!])), blockOf([small[2]!]))
    const outcome = take(messageOf(block, 0, { transactions: [{ index: 1, raw: small[1]!.raw }] }))
    expect(outcome?.ok && outcome.block.raw).toEqual(block.raw)
    expect(listeners.size).toBe(0)
    expect(assemblies.ofRound(0)).toBe(0)
  })

  it('wait once for a block that is proposed in two rounds, and listen only while they wait', async () => {
    const block = blockOf(small)
    const { take, ready, listeners, requests, assemblies, clock } = height([small[0]!])
    expect(take(messageOf(block, 0))).toBeNull()
    expect(take(messageOf(block, 1))).toBeNull()
    await clock.advance(1)
    expect(requests).toEqual([[1, 2]])
    expect([assemblies.ofRound(0), assemblies.ofRound(1), assemblies.ofRound(2)]).toEqual([1, 1, 0])
    for (const transaction of small) for (const listener of listeners) listener(transaction)
    expect(ready).toEqual(['0', '1'])
    expect(listeners.size).toBe(0)
  })

  it('take transactions from repetitions, and find the wrong ones', () => {
    const block = blockOf(small)
    const { take, assemblies, ready } = height([small[0]!])
    take(messageOf(block))
    const again = (index: number, raw: Uint8Array) => {
      const message = messageOf(block, 0, { attempt: 5, transactions: [{ index, raw }] })
      expect(assemblies.isWaiting(message)).toBe(true)
      return assemblies.repeat(message, 'another')
    }
    expect(again(1, small[2]!.raw)).toContain('transactions[1]')
    expect(again(1, small[1]!.raw)).toBeNull()
    // It is there already: not looked at.
    expect(again(1, new Uint8Array(3))).toBeNull()
    expect(ready).toEqual([])
    expect(again(2, small[2]!.raw)).toBeNull()
    expect(ready).toEqual(['0'])
  })

  it('do not take a list that is no block for the block, and remember it', () => {
    const block = blockOf(small)
    const contents = encodeContents([small[1]!, small[0]!, small[2]!])
    const other = messageOf(block, 0, { contents, contentsHash: contentsHash(contents) })
    const { take, blocks, assemblies } = height(small)
    expect(assemblies.isBad(other)).toBe(false)
    expect(take(other)).toMatchObject({ ok: false })
    expect(assemblies.isBad(other)).toBe(true)
    expect(assemblies.isBad(messageOf(block))).toBe(false)
    const right = take(messageOf(block))
    expect(right?.ok).toBe(true)
    blocks.add(messageOf(block), block)
    expect(take({ ...other, round: 1, contents: encodeContents(small.slice(1)) })).toMatchObject({ ok: false })
    expect(take(messageOf(block, 1))?.ok).toBe(true)
  })

  it('give peers what is in the list they ask for, and nothing of another list for the same block', () => {
    const block = blockOf(small)
    const swapped = encodeContents([small[1]!, small[0]!, small[2]!])
    const other = messageOf(block, 0, { contents: swapped, contentsHash: contentsHash(swapped) })
    const right = messageOf(block)
    const { take, assemblies, blocks } = height([small[0]!])
    take(other)
    take(right)
    const partsOf = (message: ProposalMessage) =>
      small.map((_, at) => assemblies.withContents(message.contentsHash)?.part(at)?.raw)
    expect(partsOf(other)).toEqual([undefined, small[0]!.raw, undefined])
    expect(partsOf(right)).toEqual([small[0]!.raw, undefined, undefined])
    blocks.add(right, block)
    expect(blocks.withContents(right.contentsHash)).toBe(block)
    expect(blocks.withContents(other.contentsHash)).toBeUndefined()
  })

  it('give each other what came for one of them', async () => {
    const [one, two] = [blockOf(small), blockOf(small, { gasLimit: 7n })]
    let answered = false
    const { take, ready, clock } = height([], ({ indexes }) => {
      if (answered) return 'never'
      answered = true
      return gives(one)(indexes)
    })
    take(messageOf(one, 0))
    take(messageOf(two, 1))
    take(messageOf(blockOf(small.slice(1)), 2))
    await clock.advance(0)
    expect(ready.sort()).toEqual(['0', '1', '2'])
  })

  it('are bounded: the oldest round makes room', () => {
    const { take, assemblies, underWay } = height()
    underWay.round = MAX_ASSEMBLIES
    for (let round = 0; round <= MAX_ASSEMBLIES; round++) {
      expect(take(messageOf(blockOf(small, { gasLimit: BigInt(100 + round) }), round))).toBeNull()
    }
    expect(assemblies.ofRound(0)).toBe(0)
    for (let round = 1; round <= MAX_ASSEMBLIES; round++) expect(assemblies.ofRound(round)).toBe(1)
    take(messageOf(blockOf(small, { gasLimit: 99n }), 0))
    expect(assemblies.ofRound(0)).toBe(0)
    assemblies.stop()
    expect(assemblies.ofRound(1)).toBe(0)
  })
})

describe('blocks that wait', () => {
  it('of the rounds to come do not keep out that of this round', () => {
    const { take, assemblies } = height()
    let made = 0n
    const some = (round: number, count: number) => {
      for (let one = 0; one < count; one++) {
        made += 1n
        take(messageOf(blockOf(small, { gasLimit: made }), round))
      }
      return [0, 1, 2].map((of) => assemblies.ofRound(of))
    }
    some(1, MAX_ASSEMBLIES / 2)
    expect(some(2, MAX_ASSEMBLIES / 2)).toEqual([0, 4, 4])
    expect(some(0, 1)).toEqual([1, 3, 4])
    // Nor does one round take all from the others.
    expect(some(0, MAX_ASSEMBLIES)).toEqual([2, 3, 3])
  })

  it('of this round are not driven out by those of others, also when others propose the same block', () => {
    const { take, assemblies } = height()
    const block = blockOf(small)
    take(messageOf(block, 0))
    // Of the next round too, by a proposer of bad faith: then it would be the first of that round to go.
    take(messageOf(block, 1))
    for (let gasLimit = 10n; gasLimit < 30n; gasLimit++) {
      take(messageOf(blockOf(small, { gasLimit }), gasLimit < 15n ? 1 : 2))
    }
    expect(assemblies.isWaiting(messageOf(block, 0))).toBe(true)
  })
})

describe('an answer with parts of a proposal', () => {
  const request = (indexes: readonly number[]) => ({ contentsHash: new Uint8Array(32), indexes })

  it('ends before what is not there, and before it is too large; it has one part at least', () => {
    const part = (index: number) => (index === 4 ? undefined : new Uint8Array(MAX_PARTS_BYTES / 2).fill(index))
    const firsts = (...indexes: number[]) => partsFor(request(indexes), part).map(([first]) => first)
    expect(firsts(1, 2, 3)).toEqual([1, 2])
    expect(firsts(3, 4, 5)).toEqual([3])
    expect(firsts(4, 5)).toEqual([])
    expect(partsFor(request([0, 1]), () => new Uint8Array(MAX_PARTS_BYTES + 1))).toHaveLength(1)
  })

  it('is to places that ascend', () => {
    expect(decodePartRequest(encodePartRequest(request([1, 3])))).toEqual(request([1, 3]))
    expect(() => decodePartRequest(encodePartRequest(request([3, 3])))).toThrow('ascend')
    expect(() => decodePartRequest(encodePartRequest(request([3, 1])))).toThrow('ascend')
  })
})

describe('what a proposal carries', () => {
  const source = (arrived: (nonce: number) => number | undefined, block: Block): TransactionSource => ({
    transaction: () => undefined,
    onTransaction: () => () => {},
    arrivedAt: (hash) => arrived(block.transactions.findIndex((one) => one.hash === hash)),
  })
  const carried = (block: Block, arrived: (nonce: number) => number | undefined, now: number) =>
    withInlined(messageOf(block), block, source(arrived, block), { monotonic: () => now }).transactions

  it('is everything when it is little', () => {
    expect(carried(blockOf(small), () => 0, 1_000_000)).toHaveLength(3)
  })

  it('is what came a moment ago, or is not in the pool, when it is much; never what is large', () => {
    const many = Array.from({ length: 200 }, (_, nonce) => transfer(nonce))
    const block = blockOf([...many, transfer(200, INLINE_TRANSACTION_BYTES)])
    expect(block.raw.length).toBeGreaterThan(INLINE_ALL_BYTES)
    const now = 10 * SPREAD_TIME
    const indexes = carried(
      block,
      (index) => (index < 100 ? now - SPREAD_TIME - 1 : index < 199 ? now : undefined),
      now,
    )
    expect(indexes.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, at) => 100 + at))
  })

  it('is bounded', () => {
    const block = blockOf(Array.from({ length: 100 }, (_, nonce) => transfer(nonce, 5_000)))
    const bytes = carried(block, () => 0, 0).reduce((sum, { raw }) => sum + raw.length, 0)
    expect(bytes).toBeLessThanOrEqual(INLINE_BYTES)
    expect(bytes).toBeGreaterThan(INLINE_BYTES - 6_000)
  })

  it('comes over the wire whole', () => {
    const block = blockOf([...small, ...large])
    const message = withInlined(messageOf(block), block, undefined, { monotonic: () => 0 })
    const decoded = decodeConsensusMessage(encodeProposal(message)) as ProposalMessage
    checkContents(decoded.contents)
    const { transactions } = readProposal(decoded, chainBlockForm)
    expect(chainBlockForm.assemble(decoded.head, transactions).raw).toEqual(block.raw)
    expect(() => readProposal({ ...decoded, blockHash: new Uint8Array(32) }, chainBlockForm)).toThrow('hash')
    expect(() => readProposal({ ...decoded, height: 2n }, chainBlockForm)).toThrow('number')
    const swapped = decoded.transactions.map(({ index }) => ({ index, raw: small[2]!.raw }))
    expect(() => readProposal({ ...decoded, transactions: swapped }, chainBlockForm)).toThrow('transactions[0]')
  })

  it('is refused where its list gives one transaction two lengths, as nobody could say it again', () => {
    const twice = [small[0]!, small[0]!]
    const contents = encodeContents([small[0]!, { ...small[0]!, raw: new Uint8Array(small[0]!.raw.length + 1) }])
    const block = blockOf(twice)
    const message = { ...messageOf(block), contents, contentsHash: contentsHash(contents) }
    const sent = encodeProposal({ ...message, transactions: [{ index: 0, raw: small[0]!.raw }] })
    const read = () => readProposal(decodeConsensusMessage(sent) as ProposalMessage, chainBlockForm)
    const again = withInlined(message, block, undefined, { monotonic: () => 0 })
    expect(() => decodeConsensusMessage(encodeProposal(again))).toThrow('the list says')
    expect(read).toThrow('contents[1]')
  })
})
