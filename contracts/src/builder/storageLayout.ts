/**
 * Solidity's storage layout ("Layout of State Variables in Storage and Transient Storage"): in order of declaration, base
 * contracts first; values that fit share a slot, the first at its low end; strings, bytes, mappings, arrays and
 * structs start a slot of their own, and what follows a struct starts a new one.
 *
 * `uint128 a; uint64 b; uint256 c; bool d; string e` are at slot 0, at slot 0 from byte 16 on, and at the slots 1, 2 and 3.
 */
import type { LayoutCursor, StorageType } from './model.ts'

export interface Place extends LayoutCursor {
  readonly next: LayoutCursor
}

/** Slots that a value of the type takes, from its own on; contents of strings, arrays and mappings are elsewhere. */
export function slotsOf(type: StorageType): number {
  if (type.kind === 'fixedArray') {
    const { element, length } = type
    const perSlot = element.kind === 'value' ? Math.floor(32 / element.width) : 1
    return perSlot > 1 ? Math.ceil(length / perSlot) : length * slotsOf(element)
  }
  return type.kind === 'struct' || type.kind === 'storedStruct'
    ? Math.max(1, placeMembers(type.struct.members).slots)
    : 1
}

/** The place of the next value, at `cursor` or behind it, and the place where the one after it may start. */
export function place(cursor: LayoutCursor, type: StorageType): Place {
  const fresh = cursor.offset === 0 ? cursor.slot : cursor.slot + 1
  if (type.kind !== 'value') {
    return { slot: fresh, offset: 0, next: { slot: fresh + slotsOf(type), offset: 0 } }
  }
  const fits = cursor.offset + type.width <= 32
  const slot = fits ? cursor.slot : cursor.slot + 1
  const offset = fits ? cursor.offset : 0
  const end = offset + type.width
  return { slot, offset, next: end === 32 ? { slot: slot + 1, offset: 0 } : { slot, offset: end } }
}

/** Places of a struct's members, relative to its first slot. */
export function placeMembers(members: readonly { readonly type: StorageType }[]): {
  readonly places: readonly LayoutCursor[]
  slots: number
} {
  let cursor: LayoutCursor = { slot: 0, offset: 0 }
  const places: LayoutCursor[] = []
  for (const member of members) {
    const { slot, offset, next } = place(cursor, member.type)
    places.push({ slot, offset })
    cursor = next
  }
  return { places, slots: cursor.offset === 0 ? cursor.slot : cursor.slot + 1 }
}
