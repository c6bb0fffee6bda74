/**
 * Printing while a contract is developed: the modules `console` and `debug`, which shipped contracts still import
 * (docs/protocol/vm_hooks.md). They work on every network, print through the environment, and are priced as data read,
 * so that a node's log cannot be flooded for free. The f32 and f64 variants have floats in their signatures, which the
 * float policy of this ABI refuses at validation.
 */
import { type Hook, hook } from './hook.ts'
import type { HookFrame } from './hookFrame.ts'
import { readInk } from './prices.ts'

/** UTF-8 takes at most three bytes for each UTF-16 unit it decodes to. */
const MOST_BYTES_OF_CHARACTER = 3

const print = (frame: HookFrame, value: number | bigint): void => {
  frame.payInk(frame.prices.hostCall)
  frame.environment.debug(String(value))
}

export const consoleHooks = {
  /** UTF-8; ill-formed sequences print as U+FFFD. */
  log_txt: hook('ii', '', (frame, text: number, length: number) => {
    frame.payInk(frame.prices.hostCall + readInk(frame.prices, length >>> 0))
    // That the text is in memory is a rule, what is shown of it is not: no more is decoded than that.
    frame.checkRange(text, length)
    const { environment } = frame
    const bytes = Math.min(length >>> 0, environment.debugRoom * MOST_BYTES_OF_CHARACTER)
    if (environment.debugRoom > 0) environment.debug(new TextDecoder().decode(frame.read(text, bytes)))
    return undefined
  }),
  log_i32: hook('i', '', (frame, value: number) => {
    print(frame, value)
    return undefined
  }),
  log_i64: hook('l', '', (frame, value: bigint) => {
    print(frame, value)
    return undefined
  }),
  tee_i32: hook('i', 'i', (frame, value: number) => {
    print(frame, value)
    return value
  }),
  tee_i64: hook('l', 'l', (frame, value: bigint) => {
    print(frame, value)
    return value
  }),
} satisfies Record<string, Hook>

/** Accepted so that modules link; benchmarks by wall clock have no place in a deterministic VM. */
const nothing = (): Hook =>
  hook('', '', (frame) => {
    frame.payInk(frame.prices.hostCall)
    return undefined
  })

export const debugHooks = {
  null_host: nothing(),
  start_benchmark: nothing(),
  end_benchmark: nothing(),
} satisfies Record<string, Hook>
