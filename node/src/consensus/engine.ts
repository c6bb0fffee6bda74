/**
 * The shell around tendermint.ts: timers, signing, gossip, the application. One height at a time.
 *
 * Everything that touches the state runs in one queue, in order of arrival: messages, timeouts, answers of the
 * application, certified blocks of sync. Building and executing a block do not occupy the queue; committing does.
 *
 * Order that matters: sign (which is on disk) before send; send before counting the own vote; commit before the next
 * height. docs/protocol/consensus.md argues why a crash at any point cannot fork the chain.
 */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { ed25519Verify } from '../crypto/ed25519.ts'
import type { GossipVerdict } from '../network/network.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import { type Admission, admitProposal, admitVotes, polkaVotes } from './admission.ts'
import { buildCertificate, verifyCertificate } from './certificate.ts'
import type {
  CertifiedOutcome,
  CommitEvent,
  Consensus,
  ConsensusCounters,
  ConsensusOptions,
  ConsensusStatus,
  Halt,
} from './consensus.ts'
import { conflictingProposals, conflictingVotes, type Evidence, keepEvidence } from './evidence.ts'
import { ConsensusGossip } from './gossip.ts'
import { createJobQueue, type JobQueue } from './jobQueue.ts'
import {
  BATCH_DELAY,
  BEHIND_GRACE,
  DEVNET_TIMEOUTS,
  MAX_CLOCK_DRIFT,
  MAX_QUEUED_MESSAGES,
  REBROADCAST_FIRST,
  REBROADCAST_MAX,
  RECENT_CERTIFICATES,
  timeoutOf,
} from './limits.ts'
import { type ConsensusMessage, decodeAnnouncement, decodeConsensusMessage, type ProposalMessage } from './messages.ts'
import { createNextHeightMessages } from './nextHeightMessages.ts'
import { createPeerFaults } from './peerFaults.ts'
import { decodeProposedBlock, ProposedBlocks } from './proposedBlocks.ts'
import { supportOf } from './roundLog.ts'
import { voteSignBytes } from './signBytes.ts'
import {
  type Effect,
  type Input,
  newHeight,
  precommitsOf,
  proposerOf,
  type RoundValue,
  step,
  type TendermintState,
} from './tendermint.ts'
import { includesCorrect, indexOfKey, isQuorum, powerOf, type ValidatorSet } from './validatorSet.ts'
import type { BlockId, VoteType } from './vote.ts'
import { keptPolka, restoredHeight, restoredVote, Voting } from './voting.ts'

/** Proposals of older rounds are kept this long for peers that are behind, besides the locked and the valid one. */
const KEPT_PROPOSAL_ROUNDS = 4

