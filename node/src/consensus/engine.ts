/**
 * Consensus at work: hears, decides height after height, and hands what is decided to the application.
 *
 * Everything that touches the state runs in one queue, in order of arrival: messages, timeouts, answers of the
 * application, certified blocks of sync. Building and executing a block do not occupy the queue; committing does.
 *
 * Order that matters: sign (which is on disk) before send; send before counting the own vote; commit before the next
 * height. docs/protocol/consensus.md argues why a crash at any point cannot fork the chain.
 */
import { equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { toHex } from '../codec/hex.ts'
import { ed25519Verify } from '../crypto/ed25519.ts'
import type { GossipVerdict } from '../network/network.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import { type Admission, admitProposal, admitVotes, polkaVotes, type Verifier } from './admission/admission.ts'
import type { CertifiedOutcome, CommitEvent, Consensus, ConsensusOptions, ConsensusStatus, Halt } from './consensus.ts'
import { type Input, proposerOf, type TendermintState } from './core/tendermint.ts'
import { indexOfKey, isQuorum, powerOf, type ValidatorSet } from './core/validatorSet.ts'
import { ConsensusGossip } from './gossip/gossip.ts'
import { type HeightContext, HeightRun, type MutableCounters } from './heights/heightRun.ts'
import { StartTime } from './heights/startTime.ts'
import { Voting } from './heights/voting.ts'
import { BehindWatch } from './intake/behindWatch.ts'
import { createNextHeightMessages } from './intake/nextHeightMessages.ts'
import { createPeerFaults } from './intake/peerFaults.ts'
import { createJobQueue, type JobQueue } from './jobQueue.ts'
import { BATCH_DELAY, EMPTY_RECORD_WAIT, MAX_QUEUED_MESSAGES, SYNC_PAUSE } from './limits.ts'
import { votesOf } from './proofs/certificate.ts'
import { CertificateLog, describeCertificate } from './proofs/certificateLog.ts'
import type { Evidence } from './proofs/evidence.ts'
import { EvidenceWatch } from './proofs/evidenceWatch.ts'
import { FaultRecord } from './proofs/faultRecord.ts'
import { type BlockForm, chainBlockForm } from './proposals/blockForm.ts'
import { decodePartRequest, PARTS_PROTOCOL } from './proposals/partRequests.ts'
import { voteSignBytes } from './signing/signBytes.ts'
import {
  type ConsensusMessage,
  decodeConsensusMessage,
  decodeProof,
  type ProofMessage,
  type ProposalMessage,
} from './wire/messages.ts'

type Settle = (verdict: GossipVerdict) => void

/** Sets the gossip handlers of `consensus` and `block`, and starts. Call before the network starts. */
export function startConsensus(options: ConsensusOptions): Consensus {
  return new Engine(options)
}

class Engine implements Consensus {
  readonly #options: ConsensusOptions
  readonly #verifier: Verifier
  readonly #form: BlockForm
  readonly #gossip: ConsensusGossip
  readonly #queue: JobQueue
  readonly #context: HeightContext
  readonly #certificates: CertificateLog
  readonly #behind: BehindWatch
  readonly #nextHeight = createNextHeightMessages()
  readonly #faults = createPeerFaults()
  readonly #counters: MutableCounters = {
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
  readonly #faultRecord: FaultRecord
  readonly #evidence: EvidenceWatch
  readonly #unsubscribe: (() => void)[]

  #run: HeightRun
  #halted: Halt | null = null
  #stopped = false
  readonly #started: StartTime
  #saidAbstains = false
  /** Sync had time to bring the blocks that the others have. */
  #couldSync = false
  #cancelSyncWait: (() => void) | null = null
  #pause: { readonly until: bigint; readonly cancel: () => void } | null = null
  /** Undefined until a block is committed, unless the options say. */
  #headHash: Uint8Array | undefined
  /** Of the newest block: no block after it can have an earlier one. Undefined as above. */
  #headTimestamp: bigint | undefined
  #lastCommit: number
  #startTimer: (() => void) | null = null
  /** The fork on its way to the disk. */
  #recorded: Promise<void> = Promise.resolve()

  constructor(options: ConsensusOptions) {
    this.#options = options
    const { network, clock, logger, signer, chainId, genesisHash } = options
    const verify = options.verify ?? ed25519Verify
    this.#verifier = {
      chainId,
      genesisHash,
      verify: (signature, message, publicKey) => {
        this.#counters.signaturesVerified += 1
        return verify(signature, message, publicKey)
      },
    }
    this.#form = options.blockForm ?? chainBlockForm
    this.#gossip = new ConsensusGossip(network, clock, logger, options.application.transactions)
    this.#queue = createJobQueue((error) => this.#halt({ kind: 'failure', error }))
    this.#certificates = new CertificateLog({
      ...this.#verifier,
      validatorSet: (height) => this.#validatorSet(height),
      stored: options.storedCertificate,
    })
    this.#behind = new BehindWatch(clock, (height, peer) => {
      if (this.#stopped || this.#state.height > height) return
      for (const listener of this.#behindListeners) listener(height, peer)
    })
    this.#context = {
      options,
      gossip: this.#gossip,
      queue: this.#queue,
      counters: this.#counters,
      voting: signer === null ? null : new Voting(signer, genesisHash, this.#form),
      onEvidence: (evidence) => this.#evidence.found(evidence, this.#state.height),
      onDecision: (block, certificate, announces) => this.#onDecision(block, certificate, announces),
      onMissingBlock: (height) => this.#behind.note(height, ''),
      onFailure: (error) => this.#halt({ kind: 'failure', error }),
    }
    this.#faultRecord = options.faults ?? new FaultRecord()
    this.#evidence = new EvidenceWatch({
      ...this.#verifier,
      record: this.#faultRecord,
      validatorSet: (height) => this.#validatorSet(height),
      send: (evidence) => this.#gossip.sendEvidence(evidence),
      clock,
      logger,
    })
    this.#lastCommit = clock.monotonic()
    this.#started = new StartTime(clock)
    this.#headHash = options.headHash
    this.#headTimestamp = options.headTimestamp
    this.#run = this.#newRun(options.head + 1n)
    network.setGossipHandler('consensus', (raw, from) => this.#onMessage(raw, from))
    network.setGossipHandler('block', (raw, from) => this.#onProof(raw, from))
    network.setRequestHandler(PARTS_PROTOCOL, async (request) => this.#run.answerParts(decodePartRequest(request)))
    this.#unsubscribe = [
      options.application.onWork(() => this.#armStart()),
      network.onPeer(({ kind, peer }) => {
        if (kind !== 'connected') return
        this.#gossip.onPeer(peer)
        this.#evidence.onPeer()
        this.#run.onPeer()
      }),
    ]
    if (options.signer !== null && !options.signer.isComplete()) this.#waitForSync()
    if (options.head > 0n) this.#queue.add(() => this.#certificates.restore(options.head))
    const fork = this.#faultRecord.fork()
    if (fork === null) this.#armStart()
    else this.#halt({ kind: 'fork', certificates: fork })
  }

  status(): ConsensusStatus {
    const { height, validators, step } = this.#state
    const round = Math.max(this.#state.round, 0)
    return {
      height,
      round,
      step: this.#halted !== null ? 'halted' : this.#run.isUnderWay ? step : 'waiting',
      proposer: validators.validators[proposerOf(this.#state, round)]!.feeRecipient,
      isValidator: this.#ownIndex(validators) !== null,
      abstaining: this.#abstains(validators),
      evidence: this.#faultRecord.evidence(),
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
    this.#pauseUntil(height)
    this.#armStart()
  }

  async stop(): Promise<void> {
    this.#end()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await this.#queue.idle()
    await this.#recorded
  }

  // Heights

  get #state(): TendermintState {
    return this.#run.state
  }

  #validatorSet(height: bigint): ValidatorSet | null {
    const { validatorSet } = this.#options
    return typeof validatorSet === 'function' ? validatorSet(height) : validatorSet
  }

  /** Whether the set of the height may be another than is known now: changes are scheduled two heights before. */
  #mayChangeBefore(height: bigint): boolean {
    return typeof this.#options.validatorSet === 'function' && height > this.#state.height + 1n
  }

  #ownIndex(set: ValidatorSet): number | null {
    const { signer } = this.#options
    return signer === null ? null : indexOfKey(set, signer.publicKey)
  }

  /** A validator whose record was not begun may have forgotten what it signed. */
  #abstains(set: ValidatorSet): boolean {
    const { signer, emptyRecord } = this.#options
    const self = this.#ownIndex(set)
    if (signer === null || self === null || signer.isComplete()) return false
    if (emptyRecord !== undefined) return emptyRecord === 'abstain'
    if (isQuorum(set, set.totalPower - powerOf(set, self))) return true
    return set.validators.length > 1 && !this.#couldSync
  }

  /** For a validator that has to vote without its record: only once it knows what the others have decided. */
  #waitForSync(): void {
    this.#cancelSyncWait = this.#options.clock.after(EMPTY_RECORD_WAIT, () => {
      this.#queue.add(async () => {
        if (this.#stopped) return
        if (this.#pause !== null) return this.#waitForSync()
        this.#couldSync = true
        const { self, validators } = this.#state
        if (self !== null || this.#ownIndex(validators) === null || this.#abstains(validators)) return
        // What was heard meanwhile is repeated by those who said it.
        this.#run.end()
        this.#run = this.#newRun(this.#state.height)
        this.#armStart()
      })
    })
  }

  #newRun(height: bigint): HeightRun {
    const validators = this.#validatorSet(height)
    if (validators === null) throw new Error(`consensus: the validators of height ${height} are not known`)
    const abstains = this.#abstains(validators)
    if (abstains && !this.#saidAbstains) {
      this.#saidAbstains = true
      this.#options.logger.warn(
        { height: String(height), blocksLaterThan: String(this.#started.madeAfter) },
        'this validator has no record of what it signed; it abstains until it is safe to vote (docs/protocol/consensus.md)',
      )
    }
    const self = abstains ? null : this.#ownIndex(validators)
    const restored = this.#options.signer?.restored(height) ?? null
    const parentTimestamp = this.#headTimestamp
    return new HeightRun(this.#context, { height, validators, self, restored, parentTimestamp })
  }

  /** Arms the start of the height: at once, after the block time, or when there is work. */
  #armStart(): void {
    if (this.#stopped || this.#state.round >= 0 || this.#startTimer !== null || this.#pause !== null) return
    const { blockTime, application, clock, batchDelay } = this.#options
    if (blockTime !== undefined) {
      const wait = Math.max(0, this.#lastCommit + blockTime - clock.monotonic())
      this.#startTimer = clock.after(wait, () => this.#start())
    } else if (application.hasWork()) {
      this.#startTimer = clock.after(batchDelay ?? BATCH_DELAY, () => this.#start())
    }
  }

  /** Also when a peer's message shows that the height is on. */
  #start(): void {
    this.#startTimer?.()
    this.#startTimer = null
    this.#queue.add(async () => {
      if (!this.#stopped && this.#state.round < 0) await this.#run.apply([{ kind: 'start' }])
    })
  }

  /**
   * Only this node's own initiative rests: when validators are heard at its height, it is not behind and joins. And only
   * while sync makes progress: the height to catch up to is what some peer claims.
   */
  #pauseUntil(height: bigint | null): void {
    this.#pause?.cancel()
    this.#pause = null
    if (height === null || height < this.#state.height || this.#stopped) return
    this.#startTimer?.()
    this.#startTimer = null
    const cancel = this.#options.clock.after(SYNC_PAUSE, () => {
      this.#pause = null
      this.#armStart()
    })
    this.#pause = { until: height, cancel }
  }

  async #onDecision(block: Block, certificate: Certificate, announces: boolean): Promise<void> {
    await this.#commit(block, certificate)
    if (announces && !this.#stopped) this.#gossip.announce(certificate)
  }

  async #commit(block: Block, certificate: Certificate): Promise<void> {
    await this.#options.application.finalize(block, certificate)
    this.#run.end()
    // Decided since the start: whatever a lost record held was of this height at most. An older block would not show that:
    // anybody can repeat its votes.
    if (this.#started.isBefore(block.header.timestamp, this.#headTimestamp)) await this.#options.signer?.begin()
    if (this.#stopped) return
    const { height } = certificate
    this.#startTimer?.()
    this.#startTimer = null
    this.#behind.cancel()
    this.#counters.commits += 1
    this.#lastCommit = this.#options.clock.monotonic()
    this.#certificates.add(certificate)
    this.#headHash = block.hash
    this.#headTimestamp = block.header.timestamp
    this.#run = this.#newRun(height + 1n)
    if (this.#pause !== null) this.#pauseUntil(this.#pause.until)
    for (const listener of this.#commitListeners) listener({ block, certificate })
    for (const waiting of this.#nextHeight.take()) {
      this.#queue.add(() => this.#receive(waiting.message, waiting.bytes, waiting.from, waiting.settle))
    }
    this.#armStart()
  }

  async #applyCertified(block: Block, certificate: Certificate): Promise<CertifiedOutcome> {
    const { height } = certificate
    const refuse = (code: Extract<CertifiedOutcome, { ok: false }>['code'], message: string): CertifiedOutcome => ({
      ok: false,
      code,
      message: `block ${height}: ${message}`,
    })
    if (this.#stopped) return refuse('halted', 'consensus has stopped')
    if (height > this.#state.height) return refuse('gap', `the next block is ${this.#state.height}`)
    if (block.header.number !== height || !equalBytes(block.hash, certificate.blockHash)) {
      return refuse('wrong-block', 'the certificate is of another block')
    }
    const judgement = await this.#certificates.judge(certificate, this.#state.height)
    switch (judgement.kind) {
      case 'known':
        return { ok: true }
      case 'invalid':
        return refuse('bad-certificate', judgement.message)
      case 'fork':
        this.#halt({ kind: 'fork', certificates: [judgement.own, certificate] })
        return refuse('halted', 'another block of this height is certified too')
      case 'ahead':
        if (!this.#follows(block)) {
          const own = await this.#certificates.of(height - 1n)
          if (own === null) return refuse('wrong-block', 'it does not follow the genesis block of this chain')
          this.#halt({ kind: 'fork', certificates: [own, certificate] })
          return refuse('halted', 'it does not follow the block committed here')
        }
        await this.#commit(block, certificate)
        return { ok: true }
    }
  }

  #follows(block: Block): boolean {
    return this.#headHash === undefined || equalBytes(block.header.parentHash, this.#headHash)
  }

  // Messages

  #onMessage(raw: Uint8Array, from: string): GossipVerdict | Promise<GossipVerdict> {
    if (!this.#isOpenTo(from)) return this.#unheard()
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

  async #receive(message: ConsensusMessage, bytes: number, from: string, settle: Settle): Promise<void> {
    const { height } = this.#state
    if (this.#stopped) settle('ignore')
    else if (message.height < height) {
      settle(this.#ignore())
      // Repeated: its sender is still at a height that is decided.
      const certificate = message.attempt > 0 ? this.#certificates.near(message.height, height - 1n) : undefined
      if (certificate !== undefined) this.#gossip.answerHeight(certificate)
    } else if (message.height > height) {
      this.#noteHint(message, from)
      if (message.height > height + 1n) settle(this.#ignore())
      else if (!this.#nextHeight.keep({ message, bytes, from, settle })) settle(this.#unheard())
    } else if (message.kind === 'proposal') await this.#receiveProposal(message, from, settle)
    else {
      const run = this.#run
      const admission = admitVotes(run.state, message.votes, this.#verifier)
      this.#settle(admission, from, settle, run.taken.isNews(admission, message.votes))
      await this.#apply(admission, [])
      if (run.ended || run.state.round < 0) return
      if (message.round < run.state.round && message.attempt > 0) {
        this.#gossip.answerRound(run.state, message.round)
        // So that it need not go through the rounds between: the votes of f + 1 bring it here.
        this.#gossip.answerRound(run.state, run.state.round)
      }
      if (message.wantsProposal) this.#gossip.answerProposal(run.state, run.blocks, message.round, from)
    }
  }

  async #receiveProposal(message: ProposalMessage, from: string, settle: Settle): Promise<void> {
    const run = this.#run
    const { assemblies } = run
    const admission = admitProposal(run.state, message, this.#form, this.#verifier, run.isWanted(message))
    const fault = admission.fault ?? assemblies.repeat(message, from)
    // A repeated one was asked for: whoever else lacks it asks too, so it is not passed on.
    const whole = admission.whole && message.attempt === 0
    const saysMore = run.taken.isNews({ ...admission, whole, fault }, polkaVotes(message))
    const isNews = message.attempt === 0 && (admission.accepted !== null || saysMore)
    this.#settle({ ...admission, fault }, from, settle, isNews)
    if (admission.accepted === null) return this.#apply(admission, [])
    const { proposal, read } = admission.accepted
    await run.noteStatement(proposal)
    if (run.ended) return
    const outcome = assemblies.take(message, read, from)
    if (outcome === null && run.state.round < 0) this.#start()
    if (outcome?.ok === false) run.refuseList(message, outcome.reason)
    await this.#apply(admission, outcome?.ok ? [run.acceptBlock(message, outcome.block)] : [])
  }

  /** Verified messages of this height show that it is on: a node without work of its own joins. */
  async #apply(admission: Admission, more: readonly Input[]): Promise<void> {
    const inputs: Input[] = [...admission.votes.map((vote): Input => ({ kind: 'vote', vote })), ...more]
    if (inputs.length === 0) return
    if (this.#state.round < 0) this.#start()
    await this.#run.apply(inputs)
  }

  #settle({ whole, fault }: Admission, from: string, settle: Settle, isNews: boolean): void {
    if (fault !== null) settle(this.#reject(new CodecError('bad-signature', '', fault), from))
    else settle(whole && isNews ? 'accept' : this.#ignore())
  }

  #onProof(raw: Uint8Array, from: string): GossipVerdict | Promise<GossipVerdict> {
    if (!this.#isOpenTo(from)) return this.#unheard()
    let message: ProofMessage
    try {
      message = decodeProof(raw)
    } catch (error) {
      return this.#reject(error, from)
    }
    return new Promise((settle) => {
      this.#queue.add(() =>
        message.kind === 'announcement'
          ? this.#receiveCertificate(message.certificate, from, settle)
          : this.#receiveEvidence(message.evidence, from, settle),
      )
    })
  }

  async #receiveCertificate(certificate: Certificate, from: string, settle: Settle): Promise<void> {
    if (this.#stopped) return settle('ignore')
    const { height } = certificate
    const judgement = await this.#certificates.judge(certificate, this.#state.height)
    if (judgement.kind === 'known') return settle(this.#ignore())
    if (judgement.kind === 'invalid') {
      if (this.#mayChangeBefore(height)) return settle(this.#ignore())
      return settle(this.#reject(new CodecError('bad-signature', '', judgement.message), from))
    }
    const again = judgement.kind === 'ahead' && judgement.again
    // Signed by the set as it is known here; whoever knows of a change would blame who passes that on.
    settle(again || this.#mayChangeBefore(height) ? this.#ignore() : 'accept')
    if (judgement.kind === 'fork') return this.#halt({ kind: 'fork', certificates: [judgement.own, certificate] })
    // The block may be here, or on its way; otherwise sync has to bring it.
    if (height === this.#state.height && !again) {
      await this.#run.apply(votesOf(certificate).map((vote) => ({ kind: 'vote', vote })))
    }
    if (this.#state.height <= height) this.#behind.note(height, from)
  }

  /** A message of a later height, if a validator made it, says that the heights before are committed. */
  #noteHint(message: ConsensusMessage, from: string): void {
    const vote = message.kind === 'proposal' ? polkaVotes(message)[0] : message.votes[0]
    if (vote === undefined || this.#behind.isDue()) return
    const publicKey = this.#validatorSet(message.height)?.validators[vote.index]?.publicKey
    const bytes = voteSignBytes(this.#options.genesisHash, message.height, vote.round, vote.type, vote.blockHash)
    if (publicKey !== undefined && this.#verifier.verify(vote.signature, bytes, publicKey)) {
      this.#behind.note(message.height - 1n, from)
    } else if (!this.#mayChangeBefore(message.height)) {
      // Not rejected: it is of no use here, whatever it is.
      this.#faults.note(from, this.#options.clock.monotonic())
    }
  }

  // Faults, the end

  async #receiveEvidence(evidence: Evidence, from: string, settle: Settle): Promise<void> {
    if (this.#stopped) return settle('ignore')
    const verdict = await this.#evidence.heard(evidence, this.#state.height)
    if (verdict !== 'reject') return settle(verdict === 'accept' ? verdict : this.#ignore())
    const { validator, height } = evidence
    const fault = `evidence against validator ${validator} at height ${height} proves nothing`
    settle(this.#reject(new CodecError('bad-signature', '', fault), from))
  }

  #isOpenTo(peer: string): boolean {
    if (this.#stopped || this.#queue.size() >= MAX_QUEUED_MESSAGES) return false
    return this.#faults.mayBeHeard(peer, this.#options.clock.monotonic())
  }

  /** For want of room, or because of who sent it: nothing is said about the message. */
  #unheard(): GossipVerdict {
    this.#counters.messagesIgnored += 1
    return this.#stopped ? 'ignore' : 'unheard'
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
    if (this.#stopped) return
    this.#halted = halt
    this.#end()
    if (halt.kind === 'fork') {
      this.#recorded = this.#faultRecord.keepFork(halt.certificates).catch((error: unknown) => {
        this.#options.logger.error({ error }, 'the fork could not be recorded: a restart will not know of it')
      })
      // Whoever holds one of them is shown the other.
      for (const certificate of halt.certificates) this.#gossip.announce(certificate)
      this.#options.logger.error(
        {
          certificates: halt.certificates.map(describeCertificate),
          raw: halt.certificates.map((certificate) => toHex(encodeCertificate(certificate))),
        },
        'two chains are certified: more than a third of the validators are faulty. Consensus stops, also after a restart.',
      )
    } else {
      this.#options.logger.error({ error: halt.error }, 'consensus stops: an invariant is broken')
    }
    for (const listener of this.#haltListeners) listener(halt)
  }

  #end(): void {
    this.#stopped = true
    this.#run.end()
    this.#startTimer?.()
    this.#startTimer = null
    this.#cancelSyncWait?.()
    this.#evidence.stop()
    this.#pause?.cancel()
    this.#behind.cancel()
    for (const { settle } of this.#nextHeight.take()) settle('ignore')
  }
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
