import { RLP } from '@ethereumjs/rlp'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bytesToBigint, concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { CodecError } from '../codec/rlp.ts'
import { setCryptoProvider, slots } from '../crypto/provider.ts'
import { bloomMayContain, logsBloom, mergeBlooms } from './bloom.ts'
import type { Log } from './log.ts'
import type { ReceiptRecord } from './receipt.ts'
import { decodeReceiptRecord, encodeReceipt, encodeReceiptRecord } from './receiptCodec.ts'

function randomLog(random: Random): Log {
  return {
    address: random.bytes(20),
    topics: Array.from({ length: random.below(5) }, () => random.bytes(32)),
    data: random.bytes(random.below(100)),
  }
}

function randomRecord(random: Random): ReceiptRecord {
  const logs = Array.from({ length: random.below(4) }, () => randomLog(random))
  const failed = random.below(2) === 0
  return {
    receipt: {
      type: random.pick([0, 1, 2] as const),
      status: failed ? 0 : 1,
      cumulativeGasUsed: random.bigint(40),
      logsBloom: logsBloom(logs),
      logs,
    },
    transactionHash: random.bytes(32),
    sender: random.bytes(20),
    contractAddress: random.below(2) === 0 ? null : random.bytes(20),
    gasUsed: random.bigint(40),
    effectiveGasPrice: random.bigint(100),
    failure: failed
      ? { message: 'reverted: schön 🙂', revertData: random.pick([null, new Uint8Array(0), random.bytes(36)]) }
      : null,
  }
}

test('records come back as they were', () => {
  for (let seed = 0; seed < 200; seed++) {
    const record = randomRecord(seededRandom(seed))
    expect(decodeReceiptRecord(encodeReceiptRecord(record)), `seed ${seed}`).toEqual(record)
  }
})

test('a stored receipt has its bloom when somebody asks, also in a message to another thread, and hashes nothing before', () => {
  const { keccak256: original } = slots
  const hash = vi.fn(original)
  setCryptoProvider({ keccak256: hash })
  onTestFinished(() => setCryptoProvider({ keccak256: original }))
  const record = randomRecord(seededRandom(3))
  const logs = Array.from({ length: 10 }, (_, seed) => randomLog(seededRandom(seed)))
  const stored = encodeReceiptRecord({ ...record, receipt: { ...record.receipt, logs } })
  hash.mockClear()
  const { receipt } = decodeReceiptRecord(stored)
  expect(receipt.logs).toEqual(logs)
  expect(hash).not.toHaveBeenCalled()
  expect(structuredClone(receipt).logsBloom).toEqual(logsBloom(logs))
  hash.mockClear()
  expect(receipt.logsBloom).toEqual(structuredClone(receipt).logsBloom)
  expect(hash).not.toHaveBeenCalled()
})

test('the consensus form is EIP-658 in an EIP-2718 envelope', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { receipt } = randomRecord(seededRandom(seed))
    const list = RLP.encode([
      receipt.status === 1 ? 1 : 0,
      receipt.cumulativeGasUsed,
      receipt.logsBloom,
      receipt.logs.map(({ address, topics, data }) => [address, [...topics], data]),
    ])
    const expected = receipt.type === 0 ? list : concatBytes(Uint8Array.of(receipt.type), list)
    expect(toHex(encodeReceipt(receipt)), `seed ${seed}`).toBe(toHex(expected))
  }
})

test('a damaged record is a CodecError or another record', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = seededRandom(seed)
    const raw = encodeReceiptRecord(randomRecord(random)).slice()
    for (let i = random.below(3); i >= 0; i--) raw[random.below(raw.length)] = random.below(256)
    try {
      decodeReceiptRecord(raw)
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(CodecError)
    }
  }
})

test('the Yellow Paper example sets bits 1323, 431 and 1319', () => {
  const address = fromHex('0x0f572e5295c57f15886f9b263e2f6d2d6c7b5ec6')
  const bloom = logsBloom([{ address, topics: [], data: new Uint8Array(0) }])
  expect(bytesToBigint(bloom)).toBe((1n << 1323n) | (1n << 431n) | (1n << 1319n))
})

test('a bloom has the addresses and topics of its logs, and the union is that of all', () => {
  expect(logsBloom([])).toEqual(new Uint8Array(256))
  for (let seed = 0; seed < 50; seed++) {
    const random = seededRandom(seed)
    const logs = Array.from({ length: 1 + random.below(5) }, () => randomLog(random))
    for (const { address, topics, data } of logs) {
      for (const item of [address, ...topics]) expect(bloomMayContain(logsBloom(logs), item)).toBe(true)
      expect(logsBloom([{ address, topics, data: new Uint8Array(0) }])).toEqual(logsBloom([{ address, topics, data }]))
    }
    expect(mergeBlooms(logs.map((log) => logsBloom([log])))).toEqual(logsBloom(logs))
  }
  const one = logsBloom([{ address: new Uint8Array(20), topics: [], data: new Uint8Array(0) }])
  const absent = Array.from({ length: 100 }, (_, i) => new Uint8Array(20).fill(i + 1))
  expect(absent.filter((address) => bloomMayContain(one, address)).length).toBeLessThan(3)
})
