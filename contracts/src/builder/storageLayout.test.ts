import { expect, it } from 'vitest'
import type { LayoutCursor, StorageType } from './model.ts'
import { place } from './storageLayout.ts'

const value = (width: number): StorageType => ({ kind: 'value', solidity: `bytes${width}`, width })

function layout(types: readonly StorageType[]): readonly (readonly [number, number])[] {
  let cursor: LayoutCursor = { slot: 0, offset: 0 }
  return types.map((type) => {
    const { slot, offset, next } = place(cursor, type)
    cursor = next
    return [slot, offset]
  })
}

it('packs values that fit and starts anew when one does not', () => {
  expect(layout([value(20), value(12), value(1)])).toEqual([
    [0, 0],
    [0, 20],
    [1, 0],
  ])
  expect(layout([value(20), value(13), value(19), value(1)])).toEqual([
    [0, 0],
    [1, 0],
    [1, 13],
    [2, 0],
  ])
  expect(layout([value(32), value(1), value(32)])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
  ])
})

it('gives everything else a slot of its own', () => {
  const mapping: StorageType = { kind: 'mapping', key: { kind: 'string' }, value: { kind: 'bytes' } }
  expect(layout([value(1), mapping, value(1), { kind: 'string' }, value(2), value(3)])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [4, 2],
  ])
})
