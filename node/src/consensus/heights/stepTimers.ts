/** The timeouts of the steps of a round, as inputs of the state machine. */
import type { ConsensusOptions } from '../consensus.ts'
import type { Step } from '../core/vote.ts'
import type { JobQueue } from '../jobQueue.ts'
import { DEVNET_TIMEOUTS, MAX_EXECUTION_WAIT, timeoutOf } from '../limits.ts'

export interface StepTimersParts {
  readonly options: Pick<ConsensusOptions, 'clock' | 'timeouts'>
  readonly queue: JobQueue
  /** Whether a block of the round is being built or executed here. */
  isOccupied(round: number): boolean
  /** Called in the queue. */
  onTimeout(step: Step, round: number): Promise<void>
}

export class StepTimers {
  readonly #parts: StepTimersParts
  #cancels: (() => void)[] = []
  /** Round whose propose timeout came while its block was being built or executed here. */
  #held: number | null = null

  constructor(parts: StepTimersParts) {
    this.#parts = parts
  }

  schedule(timed: Step, round: number): void {
    const { options, queue } = this.#parts
    const wait = timeoutOf(options.timeouts ?? DEVNET_TIMEOUTS, timed, round)
    const fire = () => queue.add(() => this.#onTimeout(timed, round))
    this.#cancels.push(options.clock.after(wait, fire))
  }

  /** After building or executing: the timeout that was held goes on, and means nothing if the step was left meanwhile. */
  async release(): Promise<void> {
    const round = this.#held
    if (round === null || this.#parts.isOccupied(round)) return
    this.#held = null
    await this.#parts.onTimeout('propose', round)
  }

  cancel(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels = []
  }

  /**
   * The propose timeout is for a proposal that does not come. One that is here, and takes longer to execute than the
   * timeout, would be voted down in every round for as long as the timeouts are shorter; so it is waited for. Timeouts
   * are each node's own, so safety does not depend on them; the wait is bounded all the same.
   */
  async #onTimeout(timed: Step, round: number): Promise<void> {
    const { options, queue, isOccupied, onTimeout } = this.#parts
    if (timed === 'propose' && isOccupied(round)) {
      this.#held = round
      const giveUp = () => queue.add(() => onTimeout(timed, round))
      this.#cancels.push(options.clock.after(MAX_EXECUTION_WAIT, giveUp))
      return
    }
    await onTimeout(timed, round)
  }
}
