import { expect, test } from 'vitest'
import type { Log } from '../../types/log.ts'
import { logView } from './log.ts'
import { expectRoomFor } from './receipt.ts'

test('logs are refused by their number and bytes, and never where their text fits', () => {
  const hash = new Uint8Array(32)
  const textOf = (log: Log, index: number) =>
    logView({
      ...{ log, blockNumber: 0n, blockHash: hash, transactionHash: hash, transactionIndex: 0, logIndex: index },
    })
  const logs = (count: number, topics: number, bytes: number): Log[] =>
    Array.from({ length: count }, () => ({
      address: new Uint8Array(20),
      topics: Array<Uint8Array>(topics).fill(hash),
      data: new Uint8Array(bytes),
    }))
  for (const some of [logs(1, 0, 0), logs(10, 4, 0), logs(10, 0, 1_000), logs(1_000, 1, 32)]) {
    const { length } = JSON.stringify(some.map(textOf))
    expect(() => expectRoomFor(some, { maxResponseLength: length })).not.toThrow()
    expect(() => expectRoomFor(some, { maxResponseLength: Math.floor(0.8 * length) })).toThrow('maxResponseLength')
  }
})
