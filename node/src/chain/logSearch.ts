/** Logs of a range of blocks that match a filter (eth_getLogs), with each block's bloom filter asked first. */
import { bloomMayContain } from '../types/bloom.ts'
import type { Log } from '../types/log.ts'
import { matchesLog } from '../types/logPattern.ts'
import { ChainError, type LocatedLog, type LogFilter, type LogStep } from './chainService.ts'
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
export function searchLogs(database: ChainDatabase, filter: LogFilter, newest: bigint): readonly LocatedLog[] {
  return searchSome(database, filter, newest, Number.POSITIVE_INFINITY).logs
}

/** As {@link searchLogs}, up to the block with which it has looked at `most` receipts and logs. */
export function searchSome(database: ChainDatabase, filter: LogFilter, newest: bigint, most: number): LogStep {
  const { from, to } = searchedRange(filter, newest)
  const search: Search = { filter, found: [], bytes: 0, looked: 0 }
  for (let number = from; number <= to; number++) {
    if (search.looked >= most) return { logs: search.found, next: number }
    const bloom = database.bloom(number)
    if (bloom !== null && bloomAllows(bloom, filter)) searchBlock(database, number, search)
  }
  return { logs: search.found, next: null }
}

interface Search {
  readonly filter: LogFilter
  readonly found: LocatedLog[]
  /** Of data that was found. */
  bytes: number
  /** Receipts and logs. */
  looked: number
}

function searchBlock(database: ChainDatabase, number: bigint, search: Search): void {
  const { filter, found } = search
  const head = database.header(number)
  if (head === null) return
  let logIndex = 0
  for (const [transactionIndex, { receipt, transactionHash }] of database.receipts(number).entries()) {
    search.looked += 1 + receipt.logs.length
    for (const log of receipt.logs) {
      if (matchesLog(filter, log)) {
        if (found.length >= filter.limit) throw tooManyLogs(filter)
        search.bytes += log.data.length
        if (search.bytes > filter.maxBytes) throw tooLargeLogs(filter)
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
