import { describe, expect, it } from 'vitest'
import { type ArgumentContext, parseArguments } from './arguments.ts'

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const token = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const context: ArgumentContext = { accounts: [account], contract: (name) => (name === 'Token' ? token : null) }
const parse = (type: string, word: string, components?: { type: string; name: string }[]) =>
  parseArguments([{ type, name: 'x', ...(components && { components }) }], [word], context, 'f')[0]

describe('parseArguments', () => {
  it('holds integers to their type', () => {
    expect(parse('uint8', '255')).toBe(255n)
    expect(parse('int8', '-128')).toBe(-128n)
    expect(parse('uint256', `0x${'ff'.repeat(32)}`)).toBe(2n ** 256n - 1n)
    expect(() => parse('uint8', '256')).toThrow('uint8 x: 256 does not fit uint8 (0 to 255)')
    expect(() => parse('int8', '-129')).toThrow('does not fit int8')
    expect(() => parse('uint256', '-1')).toThrow('does not fit uint256')
  })

  it('knows accounts, deployed contracts and checksums', () => {
    expect(parse('address', '@0')).toBe(account)
    expect(parse('address', 'Token')).toBe(token)
    expect(parse('address', account.toLowerCase())).toBe(account)
    expect(() => parse('address', '@1')).toThrow('there is no account @1')
    expect(() => parse('address', 'Nobody')).toThrow('is not an address')
    expect(() => parse('address', account.replace('Fd', 'fD'))).toThrow('checksum')
  })

  it('reads bytes of the right length', () => {
    expect(parse('bytes4', '0x01020304')).toBe('0x01020304')
    expect(parse('bytes', '0x')).toBe('0x')
    expect(() => parse('bytes4', '0x0102')).toThrow('bytes4 has 4 bytes, not 2')
    expect(() => parse('bytes', '0x123')).toThrow('is not bytes')
  })

  it('reads lists and tuples from JSON', () => {
    expect(parse('uint256[]', '["1", 2, "3gwei"]')).toEqual([1n, 2n, 3_000_000_000n])
    expect(parse('uint8[2][]', '[[1,2],[3,4]]')).toEqual([
      [1n, 2n],
      [3n, 4n],
    ])
    const components = [
      { type: 'address', name: 'to' },
      { type: 'bool', name: 'yes' },
    ]
    expect(parse('tuple', '{"to":"@0","yes":true}', components)).toEqual({ to: account, yes: true })
    expect(parse('tuple', '["@0","false"]', components)).toEqual({ to: account, yes: false })
    expect(() => parse('uint8[2]', '[1]')).toThrow('has 2 items, not 1')
    expect(() => parse('uint8[]', '[1,')).toThrow('is not JSON')
    expect(() => parse('uint8[]', '[300]')).toThrow('uint8[] x[0]: 300 does not fit')
    expect(() => parse('tuple', '{"to":"@0"}', components)).toThrow('yes is missing')
  })

  it('reads numbers in JSON to the digit', () => {
    const most = 2n ** 256n - 1n
    expect(parse('uint256[]', `[9007199254740993, 1000000000000000001, ${most}, 1e18]`)).toEqual([
      9007199254740993n,
      1000000000000000001n,
      most,
      10n ** 18n,
    ])
    const components = [
      { type: 'int128', name: 'x' },
      { type: 'uint256[]', name: 'y' },
    ]
    const read = { x: -9007199254740993n, y: [9007199254740993n] }
    expect(parse('tuple', '{"x":-9007199254740993,"y":[9007199254740993]}', components)).toEqual(read)
    expect(() => parse('uint256[]', '[0.99999999999999999999]')).toThrow('is not an integer')
    expect(() => parse('uint256[]', '[1.5]')).toThrow('"1.5" is not a whole number of wei')
    expect(() => parse('uint256[]', '[[9007199254740993]]')).toThrow('expected a single value, got [9007199254740993]')
  })

  it.each([
    ['address[]', '[@0,Token]', '["@0","Token"]'],
    ['uint256[]', '(1,-2)', '[1,-2]'],
    ['uint256[][]', '[[1ether],[3]]', '[["1ether"],[3]]'],
    ['string[]', 'a,b', '["a","b"]'],
    ['string[]', '["a b", c]', '["a b", "c"]'],
    ['tuple', '{x:1, y:@0}', '{"x":1, "y":"@0"}'],
  ])('shows how %s %s is written', (type, text, meant) => {
    expect(() => parse(type, text, [{ type: 'bool', name: 'yes' }])).toThrow(
      expect.objectContaining({ kind: 'usage', hint: `did you mean '${meant}'?` }),
    )
  })

  it.each(['[1,', '[a b]', '["a]', '{x}'])('leaves %s to who wrote it', (text) => {
    expect(() => parse('string[]', text)).toThrow(expect.objectContaining({ hint: expect.stringMatching(/^quote it/) }))
  })

  it('takes no number for a text, whose digits it may not have', () => {
    for (const number of ['1.50', '1e2', '9007199254740993', 'true']) {
      expect(() => parse('string[]', `[${number}]`)).toThrow(/is not a string/)
    }
    expect(parse('string', '1.50')).toBe('1.50')
  })

  it('finds no field of a struct in what every object has', () => {
    expect(() => parse('tuple', '{}', [{ type: 'string', name: 'constructor' }])).toThrow('constructor is missing')
  })

  it('refuses fields that a struct does not have', () => {
    const components = [{ type: 'bool', name: 'yes' }]
    expect(() => parse('tuple', '{"yes":true,"no":1}', components)).toThrow('there is no field "no"')
    expect(() => parse('tuple', '[true,1]', components)).toThrow('has 1 fields (yes), not 2')
  })

  it('takes no text for what it does not say', () => {
    expect(() => parse('uint256', '1constructor')).toThrow('"1constructor" is not an amount')
    expect(() => parse('uint256', '1__proto__')).toThrow('is not an amount')
    expect(parse('string[]', '["1.0", "true"]')).toEqual(['1.0', 'true'])
    expect(() => parse('string[]', '[1.0]')).toThrow('string[] x[0]: 1 is not a string')
    expect(() => parse('string[]', '[true]')).toThrow('true is not a string')
    expect(() => parse('uint256[]', '[true]')).toThrow('"true" is not an amount')
    expect(() => parse('tuple', '{}', [{ type: 'uint256', name: 'toString' }])).toThrow('toString is missing')
    expect(() => parse('tuple', '{"yes":true,"yes":false}', [{ type: 'bool', name: 'yes' }])).toThrow('is there twice')
  })

  it('counts', () => {
    expect(() => parseArguments([{ type: 'uint256', name: 'amount' }], [], context, 'mint')).toThrow(
      'mint takes 1 argument (uint256 amount), not 0',
    )
  })
})
