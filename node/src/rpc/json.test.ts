import { expect, test } from 'vitest'
import { RpcError } from './errors.ts'
import { parseJson } from './json.ts'

const limits = { maxJsonDepth: 4, maxJsonItems: 20 }
const parse = (text: string) => parseJson(new TextEncoder().encode(text), limits)

function refused(text: string): string {
  try {
    parse(text)
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError)
    return (error as RpcError).message
  }
  throw new Error(`${text} was parsed`)
}

test('depth: as deep as allowed, and one deeper', () => {
  expect(parse('[[[[1]]]]')).toEqual([[[[1]]]])
  expect(refused('[[[[[1]]]]]')).toContain('maxJsonDepth')
  expect(refused('{"a":{"a":{"a":{"a":{}}}}}')).toContain('maxJsonDepth')
  expect(refused('['.repeat(1_000_000))).toContain('maxJsonDepth')
})

test('values: counted in arrays and objects alike', () => {
  expect(parse(`[${Array(19).fill(1).join(',')}]`)).toHaveLength(19)
  expect(refused(`[${Array(20).fill(1).join(',')}]`)).toContain('maxJsonItems')
  expect(refused(`[${'{},'.repeat(50)}{}]`)).toContain('maxJsonItems')
})

test('what stands in strings counts for nothing', () => {
  const strings = ['[[[[[[[[', '{,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:}', '\\"[[[[[[', 'a\\\\', '\\\\\\"[[[[[[[', '', '"']
  for (const value of strings) expect(parse(JSON.stringify([value]))).toEqual([value])
})

test('an unfinished string is a parse error', () => {
  expect(refused('"abc')).toMatch(/^parse error/)
  expect(refused('"abc\\"')).toMatch(/^parse error/)
})
