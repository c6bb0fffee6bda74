/**
 * Mutated modules against V8's validator; `npm run fuzz:modules` goes on for as many as it is told. Every module is
 * told by its seed and number alone.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ModuleLimit } from '../../src/limits.ts'
import { seededRandom } from '../../testing/random.ts'
import { sampleModules } from '../sampleModules.ts'
import { v8Validates } from '../v8.ts'
import { Campaign } from './campaign.ts'
import { type Corpus, loadCorpus } from './corpus.ts'
import { judge } from './judge.ts'
import { mutant } from './mutate.ts'
import { joinSections, splitSections } from './sections.ts'

const MUTANTS = 10_000
const SEED = 0x7053
/** Each n-th module of the official suite; to convert them all takes longer than the rest of the test. */
const EVERY_SUITE_MODULE = 8

let corpus: Corpus

beforeAll(async () => {
  corpus = await loadCorpus({ everySuiteModule: EVERY_SUITE_MODULE, kernels: false })
})

describe('mutated modules', () => {
  it(`are accepted and refused as by V8: ${MUTANTS} of them`, () => {
    const campaign = new Campaign(corpus, SEED)
    for (let number = 0; number < MUTANTS; number++) {
      campaign.judge(number)
      const finding = campaign.findings[0]
      if (finding === undefined) continue
      const hex = Buffer.from(finding.bytes).toString('hex')
      expect(`mutant ${number} of ${finding.of}: ${finding.problem}: ${hex}`).toBe('agreement')
    }
    const { accepted, refusedByBoth, refusedByProfile, codes } = campaign
    expect(accepted + refusedByBoth + refusedByProfile).toBe(MUTANTS)
    // The mutations are neither all harmless nor all deadly, and meet most of our errors.
    expect(accepted).toBeGreaterThan(MUTANTS / 10)
    expect(refusedByBoth).toBeGreaterThan(MUTANTS / 4)
    expect(refusedByProfile).toBeGreaterThan(MUTANTS / 100)
    // Met because mutations go near them: what compilers emit is far away.
    const limits: readonly ModuleLimit[] = ['nesting', 'loopNesting', 'branchTableTargets', 'branchesToLabel', 'locals']
    const met = (limit: ModuleLimit): boolean => codes.has(`limit:${limit}`)
    expect(limits.filter((limit) => !met(limit))).toEqual([])
    expect(codes.size).toBeGreaterThan(40)
  })

  it('come from seed and number alone', () => {
    const some = (): string[] =>
      [5, 6, 7].map((seed) => Buffer.from(mutant(corpus, seededRandom(seed)).bytes).toString('hex'))
    expect(some()).toEqual(some())
    expect(new Set(some()).size).toBe(3)
  })
})

describe('sections', () => {
  it('are split and joined again', () => {
    for (const bytes of sampleModules()) expect(joinSections(splitSections(bytes)!)).toEqual(bytes)
  })

  it('are none in bytes that end early', () => {
    const bytes = sampleModules()[0]!
    expect(splitSections(bytes.slice(0, bytes.length - 1))).toBeNull()
  })
})

describe('the judge', () => {
  const module = (...sections: number[]): Uint8Array => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections)

  it('tells what both accept, both refuse and the profile refuses', () => {
    expect(judge(module(), 'reject').kind).toBe('accepted')
    expect(judge(module(9, 9), 'reject').kind).toBe('refused by both')
    // A global of type f32.
    const float = module(6, 9, 1, 0x7d, 0, 0x43, 0, 0, 0, 0, 0x0b)
    expect(v8Validates(float)).toBe(true)
    expect(judge(float, 'reject')).toEqual({ kind: 'refused by the profile', code: 'refused:float' })
    expect(judge(float, 'trap').kind).toBe('accepted')
  })
})
