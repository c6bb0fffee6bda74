/** eth_getLogs and the log filters: a range of blocks searched in steps, or one block. */
import { type BlockReference, ChainError, type LocatedLog } from '../../chain/chainService.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { type LogPattern, matchesLog } from '../../types/logPattern.ts'
import type { RpcBackend } from '../backend.ts'
import type { LogQuery } from '../decode/logFilter.ts'
import { invalidParams, limitExceeded, responseTooLarge, unknownBlock } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import { leastLogLength } from '../views/log.ts'
import { expectRoomFor } from '../views/receipt.ts'
import type { Blocks } from './blocks.ts'
import { stopIfOver } from './context.ts'

/** Where logs are searched. */
export interface LogSource {
  readonly backend: Pick<RpcBackend, 'chain'>
  readonly limits: Pick<RpcLimits, 'maxLogRange' | 'maxLogs' | 'logRangeStep' | 'maxResponseLength'>
  readonly blocks: Pick<Blocks, 'executed'>
  readonly isOver: () => boolean
}

/** @throws RpcError for an unknown block hash, a range too wide, too many logs. */
export async function searchLogs(source: LogSource, query: LogQuery): Promise<readonly LocatedLog[]> {
  if (query.blockHash !== undefined) {
    const logs = await logsOfBlock(source, { hash: query.blockHash }, query)
    if (logs === null) throw unknownBlock(toHex(query.blockHash))
    expectRoomFor(
      logs.map(({ log }) => log),
      source.limits,
    )
    return logs
  }
  const head = source.backend.chain.head().header.number
  const from = heightOf(query.fromBlock ?? 'latest', head)
  const to = heightOf(query.toBlock ?? 'latest', head)
  // Only a number can be wrong: from the block after the head to "latest" is how clients poll, and empty.
  if (from > to && typeof query.toBlock === 'object') {
    throw invalidParams(`fromBlock ${toQuantity(from)} is after toBlock ${toQuantity(to)}`)
  }
  const last = to < head ? to : head
  const { maxLogRange, maxLogs } = source.limits
  if (last - from >= BigInt(maxLogRange)) {
    throw limitExceeded(`block range too wide: ${last - from + 1n} blocks, at most ${maxLogRange} (maxLogRange)`)
  }
  const logs = await logsOfRange(source, query, from, last)
  if (logs === 'too-large') throw responseTooLarge(source.limits.maxResponseLength)
  if (logs === 'too-many') {
    throw limitExceeded(
      `query returned more than ${maxLogs} results (maxLogs); narrow the block range, the addresses or the topics`,
    )
  }
  return logs
}

/** `too-many`: more than `maxLogs`; `too-large`: a text longer than `maxResponseLength`. An empty range gives none. */
export async function logsOfRange(
  source: LogSource,
  { addresses, topics }: LogPattern,
  from: bigint,
  to: bigint,
): Promise<readonly LocatedLog[] | 'too-many' | 'too-large'> {
  const { maxLogs, logRangeStep, maxResponseLength } = source.limits
  const found: LocatedLog[] = []
  let length = 0
  for (let start = from; start <= to; start += BigInt(logRangeStep)) {
    stopIfOver(source, 'the search', `block ${start}`)
    const end = start + BigInt(logRangeStep) - 1n
    try {
      const logs = await source.backend.chain.logs({
        fromBlock: start,
        toBlock: end < to ? end : to,
        addresses,
        topics,
        limit: maxLogs - found.length,
        // A byte is two hex digits.
        maxBytes: Math.floor((maxResponseLength - length) / 2),
      })
      for (const located of logs) {
        length += leastLogLength(located.log)
        found.push(located)
      }
    } catch (error) {
      if (!(error instanceof ChainError)) throw error
      if (error.code === 'too-many-logs') return 'too-many'
      if (error.code === 'answer-too-large') return 'too-large'
      throw error
    }
    if (length > maxResponseLength) return 'too-large'
  }
  return found
}

/** Null for an unknown block. As many as there are: a block's gas bounds them. */
export async function logsOfBlock(
  source: LogSource,
  at: BlockReference,
  pattern: LogPattern,
): Promise<readonly LocatedLog[] | null> {
  const block = await source.blocks.executed(at)
  return block === null ? null : block.logs().filter(({ log }) => matchesLog(pattern, log))
}

export function heightOf(at: BlockReference, head: bigint): bigint {
  if (at === 'latest') return head
  if (at === 'earliest') return 0n
  if ('hash' in at) throw new Error('heightOf: a log range has no hashes')
  return at.number
}
