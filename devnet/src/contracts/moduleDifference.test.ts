/** Modules of strangers beside each other. */
import { expect, it } from 'vitest'
import { moduleDifference } from './moduleDifference.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
/** About as many as a contract may have, of one name, and large. */
const SECTIONS = 900

/** Custom sections `a` of 1 000 bytes each; the last one is filled with `last`. */
function module(last: number): Uint8Array {
  const section = (byte: number) => [0, 0xea, 0x07, 1, 0x61, ...new Uint8Array(1_000).fill(byte)]
  return Uint8Array.from([
    ...HEADER,
    ...Array.from({ length: SECTIONS }, (_, i) => section(i === SECTIONS - 1 ? last : 0)).flat(),
  ])
}

it('compares all sections of one name, however many a stranger has put into a module', () => {
  expect(moduleDifference(module(7), module(7))).toBeNull()
  expect(moduleDifference(module(7), module(8))).toEqual({
    ...{ sections: ['custom "a"'], onlyNames: true, functions: [], same: 0 },
  })
})
