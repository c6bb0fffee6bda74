import { describe, expect, test } from 'vitest'
import { parseExactJson } from '../codec/exactJson.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { CodecError } from '../codec/rlp.ts'
import { ed25519PublicKey } from '../crypto/ed25519.ts'
import type { Genesis } from './genesis.ts'
import { genesisHeader, genesisToJson, MAX_ALLOC_CONTRACTS, parseGenesis } from './genesisCodec.ts'
import { decodeHeader, encodeHeader, headerHash } from './headerCodec.ts'

const key = (fill: number) => toHex(ed25519PublicKey(new Uint8Array(32).fill(fill)))
const FEES = `0x${'fe'.repeat(20)}`
const RICH = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'

const json = {
  chainId: '0x7a69',
  timestamp: 1_700_000_000,
  gasLimit: '30000000',
  baseFeePerGas: '0x3b9aca00',
  schedule: 'touchstone/1',
  validators: [
    { publicKey: key(1), power: 1, feeRecipient: FEES },
    { publicKey: key(2), power: '0x2', feeRecipient: FEES },
  ],
  alloc: { [RICH]: { balance: '10000000000000000000000' }, [`0x${'01'.repeat(20)}`]: { balance: '0x1' } },
}
const genesis = parseGenesis(json)
const STATE_ROOT = new Uint8Array(32).fill(3)

test('numbers may be hex quantities, decimal strings or safe integers', () => {
  expect(genesis).toMatchObject({
    chainId: 31337n,
    timestamp: 1_700_000_000n,
    gasLimit: 30_000_000n,
    baseFeePerGas: 10n ** 9n,
    schedule: 'touchstone/1',
  })
  expect(genesis.validators.map(({ power }) => power)).toEqual([1n, 2n])
  expect(genesis.alloc.map(({ address }) => toHex(address))).toEqual([`0x${'01'.repeat(20)}`, RICH])
  expect(genesis.alloc[1]!.balance).toBe(10_000n * 10n ** 18n)
})

test('the JSON form comes back as it was, whatever the order of its keys', () => {
  expect(parseGenesis(JSON.parse(JSON.stringify(genesisToJson(genesis))))).toEqual(genesis)
  const reordered = { ...json, alloc: Object.fromEntries(Object.entries(json.alloc).reverse()) }
  expect(parseGenesis(reordered)).toEqual(genesis)
  expect(JSON.stringify(genesisToJson(parseGenesis(reordered)))).toBe(JSON.stringify(genesisToJson(genesis)))
})

