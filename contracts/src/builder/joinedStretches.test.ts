/** Joined stretches say at each position what those that they were made of said. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinedOverGaps, type NamedStretch } from './joinedStretches.ts'

const COUNT = 12
/** At each position whether each of three variables has a name. */
const NAMED = fc.array(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), { minLength: COUNT, maxLength: COUNT })
const VARIABLES = ['a', 'b', 'c']

function stretchesOf(named: readonly (readonly boolean[])[]): NamedStretch<string>[] {
  return named.flatMap((here, at) => {
    // As short as they may be: what goes on is told anew at each position.
    return VARIABLES.filter((_, i) => here[i]).map((variable) => ({ variable, local: 7, from: at, to: at }))
  })
}

it('name at each position what each of the stretches named', () => {
  fc.assert(
    fc.property(NAMED, (named) => {
      const { names, gaps } = joinedOverGaps(stretchesOf(named), COUNT)
      const isIn = (all: typeof gaps, at: number) => all.some(({ from, to }) => from <= at && at <= to)
      const again = named.map((_, at) =>
        VARIABLES.map((one) => {
          const name = names.find(({ variable }) => variable === one)
          return name !== undefined && isIn(name.stretches, at) && !isIn(gaps, at)
        }),
      )
      expect(again).toEqual(named)
    }),
  )
})

it('are one for each local and variable where all of them end and begin at once', () => {
  const at = (from: number, to: number, local = 0) => [
    { variable: 'a', local, from, to },
    { variable: 'b', local: 2, from, to },
  ]
  expect(joinedOverGaps([...at(0, 1), ...at(2, 4), ...at(6, 6), ...at(9, 11, 1)], COUNT)).toEqual({
    names: [
      { variable: 'a', local: 0, stretches: [{ from: 0, to: 6 }] },
      { variable: 'b', local: 2, stretches: [{ from: 0, to: 11 }] },
      { variable: 'a', local: 1, stretches: [{ from: 9, to: 11 }] },
    ],
    gaps: [
      { from: 5, to: 5 },
      { from: 7, to: 8 },
    ],
  })
})
