/**
 * The interpreter is JavaScript but for its core, and a first call of a contract meets all of it unread by V8: four times
 * as long as later ones. A worker that has started and waits for work runs the VM's own practice until it has met it: soon
 * what brings most, and the rest, after which V8 has optimised what prepares a contract, at longer intervals, so that a node
 * which has much to do at its start, or does not live long, spends little on it. Only how long things take depends on that.
 *
 * Why it is so: docs/rationale/vm.md.
 */
import { forgetExecutions, warmUp } from '../../execution/contractHost.ts'
import type { EngineName } from '../../execution/engineNames.ts'
import { backgroundClock, type Clock } from '../../runtime/clock.ts'
import { PRACTICE_LATER_PAUSE_MS, PRACTICE_PAUSE_MS, PRACTICE_SOON } from '../limits.ts'

/** After a pause each, in which messages come first, with nothing else under way. */
export function practise(engine: EngineName, schedule: string, clock: Clock = backgroundClock): void {
  if (engine !== 'interpreter') return
  practiseIn(warmUp({ engine, schedule }), clock)
}

/** `times`: does a piece of work for each value that is asked for; `done`: as often as it has been asked. */
export function practiseIn(times: Iterator<void>, clock: Clock, done = 0): void {
  clock.after(done < PRACTICE_SOON ? PRACTICE_PAUSE_MS : PRACTICE_LATER_PAUSE_MS, () => {
    if (hasMore(times)) practiseIn(times, clock, done + 1)
  })
}

function hasMore(times: Iterator<void>): boolean {
  try {
    return times.next().done !== true
  } catch (error) {
    // A host without memory for practice has none for contracts, and says so when one runs.
    if (!(error instanceof RangeError)) throw error
    forgetExecutions()
    return false
  }
}
