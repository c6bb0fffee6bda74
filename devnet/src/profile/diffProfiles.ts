/** The differences between two profiles: of two transactions, or of a call of two builds. */
import type { Cost, LineCost, ProfileReport } from './readProfile.ts'

/** The parts of a report that are compared, as `--json` writes them. */
export interface ComparedProfile {
  readonly gasUsed: bigint
  readonly costs: readonly Pick<Cost, 'kind' | 'contract' | 'name' | 'ink'>[]
  readonly lines: readonly Pick<LineCost, 'file' | 'line' | 'text' | 'ink'>[]
}

export interface Difference {
  readonly words: string
  /** Ink. */
  readonly before: number
  readonly after: number
}

export interface ProfileDiff {
  readonly gasUsed: readonly [before: bigint, after: bigint]
  /** The greatest change first; what did not change is left out. */
  readonly costs: readonly Difference[]
  readonly lines: readonly Difference[]
}

/**
 * Contracts are compared by their functions' names alone, since a build of another name or address is what is compared with.
 * Lines are told by their text: above a change they stay what they are, and below it they have other numbers.
 */
export function diffProfiles(before: ComparedProfile, after: ComparedProfile): ProfileDiff {
  const costWords = ({ kind, name }: ComparedProfile['costs'][number]) => (kind === 'frame' ? 'calls' : name)
  const lineWords = ({ file, line, text }: ComparedProfile['lines'][number]) =>
    file === null ? 'no line' : `${file}${text === null || text === '' ? `:${line}` : `: ${text}`}`
  return {
    gasUsed: [before.gasUsed, after.gasUsed],
    costs: differences(before.costs, after.costs, costWords),
    lines: differences(before.lines, after.lines, lineWords),
  }
}

function differences<T extends { readonly ink: number }>(
  before: readonly T[],
  after: readonly T[],
  wordsOf: (one: T) => string,
): Difference[] {
  const sums = new Map<string, { before: number; after: number }>()
  const add = (list: readonly T[], side: 'before' | 'after') => {
    for (const one of list) {
      const words = wordsOf(one)
      const sum = sums.get(words) ?? { before: 0, after: 0 }
      sum[side] += one.ink
      sums.set(words, sum)
    }
  }
  add(before, 'before')
  add(after, 'after')
  return Array.from(sums, ([words, sum]) => ({ words, ...sum }))
    .filter((one) => one.before !== one.after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
}

/** For `--json`, and to be compared with later. */
export function profileJson(report: ProfileReport, what: string): object {
  return { what, ...report }
}
