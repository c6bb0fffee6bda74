/**
 * Consensus at work: hears, decides height after height, and hands what is decided to the application.
 *
 * Everything that touches the state runs in one queue, in order of arrival: messages (intake/), timeouts and answers of the
 * application (heights/), certified blocks of sync. Building and executing a block do not occupy the queue; committing does.
 *
 * Order that matters: what is signed is on disk before it is sent, and before the state that counts it is shown; commit
 * before the next height. docs/protocol/consensus.md argues why a crash at any point cannot fork the chain.
 */
import { ed25519Verify } from '../crypto/ed25519.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Verifier } from './admission/admission.ts'
import type { CertifiedOutcome, CommitEvent, Consensus, ConsensusOptions, ConsensusStatus, Halt } from './consensus.ts'
import { proposerOf } from './core/tendermint.ts'
import { newCounters } from './counters.ts'
import { ConsensusGossip } from './gossip/gossip.ts'
import { tellOfHalt } from './halting.ts'
import { BehindWatch } from './heights/behindWatch.ts'
import { Heights } from './heights/heights.ts'
import { Validators } from './heights/validators.ts'
import { Voting } from './heights/voting.ts'
import { takeCertifiedBlock } from './intake/certifiedBlock.ts'
import type { IntakeContext } from './intake/context.ts'
import { Intake } from './intake/intake.ts'
import { Verdicts } from './intake/verdicts.ts'
import { createJobQueue, type JobQueue } from './jobQueue.ts'
import { CertificateLog } from './proofs/certificateLog.ts'
import { EvidenceWatch } from './proofs/evidenceWatch.ts'
import { FaultRecord } from './proofs/faultRecord.ts'
import { chainBlockForm } from './proposals/blockForm.ts'
import { decodePartRequest, PARTS_PROTOCOL } from './proposals/partRequests.ts'

/** Sets the gossip handlers of `consensus` and `block`, and starts. Call before the network starts. */
export function startConsensus(options: ConsensusOptions): Consensus {
  const engine = new Engine(options)
  engine.start()
  return engine
}

class Engine implements Consensus {
  readonly #options: ConsensusOptions
  readonly #counters = newCounters()
  readonly #queue: JobQueue
  readonly #validators: Validators
  readonly #gossip: ConsensusGossip
  readonly #certificates: CertificateLog
  readonly #faultRecord: FaultRecord
  readonly #evidence: EvidenceWatch
  readonly #heights: Heights
  readonly #context: IntakeContext
  readonly #intake: Intake
  readonly #commitListeners = new Set<(event: CommitEvent) => void>()
  readonly #behindListeners = new Set<(height: bigint, peer: string) => void>()
  readonly #haltListeners = new Set<(halt: Halt) => void>()
  #unsubscribe: readonly (() => void)[] = []
  #halted: Halt | null = null
  /** The fork on its way to the disk. */
  #recorded: Promise<void> = Promise.resolve()

