/**
 * Instances of all programs that wait for their next use. A memory that was written to stays with its instance, and
 * anyone may make programs, so what all of them keep together is bounded and not only what each does: the longest idle
 * goes first. Whether there was an instance to use again changes no outcome and no price.
 */

/** The instance kept for the next run of a program. */
export interface Idle {
  /** Whose it is. */
  readonly program: object
  /** Bytes it takes, roughly. May change while it waits, when another instance of its program runs. */
  readonly idleBytes: number
}

/** Instances of one program. */
export const MAX_IDLE = 4
/** Bytes of all idle instances of a thread, each counted with {@link INSTANCE_BYTES} besides its memory and its tables. */
export const MAX_IDLE_BYTES = 67_108_864
/** The memory of an instance without its pages and its tables, roughly. */
export const INSTANCE_BYTES = 65_536
/** An element of its tables; measured: 24. Of 16 tables of 10 000 an instance has 4 MB, in the heap of its thread. */
export const TABLE_ELEMENT_BYTES = 32

export class IdlePool {
  /** In the order in which they were given back, each with the bytes that it was counted with then. */
  readonly #idle = new Map<Idle, number>()
  readonly #byOwner = new Map<object, Idle[]>()
  readonly #mostBytes: number
  bytes = 0

  constructor(mostBytes: number = MAX_IDLE_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** The one of the program that was used last. */
  take<T extends Idle>(owner: object): T | undefined {
    const idle = this.#byOwner.get(owner)?.at(-1)
    if (idle !== undefined) this.#remove(owner, idle)
    return idle as T | undefined
  }

  /** To be taken by its own program, with the type it has. */
  give(owner: object, idle: Idle): void {
    const own = this.#byOwner.get(owner) ?? []
    if (own.length >= MAX_IDLE) return
    own.push(idle)
    this.#byOwner.set(owner, own)
    const bytes = idle.idleBytes
    this.#idle.set(idle, bytes)
    this.bytes += bytes
    for (const longest of this.#idle.keys()) {
      if (this.bytes <= this.#mostBytes) break
      this.#remove(longest.program, longest)
    }
  }

  /** Lets go of all instances of a program. */
  forget(owner: object): void {
    for (const idle of [...(this.#byOwner.get(owner) ?? [])]) this.#remove(owner, idle)
  }

  /**
   * Makes something that takes a memory of the host's. Where the host has no room for it, all idle instances go and it is
   * tried once more: a page of a browser has room for some hundred memories, however small, and those that nobody holds do
   * not count. @throws what the host throws.
   */
  makingRoom<T>(make: () => T): T {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof RangeError) || this.#idle.size === 0) throw error
      for (const { program } of [...this.#idle.keys()]) this.forget(program)
      return make()
    }
  }

  #remove(owner: object, idle: Idle): void {
    const own = this.#byOwner.get(owner)!
    own.splice(own.indexOf(idle), 1)
    if (own.length === 0) this.#byOwner.delete(owner)
    this.bytes -= this.#idle.get(idle)!
    this.#idle.delete(idle)
  }
}

/** Of this thread. */
export const idlePool = new IdlePool()
