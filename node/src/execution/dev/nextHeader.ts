/**
 * The fixed fields of the next block's header, and the choices of its proposer: the genesis', or what dev controls have
 * set.
 */
import type { Genesis } from '../../types/genesis.ts'
import type { Header } from '../../types/header.ts'
import { baseFeeAfter } from '../baseFee.ts'
import { type DevSettings, type DevSlots, readSettings } from './devStorage.ts'

export interface NextHeader {
  readonly gasLimit: bigint
  readonly baseFeePerGas: bigint
  /** Unix seconds; null: what the proposer's clock says, but not below the parent's. */
  readonly timestamp: bigint | null
  /** Seconds that the proposer adds to its clock. */
  readonly timeOffset: bigint
  /** 20 bytes; null: the proposer's own. */
  readonly miner: Uint8Array | null
}

/** Of the state after a block; null on a chain that is not in dev mode. */
export function settingsAfter(state: DevSlots, genesis: Pick<Genesis, 'dev'>): DevSettings | null {
  return genesis.dev === undefined ? null : readSettings(state)
}

/** `settings`: of the state after `parent`. */
export function nextHeader(
  parent: Header,
  genesis: Pick<Genesis, 'gasLimit' | 'baseFeePerGas'>,
  settings: DevSettings | null,
): NextHeader {
  const number = parent.number + 1n
  const baseFee = baseFeeAfter(parent, genesis)
  if (settings === null) {
    return { gasLimit: genesis.gasLimit, baseFeePerGas: baseFee, timestamp: null, timeOffset: 0n, miner: null }
  }
  const { nextBaseFee } = settings
  return {
    gasLimit: settings.gasLimit ?? genesis.gasLimit,
    baseFeePerGas: nextBaseFee.block === number ? nextBaseFee.value : baseFee,
    timestamp: timestampAfter(parent, settings),
    timeOffset: settings.timeOffset,
    miner: settings.coinbase,
  }
}

function timestampAfter(parent: Header, settings: DevSettings): bigint | null {
  const { nextTimestamp, mineUntil, mineTimestampInterval, timestampInterval } = settings
  const number = parent.number + 1n
  // The requested time was not below that of its own block, which is the parent.
  if (nextTimestamp.block === number) return nextTimestamp.value
  if (number <= mineUntil && mineTimestampInterval > 0n) return parent.timestamp + mineTimestampInterval
  return timestampInterval > 0n ? parent.timestamp + timestampInterval : null
}

/** Unix seconds: what a proposer whose clock says `clock` gives its block. */
export function timestampOf(next: NextHeader, parent: Header, clock: bigint): bigint {
  if (next.timestamp !== null) return next.timestamp
  const own = clock + next.timeOffset
  return own > parent.timestamp ? own : parent.timestamp
}
