/** Runs the modules of vm/test/vectors/differences again, on both engines and at many limits. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/limits.ts'
import { seededRandom } from '../../testing/random.ts'
import { judge } from '../mutate/judge.ts'
import { difference } from './compareEngines.ts'
import { mutantProblem } from './fuzzCase.ts'
import { loadVectors } from './vectors.ts'

const vectors = loadVectors()

describe('modules that engines once differed on, or easily could', () => {
  it('are there', () => {
    expect(vectors.length).toBeGreaterThan(8)
  })

  it.each(vectors.map(({ name, about, ...rest }) => [name, about, rest] as const))(
    '%s: %s',
    (_name, _about, vector) => {
      const { bytes, plan } = vector
      expect(mutantProblem(bytes, plan, 1)).toBeNull()
      // Refused modules have been compared; the others are run once more with other limits of fuel.
      if (judge(bytes, plan.options.floats ?? 'reject').kind !== 'accepted') return
      for (let seed = 2; seed < 6; seed++) expect(difference(bytes, plan, seededRandom(seed))).toBeNull()
      const { stackBytes } = DEFAULT_LIMITS
      const roomy = { ...plan, options: { ...plan.options, limits: { ...plan.options.limits, stackBytes } } }
      expect(difference(bytes, roomy, seededRandom(1))).toBeNull()
    },
  )
})
