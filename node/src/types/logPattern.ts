/** Which logs somebody wants, as eth_getLogs and eth_subscribe name them. */
import { equalBytes } from '../codec/bytes.ts'
import type { Log } from './log.ts'

export interface LogPattern {
  /** Empty: any. */
  readonly addresses: readonly Uint8Array[]
  /** Position i: null for any, else one of the alternatives. */
  readonly topics: readonly (readonly Uint8Array[] | null)[]
}

/** A position's alternatives are any of, positions all of; a log with fewer topics than positions does not match. */
export function matchesLog(pattern: LogPattern, log: Log): boolean {
  if (pattern.addresses.length > 0 && !pattern.addresses.some((address) => equalBytes(address, log.address)))
    return false
  if (pattern.topics.length > log.topics.length) return false
  return pattern.topics.every(
    (alternatives, position) =>
      alternatives === null || alternatives.some((topic) => equalBytes(topic, log.topics[position]!)),
  )
}
