/** For who does not load @touchstone/vm. */
export { INK_PER_GAS } from '@touchstone/vm/ink'
