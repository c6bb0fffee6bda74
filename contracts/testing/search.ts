/** One search for a counterexample: bounded runs, each from the same state of the chain, and bounded shrinking. */
import * as fc from 'fast-check'
import type { TestChain } from './chain.ts'

/** Attempts to make a counterexample shorter: more would outlast a test's patience and rarely find more. */
const MOST_SHRINKS = 300

export interface SearchOptions {
  readonly runs: number
  readonly seed?: number
  readonly path?: string
  readonly signal?: AbortSignal
}

export interface Found<T> {
  readonly value: T
  readonly cause: unknown
  readonly seed: number
  readonly path: string
  readonly run: number
}

/**
 * A property or an invariant does not hold: the message has the shortest case that was found and the seed and path that
 * repeat it; `cause` is what the check threw.
 */
export class Falsified extends Error {
  override readonly name = 'Falsified'
  /** Together with `path`, an option that repeats this case alone. */
  readonly seed: number
  readonly path: string

  constructor(words: string, { seed, path, cause }: Pick<Found<unknown>, 'seed' | 'path' | 'cause'>) {
    super(`${words}\nrepeat it with { seed: ${seed}, path: '${path}' }`, { cause })
    this.seed = seed
    this.path = path
  }
}

/**
 * Goes back to where the chain was after each try, and counts none of it in the gas report.
 * @param attempt throws, or gives false, where the value is a counterexample
 * @throws RangeError for options that make no sense; what the signal says when it is aborted
 */
export async function search<T>(
  chain: TestChain,
  values: fc.Arbitrary<T>,
  attempt: (value: T) => Promise<unknown>,
  { runs, seed, path, signal }: SearchOptions,
): Promise<Found<T> | null> {
  if (!Number.isSafeInteger(runs) || runs < 1) throw new RangeError(`runs is a whole number from 1 on, not ${runs}`)
  if (path !== undefined && seed === undefined) throw new RangeError('path needs the seed that was printed beside it')
  if (path !== undefined && !/^\d+(?::\d+)*$/.test(path))
    throw new RangeError(`path is what a failure printed, as in '0:1:3', not '${path}'`)
  signal?.throwIfAborted()
  const back = await chain.snapshot()
  let shrinks: number | null = null
  const property = fc.asyncProperty(values, async (value) => {
    // What is not tried counts as no counterexample, so that fast-check stays with the shortest so far.
    if (shrinks !== null && ++shrinks > MOST_SHRINKS) return
    // A test that ran out of time leaves its chain to the next one.
    if (signal?.aborted) return
    try {
      if ((await attempt(value)) === false) throw new Error('it gave false')
    } catch (error) {
      if (!fc.PreconditionFailure.isFailure(error)) shrinks ??= 0
      throw error
    } finally {
      await back()
    }
  })
  const details = await chain.uncounted(() =>
    fc.check(property, {
      numRuns: runs,
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    }),
  )
  signal?.throwIfAborted()
  if (!details.failed) return null
  if (details.counterexample === null) {
    throw new Error(
      `${details.numSkips} values were left out by fc.pre before ${runs} were tried: make the arbitraries narrower instead`,
    )
  }
  return {
    value: details.counterexample[0],
    cause: details.errorInstance,
    seed: details.seed,
    path: details.counterexamplePath!,
    run: details.numRuns,
  }
}
