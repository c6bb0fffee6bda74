/** The base fee of EIP-1559: a block above half of its gas limit makes the next dearer by at most an eighth. */
import type { Genesis } from '../types/genesis.ts'
import type { Header } from '../types/header.ts'

/** EIP-1559: the gas target is the gas limit divided by this. */
export const ELASTICITY_MULTIPLIER = 2n
/** EIP-1559: bounds the change from block to block to an eighth. */
export const BASE_FEE_CHANGE_DENOMINATOR = 8n

export interface BaseFeeParent {
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Wei per gas. */
  readonly baseFeePerGas: bigint
}

/**
 * Base fee of the block after `parent`, wei per gas. Block 1 does not follow this rule: the genesis names its fee.
 */
export function nextBaseFee(parent: BaseFeeParent): bigint {
  const target = parent.gasLimit / ELASTICITY_MULTIPLIER
  const fee = parent.baseFeePerGas
  if (target === 0n || parent.gasUsed === target) return fee
  if (parent.gasUsed > target) {
    const rise = (fee * (parent.gasUsed - target)) / target / BASE_FEE_CHANGE_DENOMINATOR
    return fee + (rise > 1n ? rise : 1n)
  }
  return fee - (fee * (target - parent.gasUsed)) / target / BASE_FEE_CHANGE_DENOMINATOR
}

/** The base fee that empty blocks come down to in the end, wei per gas: an eighth of less than eight is nothing. */
export function lowestBaseFee(baseFee: bigint): bigint {
  const lowest = BASE_FEE_CHANGE_DENOMINATOR - 1n
  return baseFee < lowest ? baseFee : lowest
}

/** Base fee of the block after this one, wei per gas; that of block 1 is named by the genesis. */
export function baseFeeAfter(header: Header, genesis: Pick<Genesis, 'baseFeePerGas'>): bigint {
  return header.number === 0n ? genesis.baseFeePerGas : nextBaseFee(header)
}
