/**
 * Solidity's `mapping`: the value of key k of the mapping at slot p is at keccak256(h(k) || p), where h pads value types
 * to 32 bytes and leaves strings and bytes as they are.
 */

import { bodySize, isDynamic, writeBody } from '../abi/codec'
import { copyWord, keccakWord, loadWord64 } from '../words'
import { entryOf } from './slot'
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
  /** Made by the build for a field of a contract. `slot` points to the slot's key. */
  constructor(private slot: usize) {}

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
    const at = __alloc(bodySize<K>(key) + 32)
    writeBody<K>(key, at)
    if (isDynamic<K>()) {
      const length = <i32>loadWord64(at)
      copyWord(at + 32 + length, this.slot)
      return keccakWord(at + 32, length + 32)
    }
    copyWord(at + 32, this.slot)
    return entryOf(at)
  }

  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): Mapping<K, V> {
    return new Mapping<K, V>(slot)
  }
  /** A mapping does not know its keys, so, as in Solidity, it is not cleared with what holds it. */
  __clear(slot: usize, offset: i32): void {}
}
