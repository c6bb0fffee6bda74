/** Properties: what holds for all values. */
import * as fc from 'fast-check'
import type { TestChain } from './chain.ts'
import { Falsified, search } from './search.ts'

const RUNS = 50

export interface PropertyOptions {
  /** Values that are tried: 50 unless said. */
  readonly runs?: number
  /** The same values again; another one in each run unless said. It is printed with a failure. */
  readonly seed?: number
  /** Of a failure that was printed: that case alone. */
  readonly path?: string
  /** Ends the search; that of vitest's test context is aborted when the test has no time left. */
  readonly signal?: AbortSignal
}

/** An arbitrary for each value. */
export type Arbitraries<values extends readonly unknown[]> = {
  readonly [index in keyof values]: fc.Arbitrary<values[index]>
}

/**
 * Tries the check on random values, each time on the chain as it is now, to which it also returns at the end; numbers and
 * times of blocks go on. The check fails by throwing, as `expect` does, or by giving false. What it sends is not in the
 * gas report.
 * @throws Falsified with the simplest values that fail
 * @example
 * ```ts
 * await checkProperty(chain, [argumentsOf(token, 'transfer', chain.accounts)], async ([to, value]) => {
 *   await token.send.mint([chain.accounts[0]!, value])
 *   await token.send.transfer([to, value])
 * })
 * ```
 */
export async function checkProperty<const values extends readonly unknown[]>(
  chain: TestChain,
  arbitraries: Arbitraries<values>,
  check: (...values: values) => Promise<unknown>,
  options: PropertyOptions = {},
): Promise<void> {
  const tuples = fc.tuple(...(arbitraries as readonly fc.Arbitrary<unknown>[]))
  const attempt = (values: unknown[]) => check(...(values as unknown as values))
  const found = await search(chain, tuples, attempt, { runs: RUNS, ...options })
  if (found === null) return
  const shown = found.value.map((value) => `  ${fc.stringify(value)}`)
  const lines = [`the property does not hold for`, ...shown, `because: ${reason(found.cause)}`]
  throw new Falsified(lines.join('\n'), found)
}

export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
