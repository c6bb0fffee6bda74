/**
 * One height under way: drives the state machine and carries out its effects. Made when the height before is committed,
 * thrown away when this one is, with all it knows; nothing of an ended height can reach the next.
 *
 * `apply` must not run twice at a time: the engine calls it from its queue, and so do the timers and answers here.
 */
import { keyOf } from '../../codec/bytes.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import { TakenVotes } from '../admission/takenVotes.ts'
import type { ConsensusOptions } from '../consensus.ts'
import { supportOf } from '../core/roundLog.ts'
import {
  type Effect,
  type Input,
  newHeight,
  precommitsOf,
  proposerOf,
  type RoundValue,
  roundLog,
  step,
  type TendermintState,
} from '../core/tendermint.ts'
import { includesCorrect, type ValidatorSet } from '../core/validatorSet.ts'
import type { BlockId, VoteType } from '../core/vote.ts'
import type { MutableCounters } from '../counters.ts'
import type { ConsensusGossip } from '../gossip/gossip.ts'
import type { JobQueue } from '../jobQueue.ts'
import { MAX_CLOCK_DRIFT, REBROADCAST_FIRST } from '../limits.ts'
import { buildCertificate } from '../proofs/certificate.ts'
import { conflictingProposals, conflictingVotes, type Evidence } from '../proofs/evidence.ts'
import { Assemblies } from '../proposals/assemblies.ts'
import { type BlockForm, chainBlockForm } from '../proposals/blockForm.ts'
import { type PartRequest, partsFor } from '../proposals/partRequests.ts'
import { ProposedBlocks, readProposal } from '../proposals/proposedBlocks.ts'
import type { RestoredSigning } from '../signing/signer.ts'
import { decodeConsensusMessage, type ProposalMessage } from '../wire/messages.ts'
import { Repetition } from './repetition.ts'
import { Statements } from './statements.ts'
import { StepTimers } from './stepTimers.ts'
import { keptPolka, restoredHeight, restoredVote, type Voting } from './voting.ts'

/** Proposals of older rounds are kept this long for peers that are behind, besides the locked and the valid one. */
const KEPT_PROPOSAL_ROUNDS = 4

/** The parts that the engine lends to each height. */
export interface HeightContext {
  readonly options: ConsensusOptions
  readonly gossip: ConsensusGossip
  readonly queue: JobQueue
  readonly counters: MutableCounters
  /** Null for a node that only follows. */
  readonly voting: Voting | null
  readonly onEvidence: (evidence: Evidence) => Promise<void>
  /** Commits, unless it is final already. `announces` on the proposer, so that a block is announced once. */
  readonly onDecision: (decision: Decision, announces: boolean, isFinal: boolean) => Promise<void>
  /** Decided without the block at hand: sync has to bring it. */
  readonly onMissingBlock: (height: bigint) => void
  readonly onFailure: (error: unknown) => void
}

export interface Decision {
  readonly block: Block
  readonly certificate: Certificate
}

export interface HeightStart {
  readonly height: bigint
  readonly validators: ValidatorSet
  /** Index of this node, null when it does not vote. */
  readonly self: number | null
  /** The messages signed at this height before a restart. */
  readonly restored: RestoredSigning | null
  /** Of the block before, seconds. */
  readonly parentTimestamp: bigint | undefined
}

/** Signed by this node: what its own state machine is told, and the way out, once it is on disk. */
interface OwnMessage {
  readonly inputs: readonly Input[]
  send(): void
}

/** Of a vote, and of a block that was proposed before. */
type SignedEffect = Extract<Effect, { kind: 'vote' }> | (Extract<Effect, { kind: 'propose' }> & { value: RoundValue })

function asksToSign(effect: Effect): effect is SignedEffect {
  return effect.kind === 'vote' || (effect.kind === 'propose' && effect.value !== null)
}

export class HeightRun {
  readonly taken = new TakenVotes()
  readonly blocks: ProposedBlocks
  readonly assemblies: Assemblies
  readonly statements: Statements
  readonly #timers: StepTimers
  readonly #repetition: Repetition
  readonly #form: BlockForm
  readonly #parentTimestamp: bigint | undefined
  readonly #context: HeightContext
  readonly #logger: Logger
  readonly #restored: RestoredSigning | null
  #state: TendermintState
  #ended = false
  /** Decided by this node alone, and committed. */
  #final: Decision | null = null
  /** Round for which this node is building a block. */
  #building: number | null = null
  /** Built for a round that was over when it was ready: a block of this height all the same. */
  #unsent: Block | null = null
  readonly #validating = new Set<BlockId>()

