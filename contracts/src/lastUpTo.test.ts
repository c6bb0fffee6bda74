import { expect, it } from 'vitest'
import { lastUpTo } from './lastUpTo.ts'

it('is the last row that begins at a number or before it, as looking at all of them shows', () => {
  for (const rows of [[], [0], [5], [0, 3, 3, 7, 100]]) {
    for (let number = -1; number < 102; number++) {
      const places = rows.map((begin, place) => ({ begin, place }))
      const expected = places.filter(({ begin }) => begin <= number).at(-1)
      expect(lastUpTo(places, number, ({ begin }) => begin)).toEqual(expected)
    }
  }
})
