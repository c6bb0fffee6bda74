import { describe, expect, test } from 'vitest'
import { RpcError } from '../errors.ts'
import { blockNumber, blockReference } from './blockReference.ts'
import { callMessageOf, stateOverrides, transactionRequest } from './callMessage.ts'
import type { Decoder } from './decoder.ts'
import { address, count, data, hash, quantity, slot, uint64 } from './hex.ts'

/** The message of the refusal. */
function refused<T>(decode: Decoder<T>, value: unknown): string {
  try {
    decode(value, 'it')
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError)
    expect((error as RpcError).code).toBe(-32602)
    return (error as RpcError).message
  }
  throw new Error(`${JSON.stringify(value)} was taken`)
}

const WORD = `0x${'ab'.repeat(32)}`
const ADDRESS = `0x${'cD'.repeat(20)}`

test('data and fixed data', () => {
  expect(data('0x', 'it')).toEqual(new Uint8Array(0))
  expect(data('0xAbcd', 'it')).toEqual(Uint8Array.of(0xab, 0xcd))
  expect(address(ADDRESS, 'it')).toEqual(new Uint8Array(20).fill(0xcd))
  for (const wrong of ['', '0x1', 'ab', '0xgg', '0x12 ', 1, null, undefined, {}, []]) refused(data, wrong)
  for (const wrong of [WORD, '0x', `${ADDRESS}00`, ADDRESS.slice(2)])
    expect(refused(address, wrong)).toContain('40 hex digits')
  expect(refused(hash, `0x${'1'.repeat(5_000)}`)).toContain('(5002 characters)')
})

test('quantities', () => {
  expect(uint64('0x0', 'it')).toBe(0n)
  expect(uint64('0xffffffffffffffff', 'it')).toBe(2n ** 64n - 1n)
  expect(refused(uint64, '0x10000000000000000')).toContain('below 2^64')
  for (const wrong of ['0x', '0x00', '0x01', '5', '', '-0x1', '0x-1', '0x1.', ' 0x1', null, true, 1.5, -1])
    refused(uint64, wrong)
  expect(refused(uint64, 31)).toContain('"0x1f"')
  refused(quantity(256), `0x1${'0'.repeat(100_000)}`)
})

test('counts take numbers as well', () => {
  expect([count(1, 10)('0xa', 'it'), count(1, 10)(10, 'it')]).toEqual([10, 10])
  for (const wrong of [0, 11, '0x0', '10', 1.5, Number.NaN, null]) refused(count(1, 10), wrong)
})

test('slots may leave out leading zeros', () => {
  const one = new Uint8Array(32)
  one[31] = 1
  for (const text of ['0x1', '0x01', `0x${'0'.repeat(63)}1`]) expect(slot(text, 'it')).toEqual(one)
  for (const wrong of ['0x', `0x${'0'.repeat(65)}`, '1', 1]) refused(slot, wrong)
})

describe('blocks', () => {
  test('tags, numbers, hashes and EIP-1898 objects', () => {
    for (const tag of ['latest', 'safe', 'finalized', 'pending']) expect(blockReference(tag, 'it')).toBe('latest')
    expect(blockReference('earliest', 'it')).toBe('earliest')
    expect(blockReference('0x10', 'it')).toEqual({ number: 16n })
    expect(blockReference(WORD, 'it')).toEqual({ hash: new Uint8Array(32).fill(0xab) })
    expect(blockReference({ blockHash: WORD, requireCanonical: true }, 'it')).toEqual({
      hash: new Uint8Array(32).fill(0xab),
    })
    expect(blockReference({ blockNumber: '0x1' }, 'it')).toEqual({ number: 1n })
    expect(blockReference({ blockNumber: 'latest' }, 'it')).toBe('latest')
  })

  test('what they are not', () => {
    for (const wrong of ['newest', '', 'toString', '1', 1, true, [], {}, { blockHash: '0x1' }, { blockNumber: WORD }]) {
      refused(blockReference, wrong)
    }
    refused(blockReference, { blockHash: WORD, blockNumber: '0x1' })
    refused(blockReference, { blockHash: WORD, requireCanonical: 'yes' })
    refused(blockNumber, WORD)
    expect(refused(blockReference, 'newest')).toContain('"latest", "safe"')
  })
})

describe('calls', () => {
  test('all fields, and none', () => {
    expect(transactionRequest({}, 'it')).toEqual({})
    const full = {
      from: ADDRESS,
      to: ADDRESS,
      gas: '0x5208',
      maxFeePerGas: '0x2',
      maxPriorityFeePerGas: '0x1',
      value: '0x0',
      input: '0x01',
      nonce: '0x7',
      chainId: '0x1',
      type: '0x2',
      accessList: [{ address: ADDRESS, storageKeys: [WORD] }],
      account: 'whatever else a client sends',
    }
    const decoded = transactionRequest(full, 'it')
    expect(decoded).toMatchObject({ gas: 21_000n, value: 0n, data: Uint8Array.of(1), nonce: 7n, type: 2 })
    expect(Object.keys(callMessageOf(decoded))).not.toContain('nonce')
    expect(transactionRequest({ to: null, data: '0x', input: '0x' }, 'it')).toEqual({ data: new Uint8Array(0) })
  })

  test('contradictions and fields of other transaction types', () => {
    expect(refused(transactionRequest, { data: '0x01', input: '0x02' })).toContain('differ')
    expect(refused(transactionRequest, { gasPrice: '0x1', maxFeePerGas: '0x1' })).toContain('one kind of fee')
    expect(refused(transactionRequest, { maxFeePerGas: '0x1', maxPriorityFeePerGas: '0x2' })).toContain(
      'max priority fee per gas higher than max fee per gas',
    )
    expect(refused(transactionRequest, { type: '0x3' })).toContain('it.type')
    expect(refused(transactionRequest, { blobVersionedHashes: [WORD] })).toContain('blobVersionedHashes')
    expect(refused(transactionRequest, { accessList: [{ address: ADDRESS }] })).toContain(
      'it.accessList[0].storageKeys',
    )
    expect(refused(transactionRequest, { to: '0x1' })).toContain('it.to')
  })

  test('state overrides', () => {
    const given = { [ADDRESS]: { balance: '0x1', nonce: '0x2', code: '0x03', stateDiff: { [WORD]: WORD } } }
    const word = new Uint8Array(32).fill(0xab)
    expect(stateOverrides(given, 'it')).toEqual([
      {
        address: new Uint8Array(20).fill(0xcd),
        balance: 1n,
        nonce: 2n,
        code: Uint8Array.of(3),
        stateDiff: [[word, word]],
      },
    ])
    expect(refused(stateOverrides, { '0x1': {} })).toContain('it key')
    expect(refused(stateOverrides, { [ADDRESS]: { state: {}, stateDiff: {} } })).toContain('one of them')
    expect(stateOverrides({ [ADDRESS]: { movePrecompileToAddress: ADDRESS } }, 'it')).toEqual([
      { address: new Uint8Array(20).fill(0xcd), movePrecompileTo: new Uint8Array(20).fill(0xcd) },
    ])
    expect(refused(stateOverrides, { [ADDRESS]: { movePrecompileToAddress: '0x1' } })).toContain('an address')
    refused(stateOverrides, { [ADDRESS]: null })
    refused(stateOverrides, [])
  })
})
