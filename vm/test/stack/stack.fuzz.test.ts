/**
 * Native stack against what the rule counts (docs/protocol/vm.md, "The stack"): the worst shapes known, and a search of
 * TOUCHSTONE_STACK_SECONDS seconds (none unless told; `npm run fuzz:stack` goes on for as long as it is told).
 *
 * The rule before counted locals and operands only: of these shapes `values` took 60 times, `divisions` 17 times what it
 * counted. Made lighter on purpose, one at a time, and found: values at 1 byte (by `values`), slots at 2 (by
 * `parameters`).
 */
import { afterAll, describe, expect, it } from 'vitest'
import { NATIVE_STACK_RATIO } from '../../src/limits.ts'
import { seededRandom } from '../../testing/random.ts'
import { ALL_MODES, type Measured, ratioOf, StackMeter, search } from './search.ts'
import { changed, randomShape, type Shape } from './shape.ts'
import { shapeText } from './shapeText.ts'

const SECONDS = Number(process.env['TOUCHSTONE_STACK_SECONDS'] ?? 0)
const SEED = Number(process.env['TOUCHSTONE_STACK_SEED'] ?? 1)

const plain = { again: true, recursion: 'indirect', params: 0, locals: 0, results: 0 } as const

/** With what the worst mode takes at least: less would mean that the measurement has gone wrong, or the compiler changed. */
const WORST: readonly (readonly [string, number, Shape])[] = [
  ['values', 0.4, { ...plain, pieces: [{ kind: 'terms', term: 'add', count: 1_000 }] }],
  ['divisions', 0.25, { ...plain, pieces: [{ kind: 'terms', term: 'div', count: 700 }] }],
  [
    'locals',
    0.4,
    { ...plain, again: false, locals: 700, pieces: [{ kind: 'joins', segments: 2, count: 3, calls: true }] },
  ],
  [
    'parameters',
    0.3,
    { ...plain, recursion: 'inlined', params: 65, pieces: [{ kind: 'arguments', term: 'mul', count: 2 }] },
  ],
  ['joins', 0.03, { ...plain, pieces: [{ kind: 'joins', segments: 20, count: 60, calls: true }] }],
  ['loops', 0.05, { ...plain, pieces: [{ kind: 'loop', term: 'mul', count: 60, turns: 0 }] }],
  [
    'small functions',
    0.03,
    {
      ...plain,
      recursion: 'mutual',
      pieces: [{ kind: 'callee', term: 'mul', count: 5, sites: 60, depth: 1, indirect: false }],
    },
  ],
]

const meter = new StackMeter()
afterAll(() => meter.close())

const above = ({ ratios }: Measured): boolean =>
  ALL_MODES.some((mode) => typeof ratios[mode] === 'string' || ratios[mode] > NATIVE_STACK_RATIO)
const again = ({ shape, ratios }: Measured): string =>
  `${JSON.stringify(ratios)}: npm run fuzz:stack -- --shape '${JSON.stringify(shape)}'`

describe('native stack', () => {
  it.each(WORST)('is no more than counted: %s', { timeout: 120_000 }, async (_name, least, shape) => {
    const measured = (await meter.measure(shape))!
    expect(above(measured), again(measured)).toBe(false)
    expect(Math.max(...ALL_MODES.map((mode) => ratioOf(measured, mode))), again(measured)).toBeGreaterThan(least)
  })

  it.skipIf(SECONDS === 0)(
    `is no more than counted in ${SECONDS} seconds of search from seed ${SEED} on`,
    { timeout: SECONDS * 1000 + 120_000 },
    async () => {
      const end = performance.now() + SECONDS * 1000
      const worse: string[] = []
      const tried = await search(
        meter,
        seededRandom(SEED),
        () => performance.now() < end,
        (measured) => {
          if (above(measured)) worse.push(again(measured))
        },
      )
      expect(tried).toBeGreaterThan(0)
      expect(worse).toEqual([])
    },
  )

  it('is searched for in shapes that come from the seed alone', () => {
    const texts = [1, 2].map(() => {
      const random = seededRandom(7)
      return Array.from({ length: 20 }, () => shapeText(changed(randomShape(random), random)))
    })
    expect(texts[0]).toEqual(texts[1])
    expect(new Set(texts[0]).size).toBe(20)
  })
})
