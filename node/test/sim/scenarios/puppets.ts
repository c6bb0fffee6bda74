/**
 * Scripted validators around one real engine: they say exactly what a scenario wants, when it wants, and remember what the
 * engine says. Validator 0 is the engine; 1, 2 and 3 are puppets. Proposers rotate: of height 1, validator (1 + round)
 * mod 4.
 */
import { keyOf } from '../../../src/codec/bytes.ts'
import { CodecError } from '../../../src/codec/codecError.ts'
import type { IndexedSignature } from '../../../src/consensus/core/vote.ts'
import { timeoutOf } from '../../../src/consensus/limits.ts'
import { voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import {
  type ConsensusMessage,
  decodeConsensusMessage,
  decodeProof,
  encodeVotes,
  type ProposalMessage,
} from '../../../src/consensus/wire/messages.ts'
import type { Block } from '../../../src/types/block.ts'
import type { Certificate } from '../../../src/types/certificate.ts'
import { GENESIS_HASH, lightBlockForm, makeLightBlock } from '../lightChain.ts'
import { lightKind } from '../lightKind.ts'
import type { LightNode } from '../lightNode.ts'
import { bodyOf, signedProposal } from '../proposals.ts'
import { simKey } from '../simKey.ts'
import { Simulation, simValidators } from '../simulation.ts'
import { SIM_TIMEOUTS } from '../simWorld.ts'

const PUPPETS = [1, 2, 3]
/** Simulated milliseconds a step of a scenario is given. */
const MOMENT = 40

export class Puppets {
  readonly simulation: Simulation<LightNode>
  readonly node: LightNode
  readonly heard: ConsensusMessage[] = []
  readonly announced: Certificate[] = []
  readonly #send: (message: Uint8Array) => void
  #attempt = 1

  constructor(options: { readonly forgets?: 'votes' } = {}) {
    this.simulation = new Simulation({
      seed: 1,
      kind: lightKind(simValidators([1n, 1n, 1n, 1n])),
      keepTrace: true,
      ...options,
    })
    this.node = this.simulation.addNode(0)
    const network = this.simulation.network.connect('puppets', () => true)
    this.simulation.network.faults = { drop: 0, duplicate: 0, slow: 0, delay: 1, slowDelay: 0 }
    network.setGossipHandler('consensus', (raw) => {
      this.heard.push(decodeConsensusMessage(raw))
      return 'ignore'
    })
    network.setGossipHandler('block', (raw) => {
      try {
        const proof = decodeProof(raw)
        if (proof.kind === 'announcement') this.announced.push(proof.certificate)
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
      }
      return 'ignore'
    })
    this.#send = (message) => network.sendTo(this.node.id, 'consensus', message)
  }

  async start(): Promise<void> {
    await this.simulation.start([this.node])
    await this.wait(1)
  }

  /** Lets simulated time pass. */
  async wait(milliseconds: number = MOMENT): Promise<void> {
    const { scheduler } = this.simulation
    await scheduler.run(scheduler.now + milliseconds, () => false)
  }

  block(nonce: number): Block {
    return makeLightBlock({
      height: 1n,
      parentHash: new Uint8Array(32),
      timestamp: 0n,
      maker: 9,
      nonce,
      invalid: false,
      transactions: [],
    })
  }

  async propose(round: number, block: Block, validRound = -1, polka: readonly IndexedSignature[] = []): Promise<void> {
    const key = simKey((1 + round) % 4)
    const position = { attempt: this.#attempt++, height: 1n, round, validRound, polka }
    this.#send(signedProposal(key, GENESIS_HASH, { ...position, ...bodyOf(block, lightBlockForm) }))
    await this.wait()
  }

  signature(type: 'prevote' | 'precommit', round: number, block: Block | null, index: number): Uint8Array {
    return simKey(index).sign(voteSignBytes(GENESIS_HASH, 1n, round, type, block?.hash ?? null))
  }

  /** The prevotes of `validators`, as a polka certificate. */
  polka(round: number, block: Block, validators: readonly number[] = PUPPETS): readonly IndexedSignature[] {
    return validators.map((index) => ({ index, signature: this.signature('prevote', round, block, index) }))
  }

  async vote(
    type: 'prevote' | 'precommit',
    round: number,
    block: Block | null,
    validators: readonly number[] = PUPPETS,
  ): Promise<void> {
    const votes = validators.map((index) => ({
      type,
      round,
      blockHash: block?.hash ?? null,
      index,
      signature: this.signature(type, round, block, index),
    }))
    this.#send(encodeVotes({ kind: 'votes', attempt: this.#attempt++, height: 1n, round, wantsProposal: false, votes }))
    await this.wait()
  }

  /** Everyone precommits nil, and the precommit timeout passes. */
  async skipRound(round: number): Promise<void> {
    await this.vote('precommit', round, null)
    await this.wait(timeoutOf(SIM_TIMEOUTS, 'precommit', round) + 10)
  }

  trace(): readonly string[] {
    return this.simulation.result().trace
  }

  /** The votes of the engine, as `prevote 0 <id>`; each once, in order. */
  votes(): string[] {
    const said = this.heard.flatMap((message) =>
      message.kind === 'proposal' ? [] : message.votes.filter(({ index }) => index === 0),
    )
    const words = said.map(
      ({ type, round, blockHash }) => `${type} ${round} ${blockHash === null ? 'nil' : keyOf(blockHash)}`,
    )
    return [...new Set(words)]
  }

  /** Proposals the engine signed. */
  proposals(): ProposalMessage[] {
    return this.heard.filter((message) => message.kind === 'proposal').filter(({ round }) => (1 + round) % 4 === 0)
  }
}
