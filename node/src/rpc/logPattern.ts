/** Which logs somebody wants: matching on this thread, for subscriptions and single blocks. */
import { equalBytes } from '../codec/bytes.ts'
import type { Log } from '../types/log.ts'

export interface LogPattern {
  /** Empty: any. */
  readonly addresses: readonly Uint8Array[]
  /** Position i: null for any, else one of the alternatives. */
  readonly topics: readonly (readonly Uint8Array[] | null)[]
}

export function matchesLog(pattern: LogPattern, log: Log): boolean {
  if (pattern.addresses.length > 0 && !pattern.addresses.some((address) => equalBytes(address, log.address)))
    return false
  if (pattern.topics.length > log.topics.length) return false
  return pattern.topics.every(
    (alternatives, position) =>
      alternatives === null || alternatives.some((topic) => equalBytes(topic, log.topics[position]!)),
  )
}
