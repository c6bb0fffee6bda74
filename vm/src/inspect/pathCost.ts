/**
 * The cheapest way through a function, in one pass over its instructions. Blocks nest and costs are not negative, so
 * a branch back to a loop never makes a way cheaper and is left out; all others go forward, and the cost of a label is
 * known when its block ends.
 */

interface OpenBlock {
  readonly loop: boolean
  /** Cost of the cheapest way found to its end. */
  end: number
  /** For an `if` without an else so far: the cost of its condition being false. */
  otherwise: number | null
}

export class PathCost {
  #here: number
  readonly #open: OpenBlock[] = [{ loop: false, end: Number.POSITIVE_INFINITY, otherwise: null }]

  /** @param entry cost of entering the function */
  constructor(entry: number) {
    this.#here = entry
  }

  /** Blocks open, the function itself not counted. */
  get depth(): number {
    return this.#open.length - 1
  }

  /** Loops among them. */
  loops = 0

  add(cost: number): void {
    this.#here += cost
  }

  enter(kind: 'block' | 'loop' | 'if'): void {
    const otherwise = kind === 'if' ? this.#here : null
    if (kind === 'loop') this.loops++
    this.#open.push({ loop: kind === 'loop', end: Number.POSITIVE_INFINITY, otherwise })
  }

  /** `else`, and the catches of a refused `try`, which are taken to be reached from nowhere. */
  middle(): void {
    const block = this.#open.at(-1)!
    block.end = Math.min(block.end, this.#here)
    this.#here = block.otherwise ?? Number.POSITIVE_INFINITY
    block.otherwise = null
  }

  /** Gives the function's cheapest way when its last block ended, Infinity when none returns; otherwise null. */
  end(): number | null {
    const block = this.#open.pop()!
    if (block.loop) this.loops--
    this.#here = Math.min(this.#here, block.end, block.otherwise ?? Number.POSITIVE_INFINITY)
    return this.#open.length === 0 ? this.#here : null
  }

  branch(depth: number): void {
    const block = this.#open[this.#open.length - 1 - depth]
    if (block !== undefined && !block.loop) block.end = Math.min(block.end, this.#here)
  }

  /** `return`, and tail calls: the rest is the callee's. */
  leave(): void {
    this.branch(this.#open.length - 1)
    this.stop()
  }

  /** Notes that only branches reach the code from here on. */
  stop(): void {
    this.#here = Number.POSITIVE_INFINITY
  }
}
