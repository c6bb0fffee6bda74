/** Persistent and transient storage. Keys and values are 32 bytes, big-endian by convention. */
import { type Hook, hook } from './hook.ts'
import { refusalsTrap } from './hookFrame.ts'
import { INK_PER_GAS } from './ink.ts'
import { SLOT_REQUIRED_GAS, STORAGE_CACHE_REQUIRED_GAS, STORE_REQUIRED_GAS } from './prices.ts'

export const storageHooks = {
  /** Reads a slot, through the frame's cache. */
  storage_load_bytes32: hook('ii', '', (frame, key: number, dest: number) => {
    frame.payBase('storage_load_bytes32')
    frame.requireGas(SLOT_REQUIRED_GAS + STORAGE_CACHE_REQUIRED_GAS + frame.prices.stateCall / INK_PER_GAS)
    const { value, gas } = frame.storage.load(frame.environment, frame.read(key, 32))
    frame.payGas(gas)
    frame.countSlots()
    frame.write(dest, value)
    return undefined
  }),

  /** Holds a value for a slot until the next flush. */
  storage_cache_bytes32: hook('ii', '', (frame, key: number, value: number) => {
    frame.payBase('storage_cache_bytes32')
    frame.requireGas(STORE_REQUIRED_GAS + STORAGE_CACHE_REQUIRED_GAS)
    frame.payGas(frame.storage.write(frame.read(key, 32), frame.read(value, 32)))
    frame.countSlots()
    return undefined
  }),

  /** Stores what the cache holds and storage does not; a non-zero `clear` forgets the cache afterwards. */
  storage_flush_cache: hook('i', '', (frame, clear: number) => {
    frame.payBase('storage_flush_cache')
    frame.requireGas(STORE_REQUIRED_GAS)
    refusalsTrap(() =>
      frame.storage.flush(
        frame.environment,
        clear !== 0,
        () => frame.gasLeft(),
        (gas) => frame.payGas(gas),
      ),
    )
    frame.countSlots()
    return undefined
  }),

  /** Reads a transient slot (EIP-1153). */
  transient_load_bytes32: hook('ii', '', (frame, key: number, dest: number) => {
    frame.payBase('transient_load_bytes32')
    const { value, gas } = frame.environment.transientLoad(frame.read(key, 32))
    frame.payGas(gas)
    frame.write(dest, value)
    return undefined
  }),

  /** Writes a transient slot at once (EIP-1153). */
  transient_store_bytes32: hook('ii', '', (frame, key: number, value: number) => {
    frame.payBase('transient_store_bytes32')
    const slot = frame.read(key, 32)
    const word = frame.read(value, 32)
    frame.payGas(refusalsTrap(() => frame.environment.transientStore(slot, word)).gas)
    return undefined
  }),
} satisfies Record<string, Hook>
