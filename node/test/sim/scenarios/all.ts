/** The scenarios by the name that `run.ts --scenario` takes. */
import { cannotExecute } from './cannotExecute.ts'
import { hiddenLock } from './hiddenLock.ts'
import { line26To42 } from './line26To42.ts'
import type { Scenario } from './scenario.ts'
import { slowExecution } from './slowExecution.ts'
import { slowLinks } from './slowLinks.ts'
import { tooManyFaulty } from './tooManyFaulty.ts'

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'cannot-execute': cannotExecute,
  'hidden-lock': hiddenLock,
  'line-26-to-42': line26To42,
  'slow-execution': slowExecution,
  'slow-links': slowLinks,
  'too-many-faulty': tooManyFaulty,
}