test('accounts may have a nonce, code and storage, sorted by slot', () => {
  const [one, two] = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`]
  const account = { balance: '0x0', nonce: '0x1', code: '0x0061736d', storage: { [two]: one, [one]: two } }
  const read = parseGenesis({ ...json, alloc: { [RICH]: account } })
  expect(read.alloc).toEqual([
    {
      ...{ address: fromHex(RICH), balance: 0n, nonce: 1n, code: Uint8Array.of(0, 0x61, 0x73, 0x6d) },
      storage: [
        { slot: fromHex(one), value: fromHex(two) },
        { slot: fromHex(two), value: fromHex(one) },
      ],
    },
  ])
  expect(parseGenesis(JSON.parse(JSON.stringify(genesisToJson(read))))).toEqual(read)
  expect(JSON.stringify(genesisToJson(read))).toContain(
    JSON.stringify(Object.entries(account.storage).reverse()[0]![0]),
  )
})

test('numbers in the text of a file are read to the digit', () => {
  const text = JSON.stringify({ ...json, alloc: { [RICH]: { balance: 0 } } })
  const balanceOf = (written: string) =>
    parseGenesis(parseExactJson(text.replace('"balance":0', `"balance":${written}`))).alloc[0]!.balance
  expect(balanceOf(String(2n ** 256n - 1n))).toBe(2n ** 256n - 1n)
  expect(balanceOf('9007199254740993')).toBe(9007199254740993n)
  expect(() => balanceOf('-9007199254740993')).toThrow('alloc')
})

describe('every parameter is committed by the genesis hash', () => {
  const hash = toHex(headerHash(genesisHeader(genesis, STATE_ROOT)))
  const [first, second] = genesis.validators as [Genesis['validators'][0], Genesis['validators'][0]]
  test.each<[string, Partial<Genesis>]>([
    ['chainId', { chainId: 31338n }],
    ['timestamp', { timestamp: 1n }],
    ['gasLimit', { gasLimit: 30_000_001n }],
    ['baseFeePerGas', { baseFeePerGas: 1n }],
    ['schedule', { schedule: 'touchstone/2' }],
    ['order of validators', { validators: [second, first] }],
    ['a validator less', { validators: [first] }],
    ['power', { validators: [{ ...first, power: 3n }, second] }],
    ['fee recipient', { validators: [{ ...first, feeRecipient: new Uint8Array(20) }, second] }],
  ])('%s', (_, change) => {
    expect(toHex(headerHash(genesisHeader({ ...genesis, ...change }, STATE_ROOT)))).not.toBe(hash)
  })

  test('alloc, through the state root', () => {
    expect(toHex(headerHash(genesisHeader(genesis, new Uint8Array(32))))).not.toBe(hash)
  })

  test('no parameter was forgotten', () => {
    // A new field of Genesis must be added to the hash and to the list above.
    expect(Object.keys(genesis).sort()).toEqual(
      ['alloc', 'baseFeePerGas', 'chainId', 'gasLimit', 'schedule', 'timestamp', 'validators'].sort(),
    )
  })

  test('the header of block 0 decodes like any other, and its hash is pinned', () => {
    const header = genesisHeader(genesis, STATE_ROOT)
    expect(decodeHeader(encodeHeader(header))).toEqual(header)
    expect(hash).toBe('0x997910aff57e822bf0d22a58af24c8513ddabc109239bba72dfc6b885197f24b')
  })
})

describe('errors give the JSON path', () => {
  const validator = json.validators[0]!
  const AT = `genesis.alloc["${RICH}"]`
  const SLOT = `0x${'ab'.repeat(32)}`
  const NOTHING = `0x${'00'.repeat(32)}`
  const withAccount = (account: object) => ({ ...json, alloc: { [RICH]: { balance: 1, ...account } } })
  const contractEntry = (_: unknown, index: number) =>
    [`0x${index.toString(16).padStart(40, '0')}`, { balance: 0, code: '0x00' }] as const
  test.each([
    ['not an object', [], 'genesis', 'bad-json'],
    ['null', null, 'genesis', 'bad-json'],
    ['missing', { ...json, chainId: undefined }, 'genesis.chainId', 'bad-json'],
    ['unknown key', { ...json, gaslimit: 1 }, 'genesis', 'bad-json'],
    ['chain id 0', { ...json, chainId: 0 }, 'genesis.chainId', 'out-of-range'],
    ['chain id too large', { ...json, chainId: '0x20000000000000' }, 'genesis.chainId', 'out-of-range'],
    ['float', { ...json, timestamp: 1.5 }, 'genesis.timestamp', 'bad-json'],
    ['negative', { ...json, timestamp: -1 }, 'genesis.timestamp', 'bad-json'],
    ['hex with zeros', { ...json, timestamp: '0x01' }, 'genesis.timestamp', 'bad-hex'],
    ['gas limit too low', { ...json, gasLimit: 20_000 }, 'genesis.gasLimit', 'out-of-range'],
    ['schedule', { ...json, schedule: 'No Spaces' }, 'genesis.schedule', 'bad-json'],
    ['no validators', { ...json, validators: [] }, 'genesis.validators', 'out-of-range'],
    ['validators object', { ...json, validators: {} }, 'genesis.validators', 'bad-json'],
    ['twice', { ...json, validators: [validator, validator] }, 'genesis.validators[1].publicKey', 'out-of-range'],
    [
      'small-order key',
      { ...json, validators: [{ ...validator, publicKey: `0x01${'00'.repeat(31)}` }] },
      'genesis.validators[0].publicKey',
      'out-of-range',
    ],
    ['no power', { ...json, validators: [{ ...validator, power: 0 }] }, 'genesis.validators[0].power', 'out-of-range'],
    [
      'short recipient',
      { ...json, validators: [{ ...validator, feeRecipient: '0x00' }] },
      'genesis.validators[0].feeRecipient',
      'wrong-length',
    ],
    ['no code', withAccount({ code: '0x' }), `${AT}.code`, 'wrong-length'],
    ['code that is no hex', withAccount({ code: 'wasm' }), `${AT}.code`, 'bad-hex'],
    ['code that is no text', withAccount({ code: 1 }), `${AT}.code`, 'bad-json'],
    ['nonce of EIP-2681', withAccount({ nonce: '0xffffffffffffffff' }), `${AT}.nonce`, 'out-of-range'],
    ['storage of nobody', withAccount({ balance: 0, storage: {} }), AT, 'bad-json'],
    ['slot', withAccount({ storage: { '0x01': SLOT } }), `${AT}.storage["0x01"]`, 'wrong-length'],
    ['word', withAccount({ storage: { [SLOT]: '0x01' } }), `${AT}.storage["${SLOT}"]`, 'wrong-length'],
    ['zero word', withAccount({ storage: { [SLOT]: NOTHING } }), `${AT}.storage["${SLOT}"]`, 'out-of-range'],
    [
      'slot in two cases',
      withAccount({ storage: { [SLOT]: SLOT, [SLOT.toUpperCase().replace('0X', '0x')]: SLOT } }),
      `${AT}.storage`,
      'bad-json',
    ],
    [
      'too much code',
      { ...json, alloc: Object.fromEntries(Array.from({ length: MAX_ALLOC_CONTRACTS + 1 }, contractEntry)) },
      'genesis.alloc',
      'out-of-range',
    ],
    ['bad address', { ...json, alloc: { '0x12': { balance: 1 } } }, 'genesis.alloc["0x12"]', 'wrong-length'],
    ['no hex', { ...json, alloc: { bob: { balance: 1 } } }, 'genesis.alloc["bob"]', 'bad-hex'],
    ['bare balance', { ...json, alloc: { [RICH]: 1 } }, `genesis.alloc["${RICH}"]`, 'bad-json'],
    [
      'balance too large',
      { ...json, alloc: { [RICH]: { balance: `0x1${'00'.repeat(32)}` } } },
      `genesis.alloc["${RICH}"].balance`,
      'out-of-range',
    ],
    [
      'address in two cases',
      { ...json, alloc: { [RICH]: { balance: 1 }, [RICH.toUpperCase().replace('0X', '0x')]: { balance: 1 } } },
      'genesis.alloc',
      'bad-json',
    ],
  ])('%s', (_, bad, field, code) => {
    let error: unknown
    try {
      parseGenesis(bad)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(CodecError)
    expect((error as CodecError).field).toBe(field)
    expect((error as CodecError).code).toBe(code)
  })
})

test('the validator keys of the example are what they say', () => {
  expect(genesis.validators[0]!.publicKey).toEqual(fromHex(key(1)))
})

describe('operators', () => {
  const operator = `0x${'0e'.repeat(20)}`
  const withOperators = { ...json, validators: json.validators.map((validator) => ({ ...validator, operator })) }

  test('are read and written, and change neither set hash nor the genesis without them', () => {
    const parsed = parseGenesis(withOperators)
    expect(parsed.validators.map((validator) => toHex(validator.operator!))).toEqual([operator, operator])
    expect(parseGenesis(JSON.parse(JSON.stringify(genesisToJson(parsed))))).toEqual(parsed)
    expect(genesisHeader(parsed, STATE_ROOT).extraData).toEqual(genesisHeader(genesis, STATE_ROOT).extraData)
    expect(genesis.validators.every((validator) => validator.operator === undefined)).toBe(true)
  })

  test('are of all validators or of none', () => {
    const [first, second] = withOperators.validators
    const { operator: _, ...without } = second!
    const one = { ...withOperators, validators: [first, without] }
    expect(() => parseGenesis(one)).toThrow('genesis.validators[1].operator')
    const short = { ...withOperators, validators: [first, { ...second, operator: '0x01' }] }
    expect(() => parseGenesis(short)).toThrow('genesis.validators[1].operator')
  })
})
