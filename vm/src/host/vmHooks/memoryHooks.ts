/** Paying for memory. */
import { type Hook, hook } from './hook.ts'

export const memoryHooks = {
  /**
   * In Stylus the node inserts a call of this before every `memory.grow`; a module imports it to allow that, and calls
   * it with 0 itself so that linkers keep the import. Here the instruction schedule prices `memory.grow` and pages.ts
   * the pages a transaction holds at once, so an explicit call costs its base price whatever its argument.
   */
  pay_for_memory_grow: hook('i', '', (frame) => {
    frame.payBase('pay_for_memory_grow')
    return undefined
  }),
} satisfies Record<string, Hook>
