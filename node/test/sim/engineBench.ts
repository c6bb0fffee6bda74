import { seededRandom } from '@touchstone/vm/testing/random'
import { keyOf } from '../../src/codec/bytes.ts'
import type { Consensus, ConsensusOptions } from '../../src/consensus/consensus.ts'
import { createValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import { startConsensus } from '../../src/consensus/engine.ts'
import { buildCertificate } from '../../src/consensus/proofs/certificate.ts'
import { voteSignBytes } from '../../src/consensus/signing/signBytes.ts'
import { openSigner } from '../../src/consensus/signing/signer.ts'
import { decodeConsensusMessage, encodeVotes, type VoteMessage } from '../../src/consensus/wire/messages.ts'
import type { GossipVerdict, Topic } from '../../src/network/network.ts'
import type { KeyValueStore } from '../../src/runtime/keyValueStore.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { SILENT_LOGGER } from '../../testing/logger.ts'
import { type LoneNetwork, loneNetwork, type Sent } from '../../testing/loneNetwork.ts'
import { CHAIN, CHAIN_ID, GENESIS_HASH, LightChain, lightBlockForm, makeLightBlock } from './lightChain.ts'
import { bodyOf, type ProposalFields, signedProposal } from './proposals.ts'
import { Scheduler } from './scheduler.ts'
import { simKey, simVerify } from './simKey.ts'
import { SIM_TIMEOUTS } from './simWorld.ts'

export function validators(count: number) {
  return createValidatorSet(
    Array.from({ length: count }, (_, index) => ({
      publicKey: simKey(index).publicKey,
      power: 1n,
      feeRecipient: new Uint8Array(20).fill(index),
    })),
  )
}

/** One engine whose peers are the test. Validator 0 of `count`; of height 1 and round 0 the proposer is validator 1. */
export class Bench {
  readonly scheduler = new Scheduler()
  /** Also by engines before a restart. */
  readonly sent: Sent[] = []
  network!: LoneNetwork
  readonly count: number
  readonly signerStore: KeyValueStore
  chain!: LightChain
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
    this.chain = new LightChain({
      maker: 0,
      store: options.store ?? createMemoryStore(),
      clock,
      random: seededRandom(1),
      pool: new Set(),
      onCommit: () => {},
    })
    const signer = await openSigner({ store: this.signerStore, key: simKey(0), genesisHash: GENESIS_HASH })
    if (isNew) await signer.begin(null)
    this.network = loneNetwork((sent) => void this.sent.push(sent))
    this.engine = startConsensus({
      application: this.chain,
      network: this.network,
      signer,
      validatorSet: validators(this.count),
      ...CHAIN,
      head: this.chain.height(),
      clock,
      logger: SILENT_LOGGER,
      timeouts: SIM_TIMEOUTS,
      blockForm: lightBlockForm,
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
    void Promise.resolve(this.network.gossip.get(topic)!(message, from)).then((settled) => {
      verdict = settled
    })
    await this.wait(5)
    return verdict
  }

  /** A peer connects. */
  meet(peer: string): void {
    this.network.meet(peer)
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

export function lightBlock(
  height = 1n,
  more: { parentHash?: Uint8Array; timestamp?: bigint; nonce?: number } = {},
): Block {
  const { parentHash = new Uint8Array(32), timestamp = 0n, nonce = 5 } = more
  return makeLightBlock({ height, parentHash, timestamp, maker: 1, nonce, invalid: false, transactions: [] })
}

export function proposalOf(block: Block, by = 1, more: Partial<ProposalFields> = {}): Uint8Array {
  const body = bodyOf(block, lightBlockForm)
  return signedProposal(simKey(by), GENESIS_HASH, { height: block.header.number, round: 0, ...body, ...more })
}

export function voteOf(
  type: 'prevote' | 'precommit',
  by: number,
  block: Block | null,
  height = 1n,
  round = 0,
): VoteMessage {
  const blockHash = block?.hash ?? null
  const signature = simKey(by).sign(voteSignBytes(GENESIS_HASH, height, round, type, blockHash))
  return { type, round, blockHash, index: by, signature }
}

export function votesOf(
  votes: readonly VoteMessage[],
  more: { height?: bigint; round?: number; attempt?: number } = {},
): Uint8Array {
  const { height = 1n, round = 0, attempt = 0 } = more
  return encodeVotes({ kind: 'votes', attempt, height, round, wantsProposal: false, votes })
}

export function certify(block: Block, by: readonly number[] = [1, 2, 3]): Certificate {
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
