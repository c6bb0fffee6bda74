/** The requests of consensus to the chain, with the time they take. */
import type { Application } from '../consensus/application.ts'
import type { Clock } from '../runtime/clock.ts'

export type TimedWork = 'propose' | 'validate' | 'finalize'

/** The same application; each call, failed ones too, is told to `took`. */
export function timedApplication(
  application: Application,
  clock: Clock,
  took: (work: TimedWork, milliseconds: number) => void,
): Application {
  const timed = async <T>(work: TimedWork, run: () => Promise<T>): Promise<T> => {
    const begun = clock.monotonic()
    try {
      return await run()
    } finally {
      took(work, clock.monotonic() - begun)
    }
  }
  return {
    ...application,
    propose: (height, round) => timed('propose', () => application.propose(height, round)),
    validate: (block) => timed('validate', () => application.validate(block)),
    finalize: (block, certificate, signed) => timed('finalize', () => application.finalize(block, certificate, signed)),
  }
}
