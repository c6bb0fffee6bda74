/** The ABI encoder and decoder against viem's on seeded values of every kind of type, and on bytes that are no encoding. */

import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  bytesToHex,
  concat,
  decodeEventLog,
  encodeAbiParameters,
  encodeFunctionData,
  encodeFunctionResult,
  getAddress,
  type Hex,
  keccak256,
  pad,
  slice,
  stringToHex,
  toFunctionSelector,
  toHex,
} from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { BUILD_TIMEOUT, buildFixture } from './fixtures.ts'
import { describeFailure, TestChain, type TestContract } from './testChain.ts'

let contract: TestContract
let abi: Abi
beforeAll(async () => {
  contract = new TestChain().deploy(await buildFixture('codec'))
  abi = contract.artifact.abi as Abi
}, BUILD_TIMEOUT)

const TEXTS = [
  '',
  'a',
  'plain text',
  'ümläut',
  '日本語',
  '🦀🪙',
  'x'.repeat(31),
  'x'.repeat(32),
  'ж'.repeat(33),
  '\u0000',
  '\uffff',
]

function randomValue(type: AbiParameter, random: Random): unknown {
  const { type: name } = type
  const components = 'components' in type ? type.components : []
  if (name.endsWith('[]')) {
    const element = { ...type, type: name.slice(0, -2) } as AbiParameter
    return Array.from({ length: random.below(4) }, () => randomValue(element, random))
  }
  if (name === 'tuple') return Object.fromEntries(components.map((c) => [c.name, randomValue(c, random)]))
  if (name === 'string') return random.pick(TEXTS)
  if (name === 'bytes') return bytesToHex(random.bytes(random.pick([0, 1, 31, 32, 33, 70])))
  if (name === 'bool') return random.below(2) === 1
  if (name === 'address') return getAddress(bytesToHex(random.bytes(20)))
  const fixed = /^bytes(\d+)$/.exec(name)
  if (fixed !== null) return bytesToHex(random.bytes(Number(fixed[1])))
  const bits = Number(/\d+$/.exec(name)?.[0])
  const value = random.bigint(bits)
  const number = name.startsWith('int') && value >> BigInt(bits - 1) ? value - (1n << BigInt(bits)) : value
  return bits <= 48 ? Number(number) : number
}

