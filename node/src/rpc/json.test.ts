import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { RpcError } from './errors.ts'
import { parseJson } from './json.ts'

const limits = { maxJsonDepth: 4, maxJsonItems: 20 }
const bytes = (text: string) => new TextEncoder().encode(text)
const parse = (text: string) => parseJson(bytes(text), limits).value
const idsOf = (text: string) => [...parseJson(bytes(text), { maxJsonDepth: 9, maxJsonItems: 99 }).ids]

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

test.each<[string, [number, string][]]>([
  ['{"id":9007199254740993}', [[0, '9007199254740993']]],
  [' { "jsonrpc" : "2.0" , "id" : 1e400 } ', [[0, '1e400']]],
  ['{"id":"\\u00e9 \\/","a":{"id":2}}', [[0, '"\\u00e9 \\/"']]],
  ['{"id":"id","x":["id",3]}', [[0, '"id"']]],
  ['{"x":"id","y":3}', []],
  ['{"\\u0069d":7}', [[0, '7']]],
  ['{"i\\u0064":7,"idd":8,"ie":9}', [[0, '7']]],
  ['{"id":1,"id":2}', [[0, '2']]],
  ['{"id":{"id":[1,2]}}', [[0, '{"id":[1,2]}']]],
  [
    '["id",{"id":1},[{"id":4}],["id",5],{"params":[{"id":6},7],"id":8.0},{}]',
    [
      [1, '1'],
      [4, '8.0'],
    ],
  ],
  [
    '[{"id":"é"},{"id":null}]',
    [
      [0, '"é"'],
      [1, 'null'],
    ],
  ],
  ['{"id":"a,\\",}"}', [[0, '"a,\\",}"']]],
])('the ids of %s are found as they are written', (text, ids) => {
  expect(idsOf(text)).toEqual(ids)
})

test('the ids that are found are those that JSON.parse finds, in any text', () => {
  const seed = 0x1d5
  const random = seededRandom(seed)
  const space = () => random.pick(['', '', ' ', '\n\t'])
  const value = (depth: number): string => {
    const kind = random.below(depth > 3 ? 4 : 6)
    const inside = () => Array.from({ length: random.below(4) }, () => `${space()}${value(depth + 1)}${space()}`)
    if (kind === 0) return String(random.below(100) - 50)
    if (kind === 1) return random.pick(['"id"', '"a\\"b"', '"\\\\"', '",:{}[]"', '"\\u0069d"', '""'])
    if (kind < 4) return random.pick(['null', 'true', '1.50', '-0', '1e2'])
    if (kind === 4) return `[${inside().join(',')}]`
    const key = () => random.pick(['"id"', '"\\u0069\\u0064"', '"x"', '"i"', '"iD"'])
    const members = inside().map((member) => `${space()}${key()}${space()}:${member}`)
    return `{${members.join(',')}}`
  }
  const isRequest = (one: unknown): one is { id?: unknown } =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
  for (let round = 0; round < 5_000; round++) {
    const text = value(0)
    const parsed: unknown = JSON.parse(text)
    const expected = (Array.isArray(parsed) ? parsed : [parsed]).flatMap((request: unknown, at) =>
      isRequest(request) && Object.hasOwn(request, 'id') ? [[at, request.id]] : [],
    )
    const found = parseJson(bytes(text), { maxJsonDepth: 99, maxJsonItems: 9_999 }).ids
    expect(
      [...found].map(([at, id]) => [at, JSON.parse(id)]),
      `seed ${seed}, round ${round}: ${text}`,
    ).toEqual(expected)
  }
})
