import { expect, test } from 'vitest'
import { describeVectors } from '../../test/support/vectorFiles.ts'
import { fromHex, toHex } from './hex.ts'
import { CodecError, decodeRlp, encodeRlp, type RlpItem } from './rlp.ts'
import { integerItem } from './rlpFields.ts'

type Item = string | number | readonly Item[]
interface Vector {
  readonly in: Item
  readonly out: string
}

/** Strings are bytes, `#` starts a decimal integer. */
function itemOf(value: Item): RlpItem {
  if (typeof value === 'number') return integerItem(BigInt(value))
  if (typeof value !== 'string') return value.map(itemOf)
  return value.startsWith('#') ? integerItem(BigInt(value.slice(1))) : new TextEncoder().encode(value)
}

describeVectors('ethereum-tests/RLPTests', (files) => {
  for (const file of files.names()) {
    for (const [name, vector] of Object.entries(files.json<Record<string, Vector>>(file))) {
      test(`${file}: ${name}`, () => {
        const bytes = fromHex(vector.out.startsWith('0x') ? vector.out : `0x${vector.out}`)
        if (vector.in === 'INVALID') {
          expect(() => decodeRlp(bytes)).toThrow(CodecError)
          return
        }
        const item = decodeRlp(bytes)
        expect(toHex(encodeRlp(item))).toBe(toHex(bytes))
        if (vector.in !== 'VALID') {
          expect(item).toEqual(itemOf(vector.in))
          expect(toHex(encodeRlp(itemOf(vector.in)))).toBe(toHex(bytes))
        }
      })
    }
  }
})
