/**
 * The life of the heights: each starts when there is work or time for it, or when the others are heard at it; runs
 * (heightRun.ts); and ends when its block is committed, here or by sync. Commit comes before the next height.
 */
import { equalBytes } from '../../codec/bytes.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { CommitEvent, ConsensusOptions, ConsensusStatus } from '../consensus.ts'
import type { Input, TendermintState } from '../core/tendermint.ts'
import type { ProposalStatement, Vote } from '../core/vote.ts'
import { BATCH_DELAY, SYNC_PAUSE } from '../limits.ts'
import type { CertificateLog } from '../proofs/certificateLog.ts'
import { Abstention } from './abstention.ts'
import type { BehindWatch } from './behindWatch.ts'
import { type HeightContext, HeightRun } from './heightRun.ts'
import { OwnKeyWatch } from './ownKeyWatch.ts'
import type { Validators } from './validators.ts'

export interface HeightsParts extends Omit<HeightContext, 'onDecision' | 'onMissingBlock'> {
  readonly validators: Validators
  readonly certificates: CertificateLog
  readonly behind: BehindWatch
  /** Called after each commit, before the next height is started. */
  readonly onCommitted: (event: CommitEvent) => void
}

export class Heights {
  readonly #options: ConsensusOptions
  readonly #parts: HeightsParts
  readonly #context: HeightContext
  readonly #ownKey: OwnKeyWatch
  readonly #abstention: Abstention
  #run: HeightRun
  #isStopped = false
  /**
   * The newest block had one transaction: another is most likely sent by the same client, who waits. After several, more are
   * on their way; and after none, what waits may be what cannot run, which must not make blocks without a pause.
   */
  #isOneByOne = false
  #startTimer: (() => void) | null = null
  #pause: { readonly until: bigint; readonly cancel: () => void } | null = null
  /** Undefined until a block is committed, unless the options say. */
  #headHash: Uint8Array | undefined
  /** Of the newest block: no block after it can have an earlier one. Undefined as above. */
  #headTimestamp: bigint | undefined
  #lastCommit: number

  /** @throws Error when the validators of the height after the head are not known. */
  constructor(parts: HeightsParts) {
    const { options, validators, queue, behind, gossip } = parts
    this.#parts = parts
    this.#options = options
    this.#ownKey = new OwnKeyWatch(options, validators)
    this.#abstention = new Abstention(options, validators, queue, this.#ownKey)
    this.#context = {
      ...parts,
      onDecision: async ({ block, certificate }, announces, isFinal) => {
        if (!isFinal) await options.application.finalize(block, certificate)
        await this.#committed(block, certificate)
        if (announces && !this.#isStopped) gossip.announce(certificate)
      },
      onMissingBlock: (height) => behind.note(height, ''),
    }
    this.#headHash = options.headHash
    this.#headTimestamp = options.headTimestamp
    this.#lastCommit = options.clock.monotonic()
    this.#run = this.#newRun(options.head + 1n)
  }

  get run(): HeightRun {
    return this.#run
  }

  get state(): TendermintState {
    return this.#run.state
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  get isAbstaining(): boolean {
    return this.#abstention.isNeeded(this.state.validators)
  }

  /** See {@link ConsensusStatus}. */
  get twin(): ConsensusStatus['twin'] {
    return this.#ownKey.found
  }

  /** Goes on where the signer's record ends. A height that was not begun waits for `armStart`. */
  begin(): void {
    this.#enterHeight()
    const { signer } = this.#options
    if (signer === null || signer.isComplete()) return
    this.#abstention.waitForSync(
      () => this.#pause !== null,
      () => this.#rejoin(),
    )
  }

