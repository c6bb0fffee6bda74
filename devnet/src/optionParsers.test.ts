import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { originList } from './optionParsers.ts'

test('origins come with commas or one by one', () => {
  const first = originList('https://a.example, http://10.0.0.7:3000')
  expect(originList('http://[::1]:5173', first)).toEqual([
    'https://a.example',
    'http://10.0.0.7:3000',
    'http://[::1]:5173',
  ])
})

test.each(['', '*', 'null', 'a.example', 'https://a.example/', 'https://a.example,', 'HTTPS://a.example'])(
  '%j is no origin',
  (text) => {
    expect(() => originList(text)).toThrow(InvalidArgumentError)
    expect(() => originList(text)).toThrow('such as https://app.example')
  },
)