  /** Puts the parts together; nothing happens before `start`. */
  constructor(options: ConsensusOptions) {
    this.#options = options
    const { network, clock, logger, signer, chainId, genesisHash } = options
    const verify = options.verify ?? ed25519Verify
    const verifier: Verifier = {
      chainId,
      genesisHash,
      verify: (signature, message, publicKey) => {
        this.#counters.signaturesVerified += 1
        return verify(signature, message, publicKey)
      },
    }
    const form = options.blockForm ?? chainBlockForm
    const onFailure = (error: unknown) => this.#halt({ kind: 'failure', error })
    this.#gossip = new ConsensusGossip(network, clock, logger, options.application.transactions)
    this.#queue = createJobQueue(onFailure)
    this.#validators = new Validators(options)
    const validatorSet = (height: bigint) => this.#validators.at(height)
    this.#certificates = new CertificateLog({ ...verifier, validatorSet, stored: options.storedCertificate })
    this.#faultRecord = options.faults ?? new FaultRecord()
    this.#evidence = new EvidenceWatch({
      ...verifier,
      record: this.#faultRecord,
      validatorSet,
      send: (evidence) => this.#gossip.sendEvidence(evidence),
      clock,
      logger,
    })
    const behind = new BehindWatch(clock, (height, peer) => {
      if (this.#heights.isStopped || this.#heights.state.height > height) return
      for (const listener of this.#behindListeners) listener(height, peer)
    })
    const shared = { gossip: this.#gossip, certificates: this.#certificates, validators: this.#validators, behind }
    this.#heights = new Heights({
      ...shared,
      options,
      queue: this.#queue,
      counters: this.#counters,
      voting: signer === null ? null : new Voting(signer, genesisHash, form),
      onEvidence: (evidence) => this.#evidence.found(evidence, this.#heights.state.height),
      onCommitted: (event) => this.#onCommitted(event),
      onFailure,
    })
    this.#context = {
      ...shared,
      heights: this.#heights,
      verifier,
      verdicts: new Verdicts({
        clock,
        logger,
        counters: this.#counters,
        queue: this.#queue,
        isStopped: () => this.#heights.isStopped,
      }),
      form,
      evidence: this.#evidence,
      onFork: (own, other) => this.#halt({ kind: 'fork', certificates: [own, other] }),
    }
    this.#intake = new Intake(this.#context, this.#queue)
  }

  /** Once. */
  start(): void {
    const options = this.#options
    const { network } = options
    this.#heights.begin()
    network.setGossipHandler('consensus', (raw, from) => this.#intake.hear(raw, from))
    network.setGossipHandler('block', (raw, from) => this.#intake.hearProof(raw, from))
    network.setRequestHandler(PARTS_PROTOCOL, async (request) =>
      this.#heights.run.answerParts(decodePartRequest(request)),
    )
    this.#unsubscribe = [
      options.application.onWork(() => this.#heights.armStart()),
      network.onPeer(({ kind, peer }) => {
        if (kind !== 'connected') return
        this.#gossip.onPeer(peer)
        this.#evidence.onPeer()
        this.#heights.run.onPeer()
      }),
    ]
    if (options.head > 0n) this.#queue.add(() => this.#certificates.restore(options.head))
    const fork = this.#faultRecord.fork()
    if (fork === null) this.#heights.armStart()
    else this.#halt({ kind: 'fork', certificates: fork })
  }

  status(): ConsensusStatus {
    const { state, run, isAbstaining, twin } = this.#heights
    const { height, validators, step } = state
    const round = Math.max(state.round, 0)
    return {
      height,
      round,
      step: this.#halted !== null ? 'halted' : run.isUnderWay ? step : 'waiting',
      proposer: validators.validators[proposerOf(state, round)]!.feeRecipient,
      isValidator: this.#validators.ownIndex(validators) !== null,
      abstaining: isAbstaining,
      twin,
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
          resolve(await takeCertifiedBlock(this.#context, block, certificate))
        } catch (error) {
          reject(error)
          throw error
        }
      })
    })
  }

  catchUpTo(height: bigint | null): void {
    this.#heights.catchUpTo(height)
  }

  async stop(): Promise<void> {
    this.#end()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await this.#queue.idle()
    await this.#recorded
  }

  #onCommitted(event: CommitEvent): void {
    for (const listener of this.#commitListeners) listener(event)
    this.#intake.takeWaiting()
  }

  #halt(halt: Halt): void {
    if (this.#heights.isStopped) return
    this.#halted = halt
    this.#end()
    const { logger } = this.#options
    this.#recorded = tellOfHalt(halt, { record: this.#faultRecord, gossip: this.#gossip, logger })
    for (const listener of this.#haltListeners) listener(halt)
  }

  #end(): void {
    this.#heights.stop()
    this.#evidence.stop()
    this.#intake.stop()
  }
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
