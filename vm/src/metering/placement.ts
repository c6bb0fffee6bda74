/** The insertions in a function's code, and their places: the outcome of placer.ts, which rewriteBody.ts writes. */
import type { CountedLoop } from './countedLoops.ts'

/** The insertions in a function: at each position, before the instruction or at it (see flowGraph.ts). */
export class Placement {
  /** Paid when the function is entered, beyond what callers have paid. */
  entryCharge = 0
  entryCheck = false
  /** Stack bytes to check on entry, above what callers have checked; 0 for no check. */
  entryStack = 0
  /** Potential of the first node. */
  entryPotential = 0
  /** Fuel that a call of the function may use without a check. */
  unchecked = 0
  /** Something is charged or checked. */
  active = false
  /** Loops to be charged for when they are entered, by the position of their `loop`. */
  readonly counted = new Map<number, CountedLoop>()
  /** 1 where something is to be inserted before or at a position; elsewhere the lists below mean nothing. */
  marks = new Uint8Array(1024)
  #marked = 0
  #markedAt = new Int32Array(64)
  before = new Float64Array(1024)
  beforeCheck = new Uint8Array(1024)
  beforeStack = new Int32Array(1024)
  at = new Float64Array(1024)
  atCheck = new Uint8Array(1024)
  atStack = new Int32Array(1024)

  clear(count: number): void {
    if (count >= this.before.length) {
      const size = count * 2
      this.marks = new Uint8Array(size)
      this.before = new Float64Array(size)
      this.beforeCheck = new Uint8Array(size)
      this.beforeStack = new Int32Array(size)
      this.at = new Float64Array(size)
      this.atCheck = new Uint8Array(size)
      this.atStack = new Int32Array(size)
    } else for (let i = 0; i < this.#marked; i++) this.marks[this.#markedAt[i]!] = 0
    this.#marked = 0
    if (this.counted.size > 0) this.counted.clear()
    this.active = false
  }

  /** Makes the lists hold for a position. */
  mark(position: number): void {
    if (this.marks[position] === 1) return
    this.marks[position] = 1
    if (this.#marked === this.#markedAt.length) {
      const wider = new Int32Array(this.#marked * 2)
      wider.set(this.#markedAt)
      this.#markedAt = wider
    }
    this.#markedAt[this.#marked++] = position
    this.before[position] = 0
    this.beforeCheck[position] = 0
    this.beforeStack[position] = 0
    this.at[position] = 0
    this.atCheck[position] = 0
    this.atStack[position] = 0
  }
}