  constructor(context: HeightContext, { height, validators, self, restored, parentTimestamp }: HeightStart) {
    this.#context = context
    this.#parentTimestamp = parentTimestamp
    this.#logger = context.options.logger.child({ height: String(height) })
    this.#restored = self === null ? null : restored
    this.#state = newHeight(height, validators, self, this.#restored && restoredHeight(this.#restored))
    const { options, queue, onFailure } = context
    this.#form = options.blockForm ?? chainBlockForm
    this.blocks = new ProposedBlocks()
    this.assemblies = new Assemblies({
      form: this.#form,
      clock: options.clock,
      network: options.network,
      transactions: options.application.transactions,
      blocks: this.blocks,
      round: () => Math.max(this.#state.round, 0),
      onBlock: (message, block) => queue.add(() => this.apply([this.acceptBlock(message, block)])),
      onBad: (message, reason) => this.refuseList(message, reason),
      onFailure,
    })
    this.statements = new Statements(options.genesisHash, context.onEvidence)
    this.#timers = new StepTimers({
      options,
      queue,
      isOccupied: (round) => this.#isOccupied(round),
      onTimeout: (timed, round) => this.apply([{ kind: 'timeout', step: timed, round }]),
    })
    this.#repetition = new Repetition(
      options.clock,
      () => !this.#ended && this.isUnderWay,
      () => this.#repeatRound(),
    )
  }

  /** Goes on where the signer's record ends; without a record of this height, nothing happens before the input `start`. */
  begin(): void {
    const restored = this.#restored
    if (restored !== null) this.#context.queue.add(() => this.#restore(restored))
  }

  get state(): TendermintState {
    return this.#state
  }

  /** In a round, and not decided. */
  get isUnderWay(): boolean {
    return this.#state.round >= 0 && this.#state.decision === null
  }

  get ended(): boolean {
    return this.#ended
  }

  end(): void {
    this.#ended = true
    this.#timers.cancel()
    this.#repetition.stop()
    this.assemblies.stop()
  }

  /** It may lack what was sent before, and need not wait for the next repetition. */
  onPeer(): void {
    this.#repetition.onPeer()
  }

  apply(first: readonly Input[]): Promise<void> {
    return this.#apply(first, [])
  }

  /**
   * Runs the state machine to its end, own votes included, and writes all that it signed at once. Nothing of it is seen
   * outside of this call before it is on disk: neither the messages nor the state that counts them. A block that this node
   * has decided alone is written meanwhile, and nothing is seen before both are.
   *
   * `sends` are the messages that were signed for the first inputs.
   */
  async #apply(first: readonly Input[], sends: readonly (() => void)[]): Promise<void> {
    if (this.#ended) return
    const inputs = [...first]
    const due: (() => void | Promise<void>)[] = [...sends]
    let isSigned = sends.length > 0
    let state = this.#state
    for (const input of inputs) {
      const next = step(state, input)
      state = next.state
      for (const effect of next.effects) {
        if (!asksToSign(effect)) {
          due.push(() => this.#perform(effect))
          continue
        }
        const message = this.#sign(effect, state)
        if (message === null) continue
        isSigned = true
        inputs.push(...message.inputs)
        due.push(message.send)
      }
    }
    const alone = isSigned ? this.#decidedAlone(state) : null
    if (isSigned) {
      const signed = this.#context.voting?.flush()
      await Promise.all([signed, alone && this.#finalize(alone, signed)])
    }
    if (this.#ended) return
    this.#state = state
    this.#final = alone
    for (const act of due) {
      await act()
      if (this.#ended) return
    }
  }

  /**
   * The block that this call decides by an own signature alone, if a crash that leaves the block and not the signature can
   * be told from a record that forgot it. Null where others take part: they wait for the messages, not for the block.
   */
  #decidedAlone(state: TendermintState): Decision | null {
    const { decision, height, self } = state
    if (decision === null || this.#context.voting?.reaches(height) !== true) return null
    const [first, ...others] = precommitsOf(state, decision)
    if (first?.validator !== self || others.length > 0) return null
    return this.#decision(state, decision)
  }

  #finalize({ block, certificate }: Decision, signed: Promise<void> | undefined): Promise<void> {
    return this.#context.options.application.finalize(block, certificate, signed)
  }

  /** Null where the block is not at hand: only after more proposals than are kept. */
  #decision(state: TendermintState, value: RoundValue): Decision | null {
    const block = this.blocks.block(value.id)
    if (block === undefined) return null
    return { block, certificate: buildCertificate(this.#context.options.chainId, precommitsOf(state, value)) }
  }

  /** For peers that lack transactions of a proposed block. */
  answerParts(request: PartRequest): readonly Uint8Array[] {
    const { contentsHash } = request
    const transactions = this.blocks.withContents(contentsHash)?.transactions
    const assembly = this.assemblies.withContents(contentsHash)
    return partsFor(request, (index) => (transactions?.[index] ?? assembly?.part(index))?.raw)
  }

  /** A verified proposal whose block is here. */
  acceptBlock(message: ProposalMessage, block: Block): Input {
    this.blocks.add(message, block)
    const now = BigInt(Math.floor(this.#context.options.clock.now() / 1000))
    const { timestamp } = block.header
    // If clocks were ahead when the parent was made, its time is the least there is: without it the chain would stand.
    const timely =
      timestamp <= now + MAX_CLOCK_DRIFT || timestamp === this.#parentTimestamp || this.#isOfState(timestamp, now)
    if (!timely) {
      this.#logger.warn(
        { timestamp: String(timestamp), now: String(now) },
        `the proposed block's timestamp is more than ${MAX_CLOCK_DRIFT} s ahead of this node's clock`,
      )
    }
    return this.proposalInput(message, timely)
  }

  /** In dev mode times are moved, or said by the state, which the block is then held against when it is executed. */
  #isOfState(timestamp: bigint, now: bigint): boolean {
    const ahead = this.#context.options.application.timeAhead?.()
    return ahead === null || (ahead !== undefined && timestamp <= now + ahead + MAX_CLOCK_DRIFT)
  }

  /**
   * The proposer signed a list that is no block: as if it had proposed nothing. Its block hash may still be that of a block.
   */
  refuseList(message: ProposalMessage, reason: string): void {
    this.#logger.warn({ round: message.round, block: keyOf(message.blockHash), reason }, 'a proposal without a block')
  }

  /** Whether the signature of a proposal is worth checking. */
  isWanted(message: ProposalMessage): boolean {
    if (this.assemblies.isWaiting(message) || this.assemblies.isBad(message)) return false
    return this.statements.hasRoom(this.#state, message)
  }

  proposalInput(message: ProposalMessage, timely: boolean): Input {
    const { height, round, validRound, contentsHash, signature } = message
    const validator = proposerOf(this.#state, round)
    const id = keyOf(message.blockHash)
    return { kind: 'proposal', proposal: { height, round, id, validRound, contentsHash, validator, signature, timely } }
  }

  /** Goes on where the signer's record ends: own votes, the locked and the valid block, the polkas behind them. */
  async #restore({ locked, valid, signed }: RestoredSigning): Promise<void> {
    const { self, height, round } = this.#state
    if (this.#ended || self === null) return
    const inputs: Input[] = []
    for (const kept of [locked, valid]) {
      if (kept === null) continue
      inputs.push(...keptPolka(height, kept).map((vote): Input => ({ kind: 'vote', vote })))
      inputs.push(this.#restoreProposal(kept.proposal))
    }
    for (const message of signed) {
      const vote = restoredVote(message, self)
      if (vote !== null) inputs.push({ kind: 'vote', vote })
      if (message.proposal !== null) inputs.push(this.#restoreProposal(message.proposal))
    }
    this.#logger.info({ round }, 'consensus goes on after a restart')
    // The other timeouts start with a quorum of votes, which come again by rebroadcast.
    if (this.#state.step === 'propose') this.#timers.schedule('propose', round)
    this.#repetition.arm(0)
    await this.apply(inputs)
  }

  #restoreProposal(raw: Uint8Array): Input {
    const message = decodeConsensusMessage(raw)
    if (message.kind !== 'proposal')
      throw new Error("consensus: the signer's record holds something else than a proposal")
    this.blocks.add(message, this.#form.assemble(message.head, readProposal(message, this.#form).transactions))
    return this.proposalInput(message, true)
  }

  /** Null when the signer refuses. */
  #sign(effect: SignedEffect, state: TendermintState): OwnMessage | null {
    if (effect.kind === 'vote') return this.#vote(state, effect.type, effect.round, effect.id)
    const { round, value } = effect
    const block = this.blocks.block(value.id)
    if (block === undefined) throw new Error(`consensus: the valid block ${value.id} is not at hand`)
    return this.#proposal(state, round, block, value)
  }

  async #perform(effect: Exclude<Effect, SignedEffect>): Promise<void> {
    const { options, onEvidence } = this.#context
    switch (effect.kind) {
      case 'new-round':
        this.#onRound(effect.round)
        break
      case 'propose':
        void this.#build(effect.round)
        break
      case 'schedule':
        this.#timers.schedule(effect.step, effect.round)
        break
      case 'validate':
        void this.#validate(effect.id)
        break
      case 'decide':
        await this.#decide(effect.value)
        break
      case 'conflicting-votes':
        await onEvidence(conflictingVotes(options.genesisHash, effect.first, effect.second))
        break
      case 'conflicting-proposals':
        await onEvidence(conflictingProposals(options.genesisHash, effect.first, effect.second))
        break
    }
  }

  #onRound(round: number): void {
    this.#context.counters.rounds += 1
    this.#timers.cancel()
    this.#repetition.arm(REBROADCAST_FIRST)
    if (round > 0) this.#logger.info({ round }, 'consensus starts another round')
    const { locked, valid, rounds, validators } = this.#state
    this.statements.prune(round - KEPT_PROPOSAL_ROUNDS)
    this.blocks.prune({
      proposal: (of) => of >= round - KEPT_PROPOSAL_ROUNDS || of === locked?.round || of === valid?.round,
      block: (id) =>
        id === locked?.id ||
        id === valid?.id ||
        [...rounds].some(([of, log]) => {
          const proposed = of >= round && log.proposals.some((proposal) => proposal.id === id)
          return proposed || includesCorrect(validators, supportOf(log, id))
        }),
    })
  }

  #isOccupied(round: number): boolean {
    if (this.#building === round) return true
    return (
      this.#validating.size > 0 && roundLog(this.#state, round).proposals.some(({ id }) => this.#validating.has(id))
    )
  }

  /** Builds a block beside the queue, unless there is one that came too late for its round. */
  async #build(round: number): Promise<void> {
    const { options, queue } = this.#context
    this.#building = round
    let built: Block | null = null
    try {
      built = this.#unsent ?? (await options.application.propose(this.#state.height, round))
    } catch (error) {
      this.#logger.error({ round, error: String(error) }, 'no block could be built; the round will time out')
    }
    queue.add(async () => {
      if (this.#building === round) this.#building = null
      if (this.#ended) return
      const { round: current, step: currentStep } = this.#state
      const isWanted = current === round && currentStep === 'propose'
      this.#unsent = isWanted ? null : built
      const message = isWanted && built !== null ? this.#proposal(this.#state, round, built, null) : null
      if (message !== null) await this.#apply(message.inputs, [message.send])
      await this.#timers.release()
    })
  }

  #proposal(state: TendermintState, round: number, block: Block, value: RoundValue | null): OwnMessage | null {
    const { voting, counters, gossip } = this.#context
    if (voting === null) return null
    const signed = voting.proposal(state, this.blocks, round, block, value)
    if (!signed.ok) {
      this.#logger.warn({ code: signed.code }, signed.message)
      return null
    }
    this.blocks.add(signed.value, block)
    const built: Input = { kind: 'validity', id: keyOf(block.hash), valid: true }
    return {
      inputs: [...(value === null ? [built] : []), this.proposalInput(signed.value, true)],
      send() {
        counters.proposalsSent += 1
        gossip.sendProposal(signed.value, block)
      },
    }
  }

  #vote(state: TendermintState, type: VoteType, round: number, id: BlockId | null): OwnMessage | null {
    const { voting, counters, gossip } = this.#context
    if (voting === null) return null
    const signed = voting.vote(state, this.blocks, type, round, id)
    if (!signed.ok) {
      this.#logger.warn({ code: signed.code }, signed.message)
      return null
    }
    return {
      inputs: [{ kind: 'vote', vote: signed.value }],
      send() {
        counters.votesSent += 1
        gossip.sendVote(signed.value)
      },
    }
  }

  /** Executes the block beside the queue. */
  async #validate(id: BlockId): Promise<void> {
    const { options, queue, onFailure } = this.#context
    const block = this.blocks.block(id)
    if (block === undefined) return
    this.#validating.add(id)
    try {
      const outcome = await options.application.validate(block)
      if (this.#ended) return
      if (!outcome.ok) this.#logger.warn({ block: id, reason: outcome.reason }, 'invalid block')
      queue.add(async () => {
        this.#validating.delete(id)
        await this.apply([{ kind: 'validity', id, valid: outcome.ok }])
        await this.#timers.release()
      })
    } catch (error) {
      onFailure(error)
    }
  }

  async #decide(value: RoundValue): Promise<void> {
    const { onDecision, onMissingBlock } = this.#context
    const decision = this.#final ?? this.#decision(this.#state, value)
    if (decision === null) return onMissingBlock(this.#state.height)
    await onDecision(decision, proposerOf(this.#state, value.round) === this.#state.self, this.#final !== null)
  }

  #repeatRound(): void {
    const { counters, gossip } = this.#context
    counters.rebroadcasts += 1
    const { round } = this.#state
    const wants = roundLog(this.#state, round).proposals.length === 0 && this.assemblies.ofRound(round) === 0
    gossip.repeatRound(this.#state, wants)
  }
}
