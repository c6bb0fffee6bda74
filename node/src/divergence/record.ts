/**
 * The record in a node's directory of a block of which it made something else than the header says: for `devnet status`, and
 * for the operator who finds the node stopped.
 */
import { ENGINE_NAMES, type EngineName } from '../execution/executionConfig.ts'
import type { FieldDifference } from './compareReceipts.ts'
import type { Explanation } from './explain.ts'

/** In the node's `dataDir`. */
export const DIVERGENCE_FILE = 'divergence.json'

export interface DivergenceRecord {
  /**
   * `certified`: more than two thirds of the validators decided the block, so that the node cannot go on and has stopped.
   * `proposal`: a validator proposed it, this one voted against it, and the fault is here: its engines part over it.
   * There is no record of a proposal that is merely wrong.
   */
  readonly kind: 'certified' | 'proposal'
  /** Height, decimal. */
  readonly block: string
  readonly hash: string
  /** The engine that this node executes blocks with. */
  readonly engine: EngineName
  /** A clause: "state root: header 0x..., ours 0x...". */
  readonly reason: string
  /** Every field of the header that is the result of execution and came out otherwise; `expected` is the header's. */
  readonly fields: readonly FieldDifference[]
  /** Null until it is found out. */
  readonly explanation: Explanation | null
}

/** Null for what is no such record: the file may have been written by another version, or by hand. */
export function divergenceRecord(json: unknown): DivergenceRecord | null {
  if (typeof json !== 'object' || json === null) return null
  const { kind, block, hash, engine, reason, fields, explanation } = json as Partial<DivergenceRecord>
  if (kind !== 'certified' && kind !== 'proposal') return null
  if (typeof block !== 'string' || !/^\d{1,20}$/.test(block) || typeof hash !== 'string') return null
  if (engine === undefined || !ENGINE_NAMES.includes(engine) || typeof reason !== 'string') return null
  const isKnown = typeof explanation === 'object' && explanation !== null && isExplanation(explanation)
  return {
    ...{ kind, block, hash, engine, reason },
    fields: Array.isArray(fields) ? fields : [],
    explanation: isKnown ? explanation : null,
  }
}

function isExplanation({ finding, trouble }: Explanation): boolean {
  if (finding === null) return typeof trouble === 'string'
  return (
    typeof finding === 'object' &&
    [finding.receipt, finding.state, finding.remarks].every((list) => Array.isArray(list)) &&
    typeof finding.agree === 'boolean' &&
    Array.isArray(finding.engines) &&
    finding.engines.every((engine) => ENGINE_NAMES.includes(engine))
  )
}
