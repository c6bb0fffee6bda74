import { expect, test } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { WrittenKeys } from './writtenKeys.ts'

const keyOf = (index: number) => bigintToBytes(BigInt(index), 32)

test('keys are written once, until they were forgotten, the oldest first', () => {
  const written = new WrittenKeys(4)
  const keys = Array.from({ length: 6 }, (_, index) => keyOf(index))
  expect(written.unwritten(keys)).toEqual(keys)
  // Asking is not writing: the batch may fail.
  expect(written.unwritten(keys)).toEqual(keys)
  written.add(keys)
  expect(written.unwritten([...keys, keyOf(9)])).toEqual([keyOf(9)])
  written.add([6, 7].map(keyOf))
  expect(written.unwritten(keys)).toEqual([])
  written.add([8].map(keyOf))
  expect(written.unwritten(keys)).toEqual(keys.slice(0, 4))
})