describe('encoding and decoding', () => {
  it('gives back what viem sent, byte for byte as viem encodes it', () => {
    const random = seededRandom(11)
    const same = (items: readonly AbiParameter[]) =>
      JSON.stringify(items, (key, value) => (key === 'name' || key === 'internalType' ? undefined : value))
    const echoes = abi.filter(
      (item): item is AbiFunction => item.type === 'function' && same(item.inputs) === same(item.outputs),
    )
    expect(echoes.length).toBe(29)
    for (let round = 0; round < 12; round++) {
      for (const { name: functionName, inputs } of echoes) {
        const args = inputs.map((input) => randomValue(input, random))
        const sent = contract.trySend(functionName, args)
        const result = args.length === 1 ? args[0] : args
        const expected = encodeFunctionResult({ abi, functionName, result: result as never })
        expect({ functionName, args, output: sent.output, message: sent.message }).toEqual({
          functionName,
          args,
          output: expected,
          message: null,
        })
      }
    }
  })

  it('by hand gives what abi.encode gives', () => {
    const random = seededRandom(12)
    const { inputs } = abi.find((item) => item.type === 'function' && item.name === 'wrapper') as AbiFunction
    for (let i = 0; i < 10; i++) {
      const value = randomValue(inputs[0] as AbiParameter, random)
      expect(contract.send('roundTrip', [value])).toBe(encodeAbiParameters(inputs, [value]))
    }
  })

  it('widens and keeps the sign of small integers', () => {
    expect(contract.send('unsigned', [255, 65535, 4294967295, 2n ** 64n - 1n, 2n ** 256n - 1n])).toEqual([
      255n,
      65535n,
      4294967295n,
      2n ** 64n - 1n,
      2n ** 256n - 1n,
    ])
    for (const [name, bits] of [
      ['i8s', 8n],
      ['i16s', 16n],
      ['i32s', 32n],
      ['i64s', 64n],
    ] as const) {
      for (const value of [-1n, -(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]) {
        expect(BigInt(contract.send(name, [bits === 64n ? value : Number(value)]) as number)).toBe(value)
      }
    }
  })
})

/** Sends raw argument bytes; the reason of the revert, or `ok`. */
function sendRaw(functionName: string, args: Hex): string {
  const { inputs } = abi.find((item) => item.type === 'function' && item.name === functionName) as AbiFunction
  const selector = toFunctionSelector({
    type: 'function',
    name: functionName,
    inputs,
    outputs: [],
    stateMutability: 'pure',
  })
  const sent = contract.chain.send(contract.address, concat([selector, args]))
  return sent.kind === 'success' ? 'ok' : describeFailure(contract.artifact, sent)
}

const word = (value: bigint | number) => pad(toHex(value), { size: 32 })
const INVALID = 'Error(invalid ABI encoding)'

describe('strictness', () => {
  it('refuses dirty upper bits of every narrow type', () => {
    for (const [name, bits] of [
      ['u8s', 8n],
      ['u16s', 16n],
      ['u32s', 32n],
      ['u64s', 64n],
      ['bools', 1n],
      ['addresses', 160n],
    ] as const) {
      expect([name, sendRaw(name, word((1n << bits) - 1n))]).toEqual([name, 'ok'])
      for (const bit of [bits, bits + 7n, 191n, 200n, 255n]) {
        if (bit >= bits) expect([name, bit, sendRaw(name, word(1n << bit))]).toEqual([name, bit, INVALID])
      }
    }
    for (const [name, bits] of [
      ['i8s', 8n],
      ['i16s', 16n],
      ['i32s', 32n],
      ['i64s', 64n],
    ] as const) {
      const negative = (1n << 256n) - 1n
      expect(sendRaw(name, word(negative))).toBe('ok')
      // The sign bit alone is too large as a positive number; a sign extension with one bit missing is nothing.
      expect(sendRaw(name, word(1n << (bits - 1n)))).toBe(INVALID)
      expect(sendRaw(name, word(negative ^ (1n << 255n)))).toBe(INVALID)
      expect(sendRaw(name, word(negative ^ (1n << bits)))).toBe(INVALID)
    }
    expect(sendRaw('bytes4s', `0xaabbccdd${'00'.repeat(28)}`)).toBe('ok')
    expect(sendRaw('bytes4s', `0xaabbccdd${'00'.repeat(27)}01`)).toBe(INVALID)
    expect(sendRaw('bytes4s', `0xaabbccdd01${'00'.repeat(27)}`)).toBe(INVALID)
    expect(sendRaw('bytes31s', `0x${'aa'.repeat(31)}01`)).toBe(INVALID)
  })

  it('refuses calldata that ends too early, wherever it is cut', () => {
    const random = seededRandom(13)
    const { inputs } = abi.find((item) => item.type === 'function' && item.name === 'wrapper') as AbiFunction
    const value = {
      paths: [{ name: 'n', points: [{ x: 1n, y: -1n }], closed: true, tags: [['t', 'u']] }],
      origin: { x: 2n, y: 3n },
    }
    const encoded = encodeAbiParameters(inputs, [value])
    expect(sendRaw('wrapper', encoded)).toBe('ok')
    const bytes = (encoded.length - 2) / 2
    for (let cut = 0; cut < 40; cut++) {
      // As in Solidity, only the padding after the last string may be missing.
      const length = random.below(bytes - 31)
      expect([length, sendRaw('wrapper', length === 0 ? '0x' : slice(encoded, 0, length))]).toEqual([length, INVALID])
    }
  })

  it('refuses offsets and lengths that point outside', () => {
    for (const bad of [1n << 255n, 1n << 64n, 1n << 63n, 1n << 32n, 1n << 31n, 0xffffffffn, 97n, 96n]) {
      expect([bad, sendRaw('strings', concat([word(bad), word(1), pad('0x61', { dir: 'right', size: 32 })]))]).toEqual([
        bad,
        INVALID,
      ])
    }
    for (const bad of [1n << 255n, 1n << 64n, 1n << 63n, 1n << 32n, 1n << 31n, 0x7fffffffn, 33n]) {
      expect([bad, sendRaw('strings', concat([word(32), word(bad), word(0)]))]).toEqual([bad, INVALID])
      expect([bad, sendRaw('numbers', concat([word(32), word(bad), word(0)]))]).toEqual([bad, INVALID])
      expect([bad, sendRaw('nested', concat([word(32), word(1), word(bad), word(0)]))]).toEqual([bad, INVALID])
    }
  })

  it('refuses strings that are not UTF-8, wherever they come in', () => {
    const bad = [
      '0x80',
      '0xc0af',
      '0xc1bf',
      '0xe08080',
      '0xe09fbf',
      '0xeda080',
      '0xedbfbf',
      '0xf0808080',
      '0xf4908080',
      '0xf5808080',
      '0xff',
      '0xc3',
      '0xe282',
      '0xf09f98',
      '0x41c3',
    ] as const
    for (const bytes of bad) {
      const arg = encodeAbiParameters([{ type: 'bytes' }], [bytes])
      expect([bytes, sendRaw('strings', arg)]).toEqual([bytes, INVALID])
      expect(sendRaw('blobs', arg)).toBe('ok')
      expect(sendRaw('texts', arg)).toBe('Error(not valid UTF-8)')
    }
    for (const text of ['\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff', '\u{10000}\u{10ffff}']) {
      expect(contract.send('strings', [text])).toBe(text)
      expect(contract.send('texts', [stringToHex(text)])).toBe(text)
    }
  })

  it('survives random bytes as arguments', () => {
    const random = seededRandom(14)
    for (let i = 0; i < 150; i++) {
      const words = Array.from({ length: 1 + random.below(12) }, () =>
        word(random.below(4) ? BigInt(32 * random.below(12)) : random.bigint(256)),
      )
      const result = sendRaw(
        random.pick(['wrapper', 'path', 'nested', 'deep', 'points', 'mixed', 'blobsOf']),
        concat(words),
      )
      expect(['ok', INVALID]).toContain(result)
    }
  })
})

describe('events and errors', () => {
  it('index values as words, strings and bytes as hashes', () => {
    const name = 'ein Name länger als zweiunddreißig Bytes, um sicher zu gehen'
    const { logs } = contract.trySend('log', [7, name, '0x010203', 99n])
    expect(logs.length).toBe(1)
    expect(logs[0]?.topics).toEqual([
      keccak256(stringToHex('Simple(uint32,string,bytes,uint256)')),
      word(7),
      keccak256(stringToHex(name)),
      keccak256('0x010203'),
    ])
    expect(logs[0]?.data).toBe(word(99))
  })

  it('carry strings, structs and nothing at all', () => {
    const path = { name: 'p', points: [{ x: 1n, y: -2n }], closed: false, tags: [[], ['z']] }
    const { logs } = contract.trySend('logRich', ['text', path, '0xcafebabe'])
    const [rich, empty] = logs.map((log) =>
      decodeEventLog({ abi, data: log.data, topics: log.topics as [Hex, ...Hex[]] }),
    )
    expect(rich).toEqual({ eventName: 'Rich', args: { text: 'text', path, who: '0xcafebabe' } })
    expect(empty?.eventName).toBe('Empty')
    expect(logs[1]).toMatchObject({ topics: [keccak256(stringToHex('Empty()'))], data: '0x' })
    const sent = contract.trySend('fail', [3, 'm', path])
    const { inputs } = abi.find((item) => item.type === 'error' && item.name === 'Detailed') as AbiFunction
    const selector = slice(
      keccak256(stringToHex('Detailed(uint8,string,(string,(uint256,int64)[],bool,string[][]))')),
      0,
      4,
    )
    expect(sent.output).toBe(concat([selector, encodeAbiParameters(inputs, [3, 'm', path])]))
  })
})

it('needs no more than what is sent', () => {
  // Extra bytes at the end are allowed, as in Solidity.
  const data = concat([encodeFunctionData({ abi, functionName: 'u8s', args: [1] }), '0xffff'])
  expect(contract.chain.send(contract.address, data).output).toBe(word(1))
})
