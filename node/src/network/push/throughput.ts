/** Bytes that came lately: in the present span of time and the one before. Time is handed in, milliseconds. */
export class Throughput {
  readonly #span: number
  #began = 0
  #present = 0
  #before = 0

  constructor(span: number) {
    this.#span = span
  }

  add(now: number, bytes: number): void {
    this.#move(now)
    this.#present += bytes
  }

  /** Of the last one to two spans. */
  lately(now: number): number {
    this.#move(now)
    return this.#present + this.#before
  }

  #move(now: number): void {
    const spans = Math.floor((now - this.#began) / this.#span)
    if (spans <= 0) return
    this.#before = spans === 1 ? this.#present : 0
    this.#present = 0
    this.#began += spans * this.#span
  }
}
