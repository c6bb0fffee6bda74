/** The row that every part of the benchmark reports: one operation, its price and its time. */
import type { EngineName } from '../../src/execution/executionConfig.ts'

export type Group =
  | 'mix'
  | 'instruction'
  | 'memory pattern'
  | 'host call'
  | 'storage'
  | 'transaction'
  | 'precompile'
  | 'registry'
  | 'start'
  | 'load'

export interface Row {
  readonly group: Group
  readonly name: string
  readonly engine: EngineName
  /** Price of one, what it needs around it included. */
  readonly gas: number
  /** Processor time of one, what it needs around it included: a block can hold nothing else than this. */
  readonly nanoseconds: number
  /** The operation's own time, by comparison with the same without it; null where there is no such thing. */
  readonly ownNanoseconds: number | null
  /** As above, in code that the host's optimising compiler has not seen yet; null where that makes no difference. */
  readonly firstNanoseconds?: number | null
}

export const nanosecondsPerGas = ({ gas, nanoseconds }: Row): number => nanoseconds / gas
