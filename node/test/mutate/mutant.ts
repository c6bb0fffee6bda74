/** A rule of consensus, broken on purpose: what `npm run mutate:consensus` puts in place of what. */

export interface Mutant {
  /** The fault of the broken program, in a few words; unique. */
  readonly name: string
  /** The line of Algorithm 1, or the rule of docs/protocol/consensus.md, that is broken. */
  readonly rule: string
  /** Below node/src/consensus. */
  readonly file: string
  /** Exact text that the file holds once. */
  readonly find: string
  readonly replace: string
}

/** [name, rule, text, what stands in its place]. */
export type MutantRow = readonly [string, string, string, string]

export function mutantsOf(file: string, rows: readonly MutantRow[]): readonly Mutant[] {
  return rows.map(([name, rule, find, replace]) => ({ name, rule, file, find, replace }))
}

/** The source with the mutant in it. @throws Error when the text is not there exactly once: the mutant is out of date. */
export function applyMutant(source: string, { name, file, find, replace }: Mutant): string {
  const parts = source.split(find)
  if (parts.length !== 2) {
    throw new Error(`mutant "${name}": its text is ${parts.length - 1} times in ${file}, not once:\n${find}`)
  }
  return parts.join(replace)
}
