/**
 * The operands of a function while it is lowered: what is known of each. A local or a constant that was pushed stays
 * what it is until an instruction needs it in a slot, so most instructions read locals where they are.
 */

export const IN_SLOT = 0
export const LOCAL = 1
export const CONSTANT_32 = 2
export const CONSTANT_64 = 3

export class OperandStack {
  height = 0
  kind = new Uint8Array(256)
  /** Of a local, its index; of a constant, its lower half. */
  value = new Int32Array(256)
  /** Upper half of a constant; a value that 32 bits hold with their sign is not wide. */
  high = new Int32Array(256)
  /** Operands below are all in their slots. */
  #settled = 0
  /** How many operands are each local. */
  readonly #uses: number[] = []

  clear(locals: number): void {
    this.height = 0
    this.#settled = 0
    this.#uses.length = 0
    for (let i = 0; i < locals; i++) this.#uses.push(0)
  }

  push(kind: number, value = 0, high = 0): void {
    if (this.height === this.kind.length) this.#widen()
    this.kind[this.height] = kind
    this.value[this.height] = value
    this.high[this.height] = high
    if (kind === LOCAL) this.#uses[value]!++
    this.height++
  }

  /** Leaves so many. */
  cutTo(height: number): void {
    for (let i = Math.max(height, this.#settled); i < this.height; i++) this.#forget(i)
    this.height = height
    this.#settled = Math.min(this.#settled, height)
  }

  /** Operand `i` is in its slot now. */
  settle(i: number): void {
    this.#forget(i)
    this.kind[i] = IN_SLOT
  }

  /** Calls back for all operands that are not in their slots. */
  settleAll(move: (i: number) => void): void {
    for (let i = this.#settled; i < this.height; i++) {
      if (this.kind[i] === IN_SLOT) continue
      move(i)
      this.settle(i)
    }
    this.#settled = this.height
  }

  /**
   * The same for operands that are the local, from the topmost down: as many are looked at as stand above the lowest of
   * them.
   */
  settleLocal(local: number, move: (i: number) => void): void {
    for (let i = this.height - 1; this.#uses[local]! > 0; i--) {
      if (this.kind[i] !== LOCAL || this.value[i] !== local) continue
      move(i)
      this.settle(i)
    }
  }

  /** A constant of type i64 that 32 bits do not hold with their sign. */
  isWide(i: number): boolean {
    return this.high[i] !== this.value[i]! >> 31
  }

  isUsed(local: number): boolean {
    return this.#uses[local]! > 0
  }

  /** Operands up to this height come from an outer block, all in their slots. */
  restart(height: number): void {
    this.cutTo(Math.min(this.height, height))
    while (this.height < height) this.push(IN_SLOT)
    for (let i = this.#settled; i < height; i++) if (this.kind[i] !== IN_SLOT) this.settle(i)
    this.#settled = height
  }

  #forget(i: number): void {
    if (this.kind[i] === LOCAL) this.#uses[this.value[i]!]!--
  }

  #widen(): void {
    const size = this.kind.length * 2
    const [kind, value, high] = [new Uint8Array(size), new Int32Array(size), new Int32Array(size)]
    kind.set(this.kind)
    value.set(this.value)
    high.set(this.high)
    this.kind = kind
    this.value = value
    this.high = high
  }
}
