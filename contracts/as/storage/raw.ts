/** Slots by their keys, for places that somebody else's standard names (ERC-1967). Fields are kept by the build. */

import { Bytes32 } from '../bytes32'
import { readSlot, writeSlot } from './slot'

/** The word in the slot of this key. */
export function loadSlot(key: Bytes32): Bytes32 {
  return Bytes32.at(readSlot(changetype<usize>(key)))
}

export function storeSlot(key: Bytes32, value: Bytes32): void {
  writeSlot(changetype<usize>(key), changetype<usize>(value))
}
