/** One direction of a link between two nodes: its shape, whether it is cut, and how much has passed. */
import { type Random, seededRandom } from '@touchstone/node/testing/random'
import { isCut, isOpen, type LinkShape, openLink } from './linkShape.ts'
import type { Direction } from './nodeNumbers.ts'

export class Line {
  readonly direction: Direction
  readonly random: Random
  /** When the line has sent what it was given, in milliseconds of the process's clock; for the bandwidth. */
  freeAt = 0
  /** Bytes handed to the receiver. */
  passed = 0
  readonly #listeners = new Set<() => void>()
  #shape: LinkShape = openLink
  #separated = false

  /** The same seed and direction give the same losses and jitter for the same pieces. */
  constructor(direction: Direction, seed: string) {
    this.direction = direction
    this.random = seededRandom(`${seed} ${direction.from}>${direction.to}`)
  }

  get shape(): LinkShape {
    return this.#shape
  }

  /** True while its ends are in different groups of a partition. */
  get separated(): boolean {
    return this.#separated
  }

  /** Nothing passes. */
  get cut(): boolean {
    return this.#separated || isCut(this.#shape)
  }

  /** Bytes pass at once. */
  get open(): boolean {
    return !this.#separated && isOpen(this.#shape)
  }

  setShape(shape: LinkShape): void {
    this.#shape = shape
    this.#changed()
  }

  setSeparated(separated: boolean): void {
    if (this.#separated === separated) return
    this.#separated = separated
    this.#changed()
  }

  /** Returns the way to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
