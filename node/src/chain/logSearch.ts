/** Logs of a range of blocks that match a filter (eth_getLogs), with each block's bloom filter asked first. */
import { bloomMayContain } from '../types/bloom.ts'
import type { Log } from '../types/log.ts'
import { matchesLog } from '../types/logPattern.ts'
import { ChainError, type LocatedLog, type LogFilter } from './chainService.ts'
import type { ChainDatabase } from './database.ts'
import { MAX_LOG_RANGE } from './limits.ts'

/** The blocks a search looks at, both ends included; none when `from` is above `to`. @throws ChainError `range-too-wide`. */
export function searchedRange(filter: LogFilter, newest: bigint): { readonly from: bigint; readonly to: bigint } {
  const from = filter.fromBlock > 0n ? filter.fromBlock : 0n
  const to = filter.toBlock < newest ? filter.toBlock : newest
  if (to - from >= MAX_LOG_RANGE) {
    throw new ChainError(
      'range-too-wide',
      `blocks ${from} to ${to} are too many to search at once; at most ${MAX_LOG_RANGE} are allowed`,
    )
  }
  return { from, to }
}

/**
 * In the order of the chain. @throws ChainError `range-too-wide`; `too-many-logs` when there are more than `limit`, and
 * `answer-too-large` when they have more than `maxBytes`: a block may hold megabytes of them, so what is found is counted
 * before it is kept.
 */
export function searchLogs(database: ChainDatabase, filter: LogFilter, newest: bigint): LocatedLog[] {
  const { from, to } = searchedRange(filter, newest)
  const found: LocatedLog[] = []
  let bytes = 0
  for (let number = from; number <= to; number++) {
    const bloom = database.bloom(number)
    if (bloom !== null && bloomAllows(bloom, filter)) bytes = searchBlock(database, number, filter, found, bytes)
  }
  return found
}

/** Gives the bytes of what was found, with those before. */
function searchBlock(
  database: ChainDatabase,
  number: bigint,
  filter: LogFilter,
  found: LocatedLog[],
  before: number,
): number {
  let bytes = before
  const head = database.header(number)
  if (head === null) return bytes
  let logIndex = 0
  for (const [transactionIndex, { receipt, transactionHash }] of database.receipts(number).entries()) {
    for (const log of receipt.logs) {
      if (matchesLog(filter, log)) {
        if (found.length >= filter.limit) throw tooManyLogs(filter)
        bytes += log.data.length
        if (bytes > filter.maxBytes) throw tooLargeLogs(filter)
        found.push({
          log: ownCopy(log),
          blockNumber: number,
          blockHash: head.hash,
          transactionHash: transactionHash.slice(),
          transactionIndex,
          logIndex,
        })
      }
      logIndex++
    }
  }
  return bytes
}

export function tooManyLogs({ limit, fromBlock, toBlock }: LogFilter): ChainError {
  return new ChainError(
    'too-many-logs',
    `more than ${limit} logs match in blocks ${fromBlock} to ${toBlock}; narrow the range, the addresses or the topics`,
  )
}

export function tooLargeLogs({ maxBytes, fromBlock, toBlock }: LogFilter): ChainError {
  return new ChainError(
    'answer-too-large',
    `the logs that match in blocks ${fromBlock} to ${toBlock} have more than ${maxBytes} bytes of data; narrow the range, the addresses or the topics`,
  )
}

/** False: surely nothing in the block matches. */
function bloomAllows(bloom: Uint8Array, { addresses, topics }: LogFilter): boolean {
  const anyIn = (alternatives: readonly Uint8Array[]) => alternatives.some((bytes) => bloomMayContain(bloom, bytes))
  if (addresses.length > 0 && !anyIn(addresses)) return false
  return topics.every((alternatives) => alternatives === null || anyIn(alternatives))
}

/** Decoded logs are views of their block's receipts, which a message to another thread would carry along whole. */
function ownCopy({ address, topics, data }: Log): Log {
  return { address: address.slice(), topics: topics.map((topic) => topic.slice()), data: data.slice() }
}
