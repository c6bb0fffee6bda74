import { describe, expect, it } from 'vitest'
import {
  closePages,
  elementPages,
  heldGas,
  heldPages,
  holdPages,
  letGoPages,
  OWN_PAGES,
  openPages,
  type PageRule,
  pagesGas,
  STYLUS_PAGES,
  type TransactionPages,
} from './pages.ts'

const none = (): TransactionPages => ({ open: 0, ever: 0, held: 0 })

/** Pays, and takes them. */
function paid(pages: TransactionPages, added: number, linear: boolean, rule: PageRule = OWN_PAGES): bigint | null {
  const gas = pagesGas(rule, pages, added, linear)
  if (gas !== null) openPages(pages, added)
  return gas
}

describe('the pages of a transaction', () => {
  it('are free up to two, then linear, then steep', () => {
    const first = (count: number) => pagesGas(OWN_PAGES, none(), count, true)
    expect(first(0)).toBe(0n)
    expect(first(2)).toBe(0n)
    expect(first(3)).toBe(1_000n)
    expect(first(17)).toBe(15_000n)
    expect(first(128)).toBe(126_000n + 83n)
    expect(first(256)).toBe(254_000n + 7_130n)
    expect(first(400)).toBe(398_000n + 1_048_575n)
    expect(first(512)).toBeGreaterThan(30_000_000n)
    expect(first(513)).toBeNull()
  })
  it('that were held before cost only the linear part again', () => {
    const pages = none()
    paid(pages, 40, true)
    closePages(pages, 40)
    expect(pages).toEqual({ open: 0, ever: 40, held: 0 })
    expect(paid(pages, 40, true)).toBe(38_000n)
  })
  it('are no dearer and no cheaper for what was asked for and not paid', () => {
    const pages = none()
    expect(pagesGas(OWN_PAGES, pages, 400, true)).toBe(398_000n + 1_048_575n)
    expect(pages).toEqual({ open: 0, ever: 0, held: 0 })
  })
  it('of nested frames add up', () => {
    const pages = none()
    paid(pages, 2, true)
    expect(paid(pages, 2, true)).toBe(2_000n)
    expect(paid(pages, 396, false)).toBe(1_048_575n)
    expect(pages).toEqual({ open: 400, ever: 400, held: 0 })
    expect(paid(pages, 113, false)).toBeNull()
  })
})

/** The expectations of nitro's tests of its memory model (arbos/programs/memory_test.go). */
describe('the pages of a transaction in schedule stylus', () => {
  it('cost 31 999 998 gas up to all 128, in steps of any size, and no more can be had', () => {
    for (const step of [1, 2, 3, 7, 64, 128]) {
      const pages = none()
      let sum = 0n
      while (pages.open < 128) sum += paid(pages, Math.min(step, 128 - pages.open), true, STYLUS_PAGES) ?? 0n
      expect(sum).toBe(31_999_998n)
      expect(paid(pages, 1, true, STYLUS_PAGES)).toBeNull()
    }
  })
  it('that were given back cost the linear part again, and the peak where it rises', () => {
    for (const step of [2, 5, 40]) {
      const pages = none()
      let sum = 0n
      let charged = 0
      while (pages.ever < 128) {
        const added = Math.min(step, 128 - pages.open)
        sum += paid(pages, added, true, STYLUS_PAGES) ?? 0n
        if (pages.ever > 2) charged += Math.min(added, pages.ever - 2)
        closePages(pages, added >> 1)
      }
      expect(sum).toBe(31_873_998n + 1_000n * BigInt(charged))
    }
  })
  it('are of memory: what else counts as pages costs nothing and is bounded with them', () => {
    const pages = none()
    expect(heldGas(STYLUS_PAGES, pages, 400)).toBe(0n)
    holdPages(STYLUS_PAGES, pages, 400)
    expect(pages).toEqual({ open: 0, ever: 0, held: 400 })
    expect(paid(pages, 112, true, STYLUS_PAGES)).toBe(110_000n + 3_677_113n - 1n)
    expect(heldGas(STYLUS_PAGES, pages, 1)).toBeNull()
    expect(pagesGas(STYLUS_PAGES, pages, 1, true)).toBeNull()
    letGoPages(STYLUS_PAGES, pages, 400)
    expect(pages).toEqual({ open: 112, ever: 112, held: 0 })
  })
})

describe('what counts as pages', () => {
  it('is elements of tables and of segments by their bytes, less than a page being free', () => {
    const pages = (tableElements: number, segmentElements: number) => elementPages({ tableElements, segmentElements })
    expect([pages(0, 0), pages(2_047, 0), pages(2_048, 0), pages(160_000, 0)]).toEqual([0, 0, 1, 78])
    expect([pages(0, 8_191), pages(0, 8_192), pages(1_024, 4_096), pages(0, 1_000_000)]).toEqual([0, 1, 1, 122])
  })
  it('is return data and cached slots, a page of each being free', () => {
    expect([heldPages(65_535, 127), heldPages(65_536, 127), heldPages(65_535, 128)]).toEqual([0, 1, 1])
    expect(heldPages(26_214_400, 1_000)).toBe(400 + 7)
  })
})
