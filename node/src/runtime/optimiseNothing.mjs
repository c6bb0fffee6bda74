/** For programs that wait. Plain JavaScript: the command runs it before there is anything else. */
import { setFlagsFromString } from 'node:v8'

/**
 * For the whole process, from now on: no function is small enough for V8's optimising compilers, which are megabytes of V8
 * and of working memory. How long things take depends on it, and nothing else. Why it is so: docs/rationale/execution.md.
 */
export function optimiseNothing() {
  setFlagsFromString('--max-optimized-bytecode-size=0')
}
