/** A binary heap: the first item by `before` is on top. */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean
  #items: T[]

  /** Takes over `items`, in linear time. */
  constructor(before: (a: T, b: T) => boolean, items: T[] = []) {
    this.#before = before
    this.#items = items
    this.#order()
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    items[0] = last
    this.#down(0)
    return top
  }

  /** Drops all others, in linear time. */
  retain(isKept: (item: T) => boolean): void {
    this.#items = this.#items.filter(isKept)
    this.#order()
  }

  #order(): void {
    for (let i = (this.#items.length >> 1) - 1; i >= 0; i--) this.#down(i)
  }

  #down(from: number): void {
    const items = this.#items
    const item = items[from]
    if (item === undefined) return
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child++
      if (!this.#before(items[child]!, item)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }
}
