/**
 * Whether this validator must not vote: its signing record was not begun, so it may have signed messages that it no longer
 * knows of. It abstains until the others decide a block without it, or, where they need it, until sync had time to bring
 * what they decided. docs/protocol/consensus.md says why that is enough. Or it has a twin (ownKeyWatch.ts), and abstains
 * until it is started again.
 */
import type { ConsensusOptions } from '../consensus.ts'
import { isQuorum, powerOf, type ValidatorSet } from '../core/validatorSet.ts'
import type { JobQueue } from '../jobQueue.ts'
import { EMPTY_RECORD_WAIT } from '../limits.ts'
import type { OwnKeyWatch } from './ownKeyWatch.ts'
import { StartTime } from './startTime.ts'
import type { Validators } from './validators.ts'

export class Abstention {
  readonly #options: ConsensusOptions
  readonly #validators: Validators
  readonly #queue: JobQueue
  readonly #ownKey: OwnKeyWatch
  readonly #started: StartTime
  /** Sync had time to bring the blocks that the others have. */
  #couldSync = false
  #isSaid = false
  #isStopped = false
  #cancelWait: (() => void) | null = null

  constructor(options: ConsensusOptions, validators: Validators, queue: JobQueue, ownKey: OwnKeyWatch) {
    this.#options = options
    this.#ownKey = ownKey
    this.#validators = validators
    this.#queue = queue
    this.#started = new StartTime(options.clock)
  }

  isNeeded(set: ValidatorSet): boolean {
    const { signer, emptyRecord } = this.#options
    const self = this.#validators.ownIndex(set)
    if (signer === null || self === null) return false
    if (this.#ownKey.found !== null) return true
    if (signer.isComplete()) return false
    if (emptyRecord !== undefined) return emptyRecord === 'abstain'
    if (isQuorum(set, set.totalPower - powerOf(set, self))) return true
    return set.validators.length > 1 && !this.#couldSync
  }

  /** Tells people, once; of a twin they were told. */
  say(height: bigint): void {
    if (this.#isSaid || this.#ownKey.found !== null) return
    this.#isSaid = true
    this.#options.logger.warn(
      { height: String(height), blocksLaterThan: String(this.#started.madeAfter) },
      'this validator has no record of its signatures; it abstains until it is safe to vote (docs/protocol/consensus.md)',
    )
  }

  /**
   * For a validator that has to vote without its record: only once it knows what the others have decided. `onWaited` is
   * called in the queue when sync had time for that.
   */
  waitForSync(isSyncing: () => boolean, onWaited: () => void): void {
    this.#cancelWait = this.#options.clock.after(EMPTY_RECORD_WAIT, () => {
      this.#queue.add(() => {
        if (this.#isStopped) return
        if (isSyncing()) return this.waitForSync(isSyncing, onWaited)
        this.#couldSync = true
        onWaited()
      })
    })
  }

  /**
   * Whether a decided block was made since the start: whatever a lost record held was of its height at most. An older block
   * would not show that, as anybody can repeat its votes. Times in Unix seconds.
   */
  isEndedBy(timestamp: bigint, parentTimestamp: bigint | undefined): boolean {
    return this.#started.isBefore(timestamp, parentTimestamp)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelWait?.()
  }
}
