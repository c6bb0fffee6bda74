import { describe, expect, it } from 'vitest'
import { closePages, elementPages, heldPages, openPages, pagesGas, type TransactionPages } from './pages.ts'

/** Pays, and takes them. */
function paid(pages: TransactionPages, added: number, linear: boolean): bigint | null {
  const gas = pagesGas(pages, added, linear)
  if (gas !== null) openPages(pages, added)
  return gas
}

describe('the pages of a transaction', () => {
  it('are free up to two, then linear, then steep', () => {
    const first = (count: number) => pagesGas({ open: 0, ever: 0 }, count, true)
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
    const pages = { open: 0, ever: 0 }
    paid(pages, 40, true)
    closePages(pages, 40)
    expect(pages).toEqual({ open: 0, ever: 40 })
    expect(paid(pages, 40, true)).toBe(38_000n)
  })
  it('are no dearer and no cheaper for what was asked for and not paid', () => {
    const pages = { open: 0, ever: 0 }
    expect(pagesGas(pages, 400, true)).toBe(398_000n + 1_048_575n)
    expect(pages).toEqual({ open: 0, ever: 0 })
  })
  it('of nested frames add up', () => {
    const pages = { open: 0, ever: 0 }
    paid(pages, 2, true)
    expect(paid(pages, 2, true)).toBe(2_000n)
    expect(paid(pages, 396, false)).toBe(1_048_575n)
    expect(pages).toEqual({ open: 400, ever: 400 })
    expect(paid(pages, 113, false)).toBeNull()
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
