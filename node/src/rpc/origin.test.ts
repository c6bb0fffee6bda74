import { describe, expect, test } from 'vitest'
import { callerOf, clientOf, type OriginRules, refusedContentType, refusedHost, refusedMethod } from './origin.ts'

const rules: OriginRules = { allowedHosts: ['localhost'], allowedOrigins: ['https://remix.example'] }
const kindOf = (origin: string) => callerOf(rules, { origin }, '127.0.0.1').kind

describe('callers', () => {
  test.each([
    'http://localhost',
    'http://localhost:3000',
    'https://localhost:3000',
    'http://127.0.0.1:5173',
    'http://127.1.2.3',
    'http://[::1]:8080',
    'http://app.localhost:3000',
    'https://remix.example',
  ])('%s is trusted', (origin) => expect(kindOf(origin)).toBe('trusted'))

  test.each([
    'null',
    'https://evil.example',
    'http://remix.example',
    'https://remix.example:444',
    'https://remix.example.evil.example',
    'http://localhost.evil.example',
    'http://evillocalhost',
    'http://127.0.0.1.evil.example',
    'http://localhost@evil.example',
    'http://evil.example/localhost',
    'http://localhost/',
    'http://LOCALHOST',
    'http://2130706433',
    'file://localhost',
    'chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn',
    'ftp://127.0.0.1',
    '',
    'localhost',
    '*',
  ])('%j is a page like any other', (origin) => expect(kindOf(origin)).toBe('page'))

  test('without an origin are programs, unless only a browser sends what they sent', () => {
    expect(callerOf(rules, {}, '10.0.0.7')).toEqual({ kind: 'program', name: '10.0.0.7' })
    // As fetch of Node does.
    expect(callerOf(rules, { 'sec-fetch-mode': 'cors' }, '::1').kind).toBe('program')
    expect(callerOf(rules, { 'sec-fetch-site': 'cross-site' }, '::1')).toEqual({
      kind: 'page',
      name: 'null',
      origin: 'null',
    })
  })

  test('are told apart by origin, which is cut where nobody has one as long', () => {
    expect(callerOf(rules, { origin: 'https://a.example' }, '::1').name).toBe('https://a.example')
    expect(callerOf(rules, { origin: `https://${'a'.repeat(10_000)}` }, '::1').name.length).toBe(280)
    expect(callerOf(rules, { origin: 'https://a.example' }, '::ffff:127.0.0.1').name).toBe('https://a.example')
  })

  test('of another machine are one client, whatever origins it makes up, and what they may do depends on the origin', () => {
    const names = ['https://a.example', 'http://1.localhost', 'http://2.localhost', 'https://remix.example', undefined]
    const callers = names.map((origin) => callerOf(rules, origin === undefined ? {} : { origin }, '10.0.0.7'))
    expect(callers.map(({ name }) => name)).toEqual(Array(5).fill('10.0.0.7'))
    expect(callers.map(({ kind }) => kind)).toEqual(['page', 'trusted', 'trusted', 'trusted', 'program'])
    expect(refusedMethod(callers[0]!, 'evm_x', 'control')).toContain('--allow-origin https://a.example ')
    const [one, other] = ['2001:db8:0:7::1', '2001:db8::7:1:2:3:4'].map((address) => callerOf(rules, {}, address).name)
    expect(one).toBe(other)
  })
})

test('pages of strangers take turns among themselves, and everybody else among themselves', () => {
  const groupOf = (headers: { origin?: string }) => clientOf(callerOf(rules, headers, '::1'))
  expect(groupOf({ origin: 'https://a.example' })).toEqual({ group: 'pages', name: 'https://a.example' })
  expect(groupOf({ origin: 'https://remix.example' })).toEqual({ group: 'others', name: 'https://remix.example' })
  expect(groupOf({})).toEqual({ group: 'others', name: '::1' })
})

describe('content types', () => {
  const page = callerOf(rules, { origin: 'https://evil.example' }, '::1')
  const trusted = callerOf(rules, { origin: 'http://localhost:3000' }, '::1')
  const program = callerOf(rules, {}, '::1')
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '', undefined]

  test('of pages are JSON, whoever they are', () => {
    for (const caller of [page, trusted]) {
      for (const type of [...types, 'text/plain;application/json', 'application/jsonp', 'application/json-rpc']) {
        expect(refusedContentType(caller, type), String(type)).toMatch(/^a web page must send application\/json, not /)
      }
      for (const type of [
        'application/json',
        'Application/JSON',
        'application/json; charset=utf-8',
        ' application/json ;x',
      ]) {
        expect(refusedContentType(caller, type), type).toBeNull()
      }
    }
  })

  test('of programs may be anything', () => {
    for (const type of types) expect(refusedContentType(program, type)).toBeNull()
  })
})

describe('methods', () => {
  const page = callerOf(rules, { origin: 'https://evil.example' }, '::1')

  test('that only read, or send what is signed, are for any page; the others are not, and say which option lets it', () => {
    for (const kind of ['read', 'send'] as const) expect(refusedMethod(page, 'eth_x', kind)).toBeNull()
    expect(refusedMethod(page, 'eth_sign', 'sign')).toBe(
      'unauthorized: eth_sign signs with keys of the node, and is not for pages of "https://evil.example"; to let them, start the node with --allow-origin https://evil.example (allowOrigin)',
    )
    expect(refusedMethod(page, 'debug_x', 'trace')).toMatch(/^unauthorized: debug_x traces, /)
    expect(refusedMethod(callerOf(rules, { origin: 'null' }, '::1'), 'evm_x', 'control')).toMatch(
      /evm_x controls the node, .*serve the page from this machine.*--allow-origin/,
    )
  })

  test('of any kind are for programs and for trusted pages', () => {
    for (const headers of [{}, { origin: 'http://localhost:1' }, { origin: 'https://remix.example' }]) {
      for (const kind of ['read', 'send', 'sign', 'control', 'trace'] as const) {
        expect(refusedMethod(callerOf(rules, headers, '::1'), 'eth_x', kind)).toBeNull()
      }
    }
  })
})

test('hosts are addresses, and names of the list', () => {
  for (const host of ['localhost', 'LOCALHOST:1', '10.0.0.1:8545', '[::1]:8545', undefined]) {
    expect(refusedHost(rules, host), host).toBeNull()
  }
  for (const host of ['evil.example', 'localhost.evil.example:8545', '']) {
    expect(refusedHost(rules, host), host).toContain('is not allowed')
  }
  expect(refusedHost({ ...rules, allowedHosts: '*' }, 'evil.example')).toBeNull()
})
