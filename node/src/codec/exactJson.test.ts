import { expect, test } from 'vitest'
import { parseExactJson } from './exactJson.ts'

test.each([
  ['9007199254740991', 9007199254740991],
  ['9007199254740992', 9007199254740992n],
  ['9007199254740993', 9007199254740993n],
  ['-9007199254740993', -9007199254740993n],
  ['1000000000000000001', 1000000000000000001n],
  [String(2n ** 256n - 1n), 2n ** 256n - 1n],
  ['1e18', 10n ** 18n],
  ['1.5e18', 15n * 10n ** 17n],
  ['12.500e1', 125],
  ['1000e-3', 1],
  ['1.0', 1],
  ['-0', 0],
  ['0e999999', 0],
  ['0.1', 0.1],
  ['-1.25', -1.25],
])('the number %s is itself', (text, value) => {
  expect(parseExactJson(text)).toBe(value)
  expect(parseExactJson(`{"a": [ ${text} , ${text}]}`)).toEqual({ a: [value, value] })
})

test.each([
  '9007199254740991.4',
  '0.99999999999999999999999',
  '1e-400',
  '1e100',
  '1e99999999999999999999',
  '1'.repeat(101),
  '1'.repeat(5_000),
])('the number %s, which a double or memory would not hold, is refused', (text) => {
  expect(() => parseExactJson(text)).toThrow(SyntaxError)
})

test('all but numbers is as JSON.parse has it', () => {
  const texts = [
    '{"a":"1","1":"n2","s":"s","n3":null,"b":[true,false,{}],"":""}',
    '"\\u006e1 \\" \\\\"',
    ' [ "a" , "b:" ] ',
    '{ "k\\"" : "v" , "__proto__" : {"x":"y"} }',
    '[]',
    '"e"',
    '{"a":{"a":"1"},"b":[{"a":"2"},{"a":"3"}]}',
    '["\\\\",":"]',
  ]
  for (const text of texts) expect(parseExactJson(text)).toEqual(JSON.parse(text))
  expect(Object.hasOwn(parseExactJson('{"__proto__":1}') as object, '__proto__')).toBe(true)
})

test.each(['{"a":"1","a":"2"}', '{"a":1,"b":{},"\\u0061":2}', '[{"x":{"__proto__":1,"__proto__":2}}]'])(
  '%s, which has a key twice, is refused',
  (text) => {
    expect(() => parseExactJson(text)).toThrow(/^the key "(a|__proto__)" is there twice$/)
  },
)

test('what is no JSON is refused where it goes wrong in the text', () => {
  for (const text of ['', '{', '01', '1.', '--1', '"a', '[1,]', '1 2', 'tru']) {
    let expected: unknown
    try {
      JSON.parse(text)
    } catch (error) {
      expected = error
    }
    expect(() => parseExactJson(text)).toThrow((expected as Error).message)
  }
})

test('nesting is bounded', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(parseExactJson(nested(256))).toEqual(JSON.parse(nested(256)))
  expect(() => parseExactJson(nested(257))).toThrow('nested deeper than 256')
  expect(() => parseExactJson(nested(200_000))).toThrow('nested deeper than 256')
})
