import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { authority, reachableHost } from './network/nodeConfigs.ts'
import { blockReference, host, milliseconds, originList, rpcUrl } from './optionParsers.ts'

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

test('a URL of JSON-RPC says what is missing', () => {
  expect(rpcUrl('http://[::1]:8545')).toBe('http://[::1]:8545')
  for (const text of ['127.0.0.1:22300', 'localhost:8545', '[::1]:8545']) {
    expect(() => rpcUrl(text)).toThrow(`such as http://${text}: http:// is missing.`)
  }
  expect(() => rpcUrl('ftp://x')).toThrow('such as http://127.0.0.1:8545.')
})

test('a host is an address that a URL can hold, or a name', () => {
  for (const text of ['127.0.0.1', '::1', 'fe80::1', 'localhost']) expect(host(text)).toBe(text)
  for (const text of ['fe80::1%eth0', '1.2.3', '', '[::1]']) expect(() => host(text)).toThrow(InvalidArgumentError)
})

test('URLs have IPv6 addresses in brackets, and an address that can be dialled', () => {
  const urlOf = (text: string) => new URL(`http://${authority(reachableHost(text), 8545)}`).host
  expect(['::1', '127.0.0.1', 'localhost', '0.0.0.0', '::', '0:0:0:0:0:0:0:0'].map(urlOf)).toEqual([
    '[::1]:8545',
    '127.0.0.1:8545',
    'localhost:8545',
    '127.0.0.1:8545',
    '[::1]:8545',
    '[::1]:8545',
  ])
})

test('a block is known by number, hash, or as the latest', () => {
  const hash = `0x${'Ab'.repeat(32)}`
  expect(['7', '0x7', hash, 'latest'].map(blockReference)).toEqual([7n, 7n, hash.toLowerCase(), null])
  for (const text of ['', 'newest', '-1', '0xzz'])
    expect(() => blockReference(text)).toThrow('must be latest, the number')
})

test('milliseconds are a number, or have their unit', () => {
  expect(['500', '500ms', '0500', '1.5s', '1.001s', '600s'].map(milliseconds(1, 600_000))).toEqual([
    500, 500, 500, 1_500, 1_001, 600_000,
  ])
  for (const text of ['', '0', '0ms', '601s', '600001', '0.5ms', '1.5', '0.0015s', '500 ms', '1m', '-1s', '1e3ms'])
    expect(() => milliseconds(1, 600_000)(text), text).toThrow(
      'a whole number from 1 to 600000 of milliseconds, which can be written as 500ms or 1.5s too.',
    )
})
