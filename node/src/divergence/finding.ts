/**
 * Where two engines of this machine part in a block: plain data without bytes or bigints, so that it is the same in a
 * file, between threads and in JSON.
 */
import type { EngineName } from '../execution/executionConfig.ts'

/** The values of the two engines; null where one has none. */
export type EngineValues = { readonly [engine in EngineName]?: string | null }

export interface ReceiptDifference extends EngineValues {
  /** Such as `gas used` or `logs[2].topics[0]`. */
  readonly field: string
}

export interface StateField extends EngineValues {
  /** 0x and 40 digits. */
  readonly account: string
  readonly field: 'nonce' | 'balance' | 'code hash' | 'slot'
  /** Key of the slot, 0x and 64 digits; null for the other fields. */
  readonly slot: string | null
  /** Before the transaction. */
  readonly before: string
}

/** The first event of the execution that differs. */
export interface EventDifference extends EngineValues {
  /** How many events are equal before it. */
  readonly number: number
  /** The account whose frame was running, 0x and 40 digits; null where it differs, or none was. */
  readonly contract: string | null
  /** The instruction, when it is one, and the same on both. */
  readonly place: {
    readonly functionIndex: number
    readonly functionName: string | null
    /** Byte of the module. */
    readonly offset: number
    readonly instruction: string
  } | null
  /** The last events that are equal. */
  readonly before: readonly string[]
}

export interface Finding {
  /** The two that part, that of the node or of the replay first; where none do, the last two that were compared. */
  readonly engines: readonly [EngineName, EngineName]
  /** Which of the two gives what the header has. */
  readonly right: EngineName | 'both' | 'neither'
  /** All engines give the same: what made the block, or executed it here before, was none of them as they are now. */
  readonly agree: boolean
  /** In which they part. */
  readonly transaction: {
    readonly index: number
    readonly hash: string
    /** Null for a creation. */
    readonly to: string | null
  } | null
  readonly receipt: readonly ReceiptDifference[]
  /** At most MAX_STATE_DIFFERENCES. */
  readonly state: readonly StateField[]
  /** How many more there are. */
  readonly moreState: number
  /** Of the contracts as they are: what they ask of the host, and what is in their memory then. */
  readonly hostCall: EventDifference | null
  /** Of instrumented contracts, which is why it may not show what the contracts as they are do. */
  readonly instruction: EventDifference | null
  /** Remarks on facts that were not found out, or are not sure. */
  readonly remarks: readonly string[]
}

/**
 * Whether this machine or its software is at fault: its engines part, or give now what the header has and did not before.
 * Otherwise the proposer of the block is.
 */
export function isFaultHere({ agree, right }: Finding): boolean {
  return !agree || right === 'both'
}
