/**
 * Where a function's instructions are paid. A *charge* is paid when control comes to a point, and covers what must be
 * executed from there unless the function traps: the stretch up to the next branch, label or call that the host may see
 * fuel in, and what follows a block that every way leads to. The amount of a charge is known at the end of the function,
 * so the words that hold it are noted down and written then.
 */
import type { Emitter } from './emitter.ts'

/** Most that one word holds. */
const MOST_CHARGE = 2 ** 32 - 1

export interface Charge {
  fuel: number
}

export class Charging {
  readonly #emitter: Emitter
  readonly #chargeOp: number
  readonly #charges: Charge[] = []
  readonly #words: number[] = []
  /** The charge that pays for the code executed now; null where nothing can be executed. */
  current: Charge | null = null

  constructor(emitter: Emitter, chargeOp: number) {
    this.#emitter = emitter
    this.#chargeOp = chargeOp
  }

  /** The charge that callers pay on entry. */
  begin(fuel: number): Charge {
    this.#charges.length = 0
    this.#words.length = 0
    this.current = { fuel }
    return this.current
  }

  /** A new charge, which words that are told later pay. */
  open(): Charge {
    this.current = { fuel: 0 }
    return this.current
  }

  /** A new charge, paid by the word that is written next. */
  next(): Charge {
    const charge = this.open()
    this.word(charge)
    return charge
  }

  /** Writes a word that pays a charge. */
  word(charge: Charge): void {
    this.paidAt(this.#emitter.length, charge)
    this.#emitter.push(0)
  }

  /** The word at a position pays a charge. */
  paidAt(position: number, charge: Charge): void {
    this.#charges.push(charge)
    this.#words.push(position)
  }

  /** A new charge, paid by an instruction of its own. */
  instruction(): Charge {
    this.#emitter.cut()
    this.#emitter.act(this.#chargeOp, 0, [])
    const charge = this.next()
    this.#emitter.cut()
    return charge
  }

  pay(cost: number): void {
    const { current } = this
    if (current !== null && cost <= MOST_CHARGE - current.fuel) {
      current.fuel += cost
      return
    }
    let rest = cost
    // After a block that is never left at its end stands code that is valid, and never executed.
    while (rest > 0 && this.current !== null) {
      const part = Math.min(rest, Math.max(0, MOST_CHARGE - this.current.fuel))
      this.current.fuel += part
      rest -= part
      if (rest > 0) this.instruction()
    }
  }

  /** Writes the charges to their words. */
  finish(): void {
    const { words } = this.#emitter
    for (let i = 0; i < this.#words.length; i++) words[this.#words[i]!] = this.#charges[i]!.fuel
  }
}
