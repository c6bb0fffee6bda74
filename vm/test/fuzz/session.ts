/**
 * Goes through seeds until it is told to stop or something differs. Now and then it lets go of the thread: programs are
 * held by weak references, which keep them for as long as one turn of the event loop lasts.
 */
import { type CaseTally, type Finding, fuzzCase } from './fuzzCase.ts'

export interface Session {
  readonly first: number
  /** Seeds done. */
  modules: number
  readonly tally: CaseTally
  finding: Finding | null
}

/** Seeds between two turns of the event loop. */
const TURN = 16

/** At least one seed; `goOn` is asked before each further one. */
export async function fuzzSession(first: number, goOn: (session: Session) => boolean): Promise<Session> {
  const tally: CaseTally = { runs: 0, everyLimit: 0, generated: 0, mutated: 0, refused: 0 }
  const session: Session = { first, modules: 0, tally, finding: null }
  do {
    session.finding = fuzzCase(first + session.modules, tally)
    session.modules++
    if (session.modules % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  } while (session.finding === null && goOn(session))
  return session
}

export function summary({ modules, tally, finding }: Session): string {
  const { runs, everyLimit, mutated, refused } = tally
  return (
    `${modules} modules (${mutated} mutated, ${refused} of them refused), ${runs} runs on each engine, ` +
    `${everyLimit} modules at every limit, ${finding === null ? 0 : 1} differences`
  )
}

/** The command that shows a seed again. */
export function again(seed: number): string {
  return `npm run fuzz -- --seconds 0 --seed ${seed}`
}
