/**
 * Solidity's `mapping`: the value of key k of the mapping at slot p is at keccak256(h(k) || p), where h pads value types
 * to 32 bytes and leaves strings and bytes as they are.
 */

import { bodySize, isDynamic, writeBody } from '../abi/codec'
import { copyWord, keccakWord, loadWord64 } from '../words'
import { ENTRY_BYTES, entryOf } from './slot'
import { clearValue, loadValue, saveValue } from './value'

/**
 * A field of a contract; every key has zero at first.
 *
 * @example
 * ```ts
 * @contract
 * export class Book {
 *   @view entries: Mapping<Address, Mapping<string, U256>>
 *
 *   @external write(name: string, value: U256): void {
 *     this.entries[msg.sender][name] = value
 *   }
 * }
 * ```
 */
@final
@unmanaged
export class Mapping<K, V> {
  /** The value of a key; zero for a key that was never set. */
  @operator('[]')
  get(key: K): V {
    return loadValue<V>(this.slotOf(key), 0)
  }

  @operator('[]=')
  set(key: K, value: V): void {
    saveValue<V>(this.slotOf(key), 0, value)
  }

  /** Sets the value of a key to zero. */
  delete(key: K): void {
    clearValue<V>(this.slotOf(key), 0)
  }

  /** Pointer to the 32-byte key of the slot where the value of `key` starts. */
  slotOf(key: K): usize {
    if (isDynamic<K>()) {
      const at = __alloc(bodySize<K>(key) + 32)
      writeBody<K>(key, at)
      const length = <i32>loadWord64(at)
      copyWord(at + 32 + length, changetype<usize>(this))
      return keccakWord(at + 32, length + 32)
    }
    const at = __alloc(ENTRY_BYTES)
    writeBody<K>(key, at)
    copyWord(at + 32, changetype<usize>(this))
    return entryOf(at)
  }

  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): Mapping<K, V> {
    return changetype<Mapping<K, V>>(slot)
  }
  /** A mapping does not know its keys, so, as in Solidity, it is not cleared with what holds it. */
  __clear(slot: usize, offset: i32): void {}
}
