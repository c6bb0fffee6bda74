/**
 * While a node starts, V8 optimises no JavaScript: much of it runs often then and never again, and what compiles it are a
 * dozen megabytes of V8 and of its working memory that a node at rest needs not. How long things take depends on it, and
 * nothing else. Why it is so: docs/rationale/execution.md.
 */
import { setFlagsFromString } from 'node:v8'
import { backgroundClock, type Clock } from './clock.ts'

const FLAG = '--max-optimized-bytecode-size'
/** That of V8 itself, since before Node 20. Bytes. */
const DEFAULT_BYTES = 60 * 1024
/** Milliseconds that it may last: a start that counts or fetches states is work for minutes. */
const LONGEST_START = 1_000

/** For the whole process. @returns what ends it, when the start is over; it ends by itself after a second. */
export function startUnoptimised(clock: Clock = backgroundClock): () => void {
  const set = (bytes: number) => setFlagsFromString(`${FLAG}=${bytes}`)
  set(0)
  let over = false
  const end = () => {
    if (!over) set(DEFAULT_BYTES)
    over = true
  }
  clock.after(LONGEST_START, end)
  return end
}
