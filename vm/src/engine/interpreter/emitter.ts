/**
 * Writes the core's instructions one after another, and fuses each with the one before where the core has an instruction
 * for both (operations.ts). Positions are in words from the start of the function.
 */
import { FOLLOWS, fused, OPPOSITES } from './operations.ts'

export class Emitter {
  words = new Int32Array(1024)
  length = 0
  /** Where instructions of the module came to stand: position and byte offset in the module, in order. */
  places = new Int32Array(512)
  placed = 0
  /** Byte offset of the instruction that is being lowered. */
  offset = 0
  /** Position of the last instruction, -1 when another must not be joined to it. */
  private last = -1
  /** Members of the last instruction. */
  private members = 0
  /**
   * The slot its last word names, where what is in it will be read once, by the instruction that takes it from the stack.
   */
  private passing = -1

  /** Begins a function. */
  begin(): void {
    this.length = 0
    this.placed = 0
    this.cut()
  }

  /** Forgets about the last instruction: a branch leads to what comes next. */
  cut(): void {
    this.last = -1
    this.passing = -1
  }

  /** The last instruction wrote the slot, and nobody has read it. */
  hasJustWritten(slot: number): boolean {
    return this.last >= 0 && this.passing === slot
  }

  /** Lets the last instruction write another slot, which may be read more than once. */
  redirect(slot: number): void {
    this.words[this.length - 1] = slot
    this.passing = -1
  }

  /** Several instructions may read the result of the last one. */
  keep(): void {
    this.passing = -1
  }

  /** Turns the comparison that was just written around; false when it was none. */
  negate(): boolean {
    const opposite = OPPOSITES[this.words[this.last]!]!
    if (opposite < 0) return false
    this.words[this.last] = opposite
    return true
  }

  /** An instruction with a result, which is read once. `slots` tells how many inputs are slots; the rest are not. */
  value(op: number, slots: number, inputs: readonly number[], result: number): void {
    this.act(op, slots, inputs)
    this.push(result)
    this.passing = result
  }

  /** An instruction without one. Where its last words begin is {@link length} less their number. */
  act(op: number, slots: number, inputs: readonly number[]): void {
    const { last, passing } = this
    this.passing = -1
    if (last >= 0) {
      for (let k = 0; k < slots && passing >= 0; k++) {
        if (inputs[k] !== passing) continue
        const both = fused(this.words[last]!, op, k)
        if (both < 0) break
        this.words[last] = both
        this.length--
        this.place(last + this.members++)
        for (let i = 0; i < inputs.length; i++) if (i !== k) this.push(inputs[i]!)
        return
      }
      const both = fused(this.words[last]!, op, FOLLOWS)
      if (both >= 0) {
        this.words[last] = both
        this.place(last + this.members++)
        this.pushAll(inputs)
        return
      }
    }
    this.last = this.length
    this.members = 1
    this.place(this.length)
    this.push(op)
    this.pushAll(inputs)
  }

  /** By index: an iterator costs more than the rest where V8 has not optimised it. */
  private pushAll(inputs: readonly number[]): void {
    for (let i = 0; i < inputs.length; i++) this.push(inputs[i]!)
  }

  push(word: number): void {
    if (this.length === this.words.length) this.words = wider(this.words)
    this.words[this.length++] = word
  }

  private place(position: number): void {
    if (this.placed + 2 > this.places.length) this.places = wider(this.places)
    this.places[this.placed++] = position
    this.places[this.placed++] = this.offset
  }
}

function wider(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const result = new Int32Array(list.length * 2)
  result.set(list)
  return result
}