/** Set the gossip handlers of `consensus` and `block` and start. Call before the network starts. */
export function startConsensus(options: ConsensusOptions): Consensus {
  return new Engine(options)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

class Engine implements Consensus {
  readonly #options: ConsensusOptions
  readonly #verifier: { readonly chainId: bigint; readonly verify: NonNullable<ConsensusOptions['verify']> }
  readonly #gossip: ConsensusGossip
  readonly #voting: Voting | null
  readonly #queue: JobQueue
  readonly #blocks: ProposedBlocks
  readonly #nextHeight = createNextHeightMessages()
  readonly #faults = createPeerFaults()
  readonly #recent = new Map<bigint, Certificate>()
  readonly #counters: Mutable<ConsensusCounters> = {
    commits: 0,
    rounds: 0,
    proposalsSent: 0,
    votesSent: 0,
    rebroadcasts: 0,
    signaturesVerified: 0,
    messagesRejected: 0,
    messagesIgnored: 0,
  }
  readonly #commitListeners = new Set<(event: CommitEvent) => void>()
  readonly #behindListeners = new Set<(height: bigint, peer: string) => void>()
  readonly #haltListeners = new Set<(halt: Halt) => void>()
  readonly #unsubscribe: () => void

  #core: TendermintState
  #evidence: readonly Evidence[] = []
  #halted: Halt | null = null
  #stopped = false
  /** A height was decided, by votes seen live, since this node started. */
  #sawDecision = false
  #pausedUntil: bigint | null = null
  #lastCommit: number
  #stepTimers: (() => void)[] = []
  #startTimer: (() => void) | null = null
  #repeatTimer: (() => void) | null = null
  /** The newest certificate that was verified: verified once, however often it is announced. */
  #announced = ''
  #ahead: { readonly height: bigint; readonly peer: string; readonly cancel: () => void } | null = null

  constructor(options: ConsensusOptions) {
    this.#options = options
    const verify = options.verify ?? ed25519Verify
    this.#verifier = {
      chainId: options.chainId,
      verify: (signature, message, publicKey) => {
        this.#counters.signaturesVerified += 1
        return verify(signature, message, publicKey)
      },
    }
    this.#gossip = new ConsensusGossip(options.network, options.clock, options.logger)
    this.#voting = options.signer === null ? null : new Voting(options.signer, options.chainId)
    this.#queue = createJobQueue((error) => this.#halt({ kind: 'failure', error }))
    this.#blocks = new ProposedBlocks(options.decodeBlock ?? decodeProposedBlock)
    this.#lastCommit = options.clock.monotonic()
    this.#core = this.#newCore(options.head + 1n)
    options.network.setGossipHandler('consensus', (raw, from) => this.#onMessage(raw, from))
    options.network.setGossipHandler('block', (raw, from) => this.#onAnnouncement(raw, from))
    this.#unsubscribe = options.application.onWork(() => this.#armStart())
    this.#queue.add(() => this.#restore())
    this.#armStart()
  }

  status(): ConsensusStatus {
    const { height, round, validators } = this.#core
    const waiting = round < 0 || this.#core.decision !== null
    return {
      height,
      round: Math.max(round, 0),
      step: this.#halted !== null ? 'halted' : waiting ? 'waiting' : this.#core.step,
      proposer: validators.validators[proposerOf(this.#core, Math.max(round, 0))]!.feeRecipient,
      isValidator: this.#ownIndex(validators) !== null,
      abstaining: this.#abstains(height, validators),
      evidence: this.#evidence,
      halted: this.#halted,
      counters: { ...this.#counters },
    }
  }

  onCommit(listener: (event: CommitEvent) => void): () => void {
    return subscribe(this.#commitListeners, listener)
  }

  onBehind(listener: (height: bigint, peer: string) => void): () => void {
    return subscribe(this.#behindListeners, listener)
  }

  onHalt(listener: (halt: Halt) => void): () => void {
    return subscribe(this.#haltListeners, listener)
  }

  applyCertified(block: Block, certificate: Certificate): Promise<CertifiedOutcome> {
    return new Promise((resolve, reject) => {
      this.#queue.add(async () => {
        try {
          resolve(await this.#applyCertified(block, certificate))
        } catch (error) {
          reject(error)
          throw error
        }
      })
    })
  }

  catchUpTo(height: bigint | null): void {
    this.#pausedUntil = height
    this.#armStart()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelAll()
    this.#unsubscribe()
    for (const { settle } of this.#nextHeight.take()) settle('ignore')
    await this.#queue.idle()
  }

  // Heights

  #validatorSet(height: bigint): ValidatorSet {
    const { validatorSet } = this.#options
    return typeof validatorSet === 'function' ? validatorSet(height) : validatorSet
  }

  #ownIndex(set: ValidatorSet): number | null {
    const { signer } = this.#options
    return signer === null ? null : indexOfKey(set, signer.publicKey)
  }

  /** A validator whose record is empty on a chain that is not new may have forgotten what it signed. */
  #abstains(height: bigint, set: ValidatorSet): boolean {
    const { signer, emptyRecord } = this.#options
    const self = this.#ownIndex(set)
    if (signer === null || self === null || signer.last() !== null || height === 1n || this.#sawDecision) return false
    if (emptyRecord !== undefined) return emptyRecord === 'abstain'
    return isQuorum(set, set.totalPower - powerOf(set, self))
  }

  #newCore(height: bigint): TendermintState {
    const set = this.#validatorSet(height)
    const abstains = this.#abstains(height, set)
    if (abstains) {
      this.#options.logger.warn(
        { height: String(height) },
        'this validator has no record of what it signed; it abstains until a height is decided without it',
      )
    }
    const restored = this.#options.signer?.restored(height) ?? null
    return newHeight(height, set, abstains ? null : this.#ownIndex(set), restored && restoredHeight(restored))
  }

  /** Goes on where the signer's record ends: own votes, the locked and the valid block, the polkas behind them. */
  async #restore(): Promise<void> {
    const restored = this.#options.signer?.restored(this.#core.height) ?? null
    const { self, height } = this.#core
    if (restored === null || self === null || this.#stopped) return
    const inputs: Input[] = []
    for (const kept of [restored.locked, restored.valid]) {
      if (kept === null) continue
      inputs.push(...keptPolka(height, kept).map((vote): Input => ({ kind: 'vote', vote })))
      inputs.push(...this.#restoreProposal(kept.proposal))
    }
    for (const message of restored.signed) {
      const vote = restoredVote(message, self)
      if (vote !== null) inputs.push({ kind: 'vote', vote })
      if (message.proposal !== null) inputs.push(...this.#restoreProposal(message.proposal))
    }
    this.#options.logger.info({ height: String(height), round: this.#core.round }, 'consensus goes on after a restart')
    // The other timeouts start with a quorum of votes, which come again by rebroadcast.
    if (this.#core.step === 'propose') this.#schedule('propose', this.#core.round)
    this.#armRepeat(0)
    await this.#apply(inputs)
  }

  #restoreProposal(raw: Uint8Array): Input[] {
    const message = decodeConsensusMessage(raw)
    if (message.kind !== 'proposal')
      throw new Error("consensus: the signer's record holds no proposal where one belongs")
    const block = this.#blocks.decode(message)
    this.#blocks.add(message, block)
    return [this.#proposalInput(message, true)]
  }

  #proposalInput(message: ProposalMessage, timely: boolean): Input {
    const { height, round, validRound, signature } = message
    const validator = proposerOf(this.#core, round)
    const id = keyOf(message.blockHash)
    return { kind: 'proposal', proposal: { height, round, id, validRound, validator, signature, timely } }
  }

  /** Arms the start of the height: at once, after the block time, or when there is work. */
  #armStart(): void {
    if (this.#stopped || this.#core.round >= 0 || this.#startTimer !== null || this.#isPaused()) return
    // Messages of the height came during the pause: it is on elsewhere.
    if (this.#core.rounds.size > 0) {
      this.#start()
      return
    }
    const { blockTime, application, clock, batchDelay } = this.#options
    if (blockTime === undefined && !application.hasWork()) return
    const wait =
      blockTime === undefined
        ? (batchDelay ?? BATCH_DELAY)
        : Math.max(0, this.#lastCommit + blockTime - clock.monotonic())
    this.#startTimer = clock.after(wait, () => this.#start())
  }

  /** Also when a peer's message shows that the height is on. */
  #start(): void {
    this.#startTimer?.()
    this.#startTimer = null
    this.#queue.add(async () => {
      if (this.#core.round < 0 && !this.#isPaused()) await this.#apply([{ kind: 'start' }])
    })
  }

  #isPaused(): boolean {
    return this.#pausedUntil !== null && this.#core.height <= this.#pausedUntil
  }

  // The state machine

  async #apply(inputs: Input[]): Promise<void> {
    const { height } = this.#core
    for (const input of inputs) {
      if (this.#stopped) return
      const { state, effects } = step(this.#core, input)
      this.#core = state
      for (const effect of effects) {
        inputs.push(...(await this.#perform(effect)))
        // A commit ended the height; what is left belongs to it.
        if (this.#core.height !== height || this.#stopped) return
      }
    }
  }

  /** Returns what the state machine is to be told. */
  async #perform(effect: Effect): Promise<readonly Input[]> {
    const { chainId } = this.#options
    switch (effect.kind) {
      case 'new-round':
        this.#onRound(effect.round)
        return []
      case 'propose':
        return this.#propose(effect.round, effect.value)
      case 'vote':
        return this.#vote(effect.type, effect.round, effect.id)
      case 'schedule':
        this.#schedule(effect.step, effect.round)
        return []
      case 'validate':
        this.#validate(effect.id)
        return []
      case 'decide':
        await this.#decide(effect.value)
        return []
      case 'conflicting-votes':
        this.#keepEvidence(conflictingVotes(chainId, effect.first, effect.second))
        return []
      case 'conflicting-proposals':
        this.#keepEvidence(conflictingProposals(chainId, effect.first, effect.second))
        return []
    }
  }

  #onRound(round: number): void {
    this.#counters.rounds += 1
    this.#cancelSteps()
    this.#armRepeat(REBROADCAST_FIRST)
    const { locked, valid, rounds, validators, height } = this.#core
    if (round > 0) this.#options.logger.info({ height: String(height), round }, 'consensus starts another round')
    this.#blocks.prune({
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

  #schedule(timed: TendermintState['step'], round: number): void {
    const { height } = this.#core
    const wait = timeoutOf(this.#options.timeouts ?? DEVNET_TIMEOUTS, timed, round)
    const fire = () =>
      this.#queue.add(async () => {
        if (this.#core.height === height) await this.#apply([{ kind: 'timeout', step: timed, round }])
      })
    this.#stepTimers.push(this.#options.clock.after(wait, fire))
  }

  async #propose(round: number, value: RoundValue | null): Promise<readonly Input[]> {
    if (value !== null) {
      const block = this.#blocks.block(value.id)
      if (block === undefined) throw new Error(`consensus: the valid block ${value.id} is not at hand`)
      return this.#sendProposal(round, block, value)
    }
    const { height } = this.#core
    const propose = async () => {
      try {
        const block = await this.#options.application.propose(height, round)
        this.#queue.add(async () => {
          const core = this.#core
          if (core.height !== height || core.round !== round || core.step !== 'propose') return
          await this.#apply([...(await this.#sendProposal(round, block, null))])
        })
      } catch (error) {
        this.#options.logger.error(
          { height: String(height), round, error: String(error) },
          'no block could be built; the round will time out',
        )
      }
    }
    void propose()
    return []
  }

  async #sendProposal(round: number, block: Block, value: RoundValue | null): Promise<readonly Input[]> {
    if (this.#voting === null || this.#stopped) return []
    const signed = await this.#voting.proposal(this.#core, this.#blocks, round, block, value)
    if (!signed.ok) {
      this.#options.logger.warn({ code: signed.code }, signed.message)
      return []
    }
    if (this.#stopped) return []
    this.#counters.proposalsSent += 1
    this.#blocks.add(signed.value, block)
    this.#gossip.sendProposal(signed.value)
    const built: Input = { kind: 'validity', id: keyOf(block.hash), valid: true }
    return [...(value === null ? [built] : []), this.#proposalInput(signed.value, true)]
  }

  async #vote(type: VoteType, round: number, id: BlockId | null): Promise<readonly Input[]> {
    if (this.#voting === null) return []
    const signed = await this.#voting.vote(this.#core, this.#blocks, type, round, id)
    if (!signed.ok) {
      this.#options.logger.warn({ code: signed.code }, signed.message)
      return []
    }
    if (this.#stopped) return []
    this.#counters.votesSent += 1
    this.#gossip.sendVote(signed.value)
    return [{ kind: 'vote', vote: signed.value }]
  }

  /** Executes the block beside the queue. */
  #validate(id: BlockId): void {
    const { height } = this.#core
    const block = this.#blocks.block(id)
    if (block === undefined) return
    const validate = async () => {
      try {
        const outcome = await this.#options.application.validate(block)
        if (!outcome.ok) {
          this.#options.logger.warn({ height: String(height), block: id, reason: outcome.reason }, 'invalid block')
        }
        this.#queue.add(async () => {
          if (this.#core.height === height) await this.#apply([{ kind: 'validity', id, valid: outcome.ok }])
        })
      } catch (error) {
        this.#halt({ kind: 'failure', error })
      }
    }
    void validate()
  }

  async #decide(value: RoundValue): Promise<void> {
    const { height } = this.#core
    const certificate = buildCertificate(this.#options.chainId, precommitsOf(this.#core, value))
    const block = this.#blocks.block(value.id)
    if (block === undefined) {
      // Only after more proposals than are kept: the certificate brings the block by sync.
      this.#noteAhead(height, '')
      return
    }
    this.#sawDecision = true
    const announces = proposerOf(this.#core, value.round) === this.#core.self
    await this.#commit(block, certificate)
    if (announces) this.#gossip.announce(certificate)
  }

  async #commit(block: Block, certificate: Certificate): Promise<void> {
    await this.#options.application.finalize(block, certificate)
    if (this.#stopped) return
    const { height } = this.#core
    this.#cancelAll()
    this.#counters.commits += 1
    this.#lastCommit = this.#options.clock.monotonic()
    this.#recent.set(height, certificate)
    this.#recent.delete(height - BigInt(RECENT_CERTIFICATES))
    this.#blocks.clear()
    this.#core = this.#newCore(height + 1n)
    if (this.#pausedUntil !== null && height >= this.#pausedUntil) this.#pausedUntil = null
    for (const listener of this.#commitListeners) listener({ block, certificate })
    // The record may be ahead of the chain, when the chain's database was lost and the signer's was not.
    if (this.#core.round >= 0) this.#queue.add(() => this.#restore())
    for (const waiting of this.#nextHeight.take()) {
      this.#queue.add(() => this.#receive(waiting.message, waiting.bytes, waiting.from, waiting.settle))
    }
    this.#armStart()
  }

  // Messages

  #onMessage(raw: Uint8Array, from: string): GossipVerdict | Promise<GossipVerdict> {
    if (!this.#isOpenTo(from)) return this.#ignore()
    let message: ConsensusMessage
    try {
      message = decodeConsensusMessage(raw)
    } catch (error) {
      return this.#reject(error, from)
    }
    return new Promise((settle) => {
      this.#queue.add(() => this.#receive(message, raw.length, from, settle))
    })
  }

  async #receive(
    message: ConsensusMessage,
    bytes: number,
    from: string,
    settle: (verdict: GossipVerdict) => void,
  ): Promise<void> {
    const { height } = this.#core
    if (this.#stopped || message.height < height) {
      if (message.attempt > 0 && !this.#stopped) this.#answerHeight(message.height)
      settle(this.#ignore())
    } else if (message.height > height) {
      this.#noteHint(message, from)
      const next = message.height === height + 1n
      if (!next || !this.#nextHeight.keep({ message, bytes, from, settle })) settle(this.#ignore())
    } else if (message.kind === 'proposal') {
      await this.#receiveProposal(message, from, settle)
    } else {
      const admission = admitVotes(this.#core, message.votes, this.#verifier)
      this.#settle(admission, from, settle)
      await this.#applyAdmitted(admission, [])
      if (this.#core.height !== height || this.#core.round < 0) return
      if (message.round < this.#core.round) this.#gossip.answerRound(this.#core, message.round)
      if (message.wantsProposal) this.#gossip.answerProposal(this.#core, this.#blocks, message.round)
    }
  }

  async #receiveProposal(
    message: ProposalMessage,
    from: string,
    settle: (verdict: GossipVerdict) => void,
  ): Promise<void> {
    const admission = admitProposal(this.#core, message, this.#blocks, this.#verifier)
    this.#settle(admission, from, settle, admission.accepted !== null)
    if (admission.accepted === null) return this.#applyAdmitted(admission, [])
    const { proposal, block } = admission.accepted
    this.#blocks.add(message, block)
    const now = BigInt(Math.floor(this.#options.clock.now() / 1000))
    const timely = block.header.timestamp <= now + MAX_CLOCK_DRIFT
    if (!timely) {
      this.#options.logger.warn(
        { height: String(proposal.height), timestamp: String(block.header.timestamp), now: String(now) },
        `the proposed block's timestamp is more than ${MAX_CLOCK_DRIFT} s ahead of this node's clock`,
      )
    }
    await this.#applyAdmitted(admission, [{ kind: 'proposal', proposal: { ...proposal, timely } }])
  }

  /** Verified messages of this height show that it is on: a node without work of its own joins. */
  async #applyAdmitted(admission: Admission, more: readonly Input[]): Promise<void> {
    const inputs: Input[] = [...admission.votes.map((vote): Input => ({ kind: 'vote', vote })), ...more]
    if (inputs.length === 0) return
    if (this.#core.round < 0) this.#start()
    await this.#apply(inputs)
  }

  #settle(admission: Admission, from: string, settle: (verdict: GossipVerdict) => void, accepted = false): void {
    if (admission.fault !== null) settle(this.#reject(new CodecError('bad-signature', '', admission.fault), from))
    else settle(accepted || admission.votes.length > 0 ? 'accept' : this.#ignore())
  }

  #onAnnouncement(raw: Uint8Array, from: string): GossipVerdict | Promise<GossipVerdict> {
    if (!this.#isOpenTo(from)) return this.#ignore()
    let certificate: Certificate
    try {
      ;({ certificate } = decodeAnnouncement(raw))
    } catch (error) {
      return this.#reject(error, from)
    }
    return new Promise((settle) => {
      this.#queue.add(() => this.#receiveCertificate(certificate, from, settle))
    })
  }

  async #receiveCertificate(
    certificate: Certificate,
    from: string,
    settle: (verdict: GossipVerdict) => void,
  ): Promise<void> {
    const { height } = certificate
    if (this.#stopped) return settle('ignore')
    const own = height < this.#core.height ? await this.#ownCertificate(height) : null
    // Nothing to learn: the block is ours, or too old to compare.
    const known = own === null ? height < this.#core.height : equalBytes(own.blockHash, certificate.blockHash)
    if (known) return settle(this.#ignore())
    const name = `${height}/${certificate.round}/${keyOf(certificate.blockHash)}`
    if (this.#announced === name) {
      this.#noteAhead(height, from)
      return settle(this.#ignore())
    }
    const outcome = verifyCertificate(
      certificate,
      this.#validatorSet(height),
      this.#options.chainId,
      this.#verifier.verify,
    )
    if (!outcome.ok) return settle(this.#reject(new CodecError('bad-signature', '', outcome.message), from))
    settle('accept')
    this.#announced = name
    if (own !== null) return this.#halt({ kind: 'fork', certificates: [own, certificate] })
    // The block may be here, or on its way; otherwise sync has to bring it.
    if (height === this.#core.height) await this.#apply(certifiedVotes(certificate))
    if (this.#core.height <= height) this.#noteAhead(height, from)
  }

  async #ownCertificate(height: bigint): Promise<Certificate | null> {
    return this.#recent.get(height) ?? (await this.#options.storedCertificate?.(height)) ?? null
  }

  /** A message of a later height, if a validator made it, says that the heights before are committed. */
  #noteHint(message: ConsensusMessage, from: string): void {
    if (this.#ahead !== null) return
    const set = this.#validatorSet(message.height)
    const proof = message.kind === 'proposal' ? polkaVotes(message)[0] : message.votes[0]
    if (proof === undefined) return
    const publicKey = set.validators[proof.index]?.publicKey
    const { type, round, blockHash } = proof
    const bytes = voteSignBytes(this.#options.chainId, message.height, round, type, blockHash)
    if (publicKey !== undefined && this.#verifier.verify(proof.signature, bytes, publicKey)) {
      this.#noteAhead(message.height - 1n, from)
    } else {
      // Not rejected: the set of a far height may not be known here.
      this.#faults.note(from, this.#options.clock.monotonic())
    }
  }

  /** `height` is committed by others, one of them says. If it is not committed here soon, sync is asked. */
  #noteAhead(height: bigint, peer: string): void {
    if (height < this.#core.height) return
    const cancel =
      this.#ahead?.cancel ??
      this.#options.clock.after(BEHIND_GRACE, () => {
        const ahead = this.#ahead
        this.#ahead = null
        if (ahead === null || this.#stopped || this.#core.height > ahead.height) return
        for (const listener of this.#behindListeners) listener(ahead.height, ahead.peer)
      })
    // The timer is not put off: a peer that claims ever greater heights must not keep this node from asking.
    if (this.#ahead === null || height > this.#ahead.height) this.#ahead = { height, peer, cancel }
  }

  #answerHeight(height: bigint): void {
    const certificate = this.#recent.get(height) ?? this.#recent.get(this.#core.height - 1n)
    if (certificate !== undefined) this.#gossip.answerHeight(certificate)
  }

  async #applyCertified(block: Block, certificate: Certificate): Promise<CertifiedOutcome> {
    const refuse = (code: Extract<CertifiedOutcome, { ok: false }>['code'], message: string): CertifiedOutcome => ({
      ok: false,
      code,
      message: `block ${certificate.height}: ${message}`,
    })
    const { height } = certificate
    if (this.#stopped) return refuse('halted', 'consensus has stopped')
    if (height > this.#core.height) return refuse('gap', `the next block is ${this.#core.height}`)
    if (block.header.number !== height || !equalBytes(block.hash, certificate.blockHash)) {
      return refuse('wrong-block', 'the certificate is of another block')
    }
    const own = height < this.#core.height ? await this.#ownCertificate(height) : null
    if (height < this.#core.height && (own === null || equalBytes(own.blockHash, block.hash))) return { ok: true }
    const { verify } = this.#verifier
    const outcome = verifyCertificate(certificate, this.#validatorSet(height), this.#options.chainId, verify)
    if (!outcome.ok) return refuse('bad-certificate', outcome.message)
    if (own !== null) {
      this.#halt({ kind: 'fork', certificates: [own, certificate] })
      return refuse('halted', 'another block of this height is certified too')
    }
    await this.#commit(block, certificate)
    return { ok: true }
  }

  // Repetition, faults, the end

  /** Repeats the round's votes while the height is undecided, ever more slowly until something happens. */
  #armRepeat(wait: number): void {
    this.#repeatTimer?.()
    this.#repeatTimer = this.#options.clock.after(wait, () => {
      if (this.#stopped || this.#core.round < 0 || this.#core.decision !== null) return
      this.#counters.rebroadcasts += 1
      this.#gossip.repeatRound(this.#core)
      this.#armRepeat(Math.min(Math.max(2 * wait, REBROADCAST_FIRST), REBROADCAST_MAX))
    })
  }

  #keepEvidence(evidence: Evidence): void {
    this.#evidence = keepEvidence(this.#evidence, evidence)
    const { height, round, step: signedStep } = evidence.first.content
    this.#options.logger.warn(
      { validator: evidence.validator, height: String(height), round, step: signedStep },
      'a validator signed two different messages for one step',
    )
  }

  #isOpenTo(peer: string): boolean {
    if (this.#stopped || this.#queue.size() >= MAX_QUEUED_MESSAGES) return false
    return !this.#faults.isMuted(peer, this.#options.clock.monotonic())
  }

  #ignore(): GossipVerdict {
    this.#counters.messagesIgnored += 1
    return 'ignore'
  }

  /** For errors of the sender; ours are thrown on. */
  #reject(error: unknown, from: string): GossipVerdict {
    if (!(error instanceof CodecError)) throw error
    this.#counters.messagesRejected += 1
    this.#faults.note(from, this.#options.clock.monotonic())
    this.#options.logger.debug({ peer: from, reason: error.message }, 'consensus message rejected')
    return 'reject'
  }

  #halt(halt: Halt): void {
    if (this.#halted !== null || this.#stopped) return
    this.#halted = halt
    this.#stopped = true
    this.#cancelAll()
    const message =
      halt.kind === 'fork'
        ? 'two blocks of one height are certified: more than a third of the validators are faulty. Consensus stops.'
        : 'consensus stops: an invariant is broken'
    const detail = halt.kind === 'fork' ? { certificates: halt.certificates } : { error: halt.error }
    this.#options.logger.error(detail, message)
    for (const listener of this.#haltListeners) listener(halt)
  }

  #cancelSteps(): void {
    for (const cancel of this.#stepTimers) cancel()
    this.#stepTimers = []
  }

  #cancelAll(): void {
    this.#cancelSteps()
    this.#startTimer?.()
    this.#repeatTimer?.()
    this.#ahead?.cancel()
    this.#startTimer = null
    this.#repeatTimer = null
    this.#ahead = null
  }
}

function certifiedVotes({ height, round, blockHash, signatures }: Certificate): Input[] {
  const id = keyOf(blockHash)
  return signatures.map(({ index, signature }) => ({
    kind: 'vote',
    vote: { type: 'precommit', height, round, id, validator: index, signature },
  }))
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
