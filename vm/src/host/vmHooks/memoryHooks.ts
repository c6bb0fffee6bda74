/** Paying for memory. */
import { type Hook, hook } from './hook.ts'

export const memoryHooks = {
  /**
   * In Stylus the node inserts a call of this before every `memory.grow`; a module imports it to allow that, and calls
   * it with 0 itself so that linkers keep the import. So it is in a schedule whose rule for pages says so (pages.ts): the
   * engine makes the call (metering/schedule.ts), and a call by hand pays for pages that are never added. In others
   * `memory.grow` costs by the page, and a call costs its base price whatever its argument. Pages count modulo 2^16.
   */
  pay_for_memory_grow: hook('i', '', (frame, argument: number) => {
    const pages = argument & 0xffff
    if (pages !== 0 && frame.prices.pages.paysForGrowth) frame.payForGrowth(pages)
    else frame.payBase('pay_for_memory_grow')
    return undefined
  }),
} satisfies Record<string, Hook>
