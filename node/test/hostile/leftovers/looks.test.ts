import { expect, it } from 'vitest'
import type { Footprint } from './footprint.ts'
import { leftBehind, MAX_MORE_HANDLES, MAX_NOISE_BYTES, MAX_RSS_GROWTH } from './looks.ts'

const before: Footprint = { heap: 1_000, external: 100, resources: 10, rss: 5_000, descriptors: 20 }
const joins = { plural: 'joins', mostBytes: 2 }

it('noise and what each may leave are no faults', () => {
  const after = {
    heap: before.heap + MAX_NOISE_BYTES,
    external: before.external + 2 * 500,
    resources: before.resources + MAX_MORE_HANDLES,
    rss: 5_000 + MAX_RSS_GROWTH,
    descriptors: 20 + MAX_MORE_HANDLES,
  }
  expect(leftBehind(before, after, joins, 500)).toEqual([])
})

it('names what is left over that', () => {
  const after = {
    heap: before.heap + MAX_NOISE_BYTES,
    external: before.external + 2 * 500 + 1,
    resources: before.resources + MAX_MORE_HANDLES + 1,
    rss: 5_000 + MAX_RSS_GROWTH + 1,
    descriptors: 20 + MAX_MORE_HANDLES + 1,
  }
  expect(leftBehind(before, after, joins, 500)).toEqual([
    expect.stringContaining('bytes of heap are left of 500 joins'),
    expect.stringContaining('more resources are open'),
    expect.stringContaining('more descriptors are open'),
    expect.stringContaining('the process grew by'),
  ])
})

it('does not compare what a system does not say', () => {
  const after = { ...before, rss: null, descriptors: null }
  expect(leftBehind({ ...before, rss: null, descriptors: null }, after, joins, 1)).toEqual([])
})
