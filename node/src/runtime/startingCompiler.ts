/**
 * While a node starts, V8 optimises no JavaScript: much of it runs often then and never again, and what compiles it are a
 * dozen megabytes of V8 and of its working memory that a node at rest needs not. From its first block on it compiles sooner
 * than it would by itself, as what runs then runs once for each request and each block. How long things take depends on it,
 * and nothing else. Why it is so: docs/rationale/execution.md.
 */
import { setFlagsFromString } from 'node:v8'
import { backgroundClock, type Clock } from './clock.ts'
import { optimiseNothing } from './optimiseNothing.mjs'

/** As it is in V8 itself, since before Node 20. */
const DEFAULT = '--max-optimized-bytecode-size=61440'
/** Options of V8 that Node 20 has, and every one since. */
const SOONER: readonly string[] = [
  // Machine code for each function that is called, by the compiler that only translates, and not from its eighth call on.
  '--always-sparkplug',
  // Which types a function meets is noted from its first call on, so that its first optimisation knows it.
  '--no-lazy-feedback-allocation',
  // Calls until the second compiler (of 400), and calls after the last new type until then (of 500).
  '--invocation-count-for-maglev=100',
  '--minimum-invocations-after-ic-update=100',
]
/** Milliseconds of processor time that it may last: a start that counts or fetches states is work for minutes. */
const LONGEST_START = 2_000
/** Between two looks. */
const LOOK_MS = 250

/**
 * For the whole process. @returns what ends it, when the start is over; it ends by itself after two seconds of work.
 * @param worked milliseconds of processor time so far
 */
export function startUnoptimised(clock: Clock = backgroundClock, worked = processorTime): () => void {
  optimiseNothing()
  let over = false
  const end = () => {
    if (!over) setFlagsFromString(DEFAULT)
    over = true
  }
  const look = () => {
    if (over) return
    if (worked() < LONGEST_START) clock.after(LOOK_MS, look)
    else end()
  }
  look()
  return end
}

/** For the whole process, for good: it has work to do, and is no longer a node at rest. */
export function compileSooner(): void {
  for (const option of SOONER) setFlagsFromString(option)
}

function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