  /** Arms the start of the height: at once, after the block time, or when there is work. */
  armStart(): void {
    if (this.#isStopped || this.state.round >= 0 || this.#startTimer !== null || this.#pause !== null) return
    const { blockTime, application, clock, batchDelay } = this.#options
    if (blockTime !== undefined) {
      const wait = Math.max(0, this.#lastCommit + blockTime - clock.monotonic())
      this.#startTimer = clock.after(wait, () => this.start())
    } else if (application.hasWork()) {
      this.#startTimer = clock.after(this.#isOneByOne ? 0 : (batchDelay ?? BATCH_DELAY), () => this.start())
    }
  }

  /** Also when a peer's message shows that the height is on. */
  start(): void {
    this.#cancelStart()
    this.#parts.queue.add(async () => {
      if (!this.#isStopped && this.state.round < 0) await this.#run.apply([{ kind: 'start' }])
    })
  }

  /** Verified messages of this height show that it is on: a node without work of its own joins. */
  async join(inputs: readonly Input[]): Promise<void> {
    if (inputs.length === 0) return
    if (this.state.round < 0) this.start()
    await this.#run.apply(inputs)
  }

  /**
   * Whether verified messages of this height show that another node signs with this validator's key: the height begins anew
   * then, without a vote. Peers repeat the messages that came meanwhile. In the queue.
   */
  hearTwin(votes: readonly Vote[], proposal: ProposalStatement | null = null): boolean {
    if (!this.#ownKey.checkMessages(this.state.validators, votes, proposal)) return false
    this.#beginAnew()
    return true
  }

  /** Sync fetches blocks up to `height`; null: it does not any more. */
  catchUpTo(height: bigint | null): void {
    this.#pauseUntil(height)
    this.armStart()
  }

  /** Whether the block is made on the one committed last. True when that is not known. */
  follows(block: Block): boolean {
    return this.#headHash === undefined || equalBytes(block.header.parentHash, this.#headHash)
  }

  /** Of the height under way, decided by its certificate. In the queue. */
  async commit(block: Block, certificate: Certificate): Promise<void> {
    await this.#options.application.finalize(block, certificate)
    await this.#committed(block, certificate)
  }

  async #committed(block: Block, certificate: Certificate): Promise<void> {
    this.#run.end()
    // One that is found in the certificate has this node abstain from the next height on.
    this.#ownKey.checkCertificate(this.state.validators, certificate)
    const { timestamp } = block.header
    const { signer } = this.#options
    if (this.#abstention.isEndedBy(timestamp, this.#headTimestamp)) await signer?.begin(certificate.height)
    if (this.#isStopped) return
    const { counters, behind, certificates, onCommitted } = this.#parts
    this.#cancelStart()
    behind.cancel()
    counters.commits += 1
    this.#lastCommit = this.#options.clock.monotonic()
    certificates.add(certificate)
    this.#headHash = block.hash
    this.#headTimestamp = timestamp
    this.#isOneByOne = block.transactions.length === 1
    this.#run = this.#newRun(certificate.height + 1n)
    this.#enterHeight()
    if (this.#pause !== null) this.#pauseUntil(this.#pause.until)
    onCommitted({ block, certificate })
    this.armStart()
  }

  stop(): void {
    this.#isStopped = true
    this.#run.end()
    this.#cancelStart()
    this.#abstention.stop()
    this.#pause?.cancel()
    this.#parts.behind.cancel()
  }

  #newRun(height: bigint): HeightRun {
    const validators = this.#parts.validators.at(height)
    if (validators === null) throw new Error(`consensus: the validators of height ${height} are not known`)
    const self = this.#abstention.isNeeded(validators) ? null : this.#parts.validators.ownIndex(validators)
    const restored = this.#options.signer?.restored(height) ?? null
    const parentTimestamp = this.#headTimestamp
    return new HeightRun(this.#context, { height, validators, self, restored, parentTimestamp })
  }

  #enterHeight(): void {
    if (this.isAbstaining) this.#abstention.say(this.state.height)
    this.#run.begin()
  }

  /** After a validator without its record has waited for sync: it votes at this height, unless it still must not. */
  #rejoin(): void {
    const { self, validators } = this.state
    const isAbstainer = self === null && this.#parts.validators.ownIndex(validators) !== null
    if (!isAbstainer || this.#abstention.isNeeded(validators)) return
    this.#beginAnew()
  }

  /** With another answer to whether this node votes. Peers repeat the messages that came meanwhile. */
  #beginAnew(): void {
    this.#run.end()
    this.#run = this.#newRun(this.state.height)
    this.#enterHeight()
    this.armStart()
  }

  /**
   * Only this node's own initiative rests: when validators are heard at its height, it is not behind and joins. And only
   * while sync makes progress: the height to catch up to is what some peer claims.
   */
  #pauseUntil(height: bigint | null): void {
    this.#pause?.cancel()
    this.#pause = null
    if (height === null || height < this.state.height || this.#isStopped) return
    this.#cancelStart()
    const cancel = this.#options.clock.after(SYNC_PAUSE, () => {
      this.#pause = null
      this.armStart()
    })
    this.#pause = { until: height, cancel }
  }

  #cancelStart(): void {
    this.#startTimer?.()
    this.#startTimer = null
  }
}
