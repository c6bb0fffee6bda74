/** The changes that a transaction made to accounts, from the node's prestateTracer in diff mode. */
import { getAddress, type Hex } from 'viem'
import type { Known } from '../contracts/knownContracts.ts'
import { groupDigits } from '../output/groupDigits.ts'

interface AccountState {
  readonly balance?: Hex
  readonly nonce?: number
  readonly code?: Hex
  readonly storage?: Readonly<Record<Hex, Hex>>
}

export interface StateDiff {
  readonly pre: Readonly<Record<Hex, AccountState>>
  readonly post: Readonly<Record<Hex, AccountState>>
}

export interface SlotChange {
  readonly address: Hex
  readonly slot: Hex
  readonly before: Hex
  readonly after: Hex
}

const ZERO: Hex = `0x${'0'.repeat(64)}`

/** Slots by account, in the order of their keys; a slot of zeros is in neither half of a diff. */
export function slotChanges({ pre, post }: StateDiff): SlotChange[] {
  const addresses = [...new Set([...Object.keys(pre), ...Object.keys(post)])].sort() as Hex[]
  return addresses.flatMap((address) => {
    const before = pre[address]?.storage ?? {}
    const after = post[address]?.storage ?? {}
    const slots = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort() as Hex[]
    return slots.map((slot) => ({
      ...{ address: getAddress(address), slot },
      ...{ before: before[slot] ?? ZERO, after: after[slot] ?? ZERO },
    }))
  })
}

export function slotLines(changes: readonly SlotChange[], known: Known): string[] {
  if (changes.length === 0) return ['storage: no slot changed']
  let last: Hex | null = null
  return changes.flatMap(({ address, slot, before, after }) => {
    const title = address === last ? [] : [`storage of ${known.label(address)}:`]
    last = address
    return [...title, `  ${wordText(slot)}: ${wordText(before)} → ${wordText(after)}`]
  })
}

/** A small number as one, as slots of fields and counters are. */
function wordText(word: Hex): string {
  const value = BigInt(word)
  return value < 2n ** 64n ? groupDigits(value) : word
}
