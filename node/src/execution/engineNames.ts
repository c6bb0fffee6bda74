/** For the rooms that do not see @touchstone/vm, and for the command, which starts without loading it. */
export { ENGINE_NAMES, type EngineName } from '@touchstone/vm/engine-names'
