/** Judges many mutants, each told by the seed and its number alone, and counts what came of them. */
import { type Random, seededRandom } from '../../testing/random.ts'
import type { Corpus } from './corpus.ts'
import { judge } from './judge.ts'
import { mutant } from './mutate.ts'

export interface Finding {
  readonly number: number
  readonly of: string
  readonly problem: string
  readonly bytes: Uint8Array
}

export class Campaign {
  judged = 0
  accepted = 0
  refusedByBoth = 0
  refusedByProfile = 0
  bytes = 0
  /** How often each of our errors came up. */
  readonly codes = new Map<string, number>()
  readonly findings: Finding[] = []
  /** The mutant that took longest, in milliseconds, by the clock given. */
  slowest = { number: -1, of: '', milliseconds: 0 }
  private readonly corpus: Corpus
  private readonly seed: number
  private readonly now: () => number

  constructor(corpus: Corpus, seed: number, now: () => number = () => 0) {
    this.corpus = corpus
    this.seed = seed
    this.now = now
  }

  judge(number: number): void {
    const random = this.randomOf(number)
    const { bytes, of } = mutant(this.corpus, random)
    const floats = random.below(4) ? 'trap' : 'reject'
    const before = this.now()
    const verdict = judge(bytes, floats)
    const milliseconds = this.now() - before
    if (milliseconds > this.slowest.milliseconds) this.slowest = { number, of, milliseconds }
    this.judged++
    this.bytes += bytes.length
    switch (verdict.kind) {
      case 'accepted':
        this.accepted++
        return
      case 'refused by both':
        this.refusedByBoth++
        break
      case 'refused by the profile':
        this.refusedByProfile++
        break
      case 'disagreement':
        this.findings.push({ number, of, problem: verdict.problem, bytes })
        return
    }
    this.codes.set(verdict.code!, (this.codes.get(verdict.code!) ?? 0) + 1)
  }

  /** Numbers next to each other must not give sequences that are shifts of each other. */
  private randomOf(number: number): Random {
    return seededRandom(Math.imul(this.seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  }
}
