/** V8's settings for a process that runs contracts. They change how long things take, never what they give. */
import { setFlagsFromString } from 'node:v8'

/**
 * V8 optimises functions of contracts on several threads at once, each with working memory of its own: up to 100 MB for one
 * function within the VM's limits (`controlValues` in vm/src/limits.ts). With one at a time that is also the most there
 * is, and the other processors stay free for consensus.
 */
const OPTIMISED_AT_ONCE = 1

/** For the whole process; to be called before the first contract runs. */
export function boundHostCompiler(): void {
  setFlagsFromString(`--wasm-num-compilation-tasks=${OPTIMISED_AT_ONCE}`)
}
