/**
 * Instances of all programs that wait for their next use. A memory that was written to stays with its instance, and
 * anyone may make programs, so what all of them keep together is bounded and not only what each does: the longest idle
 * goes first. Whether there was an instance to use again changes no outcome and no price.
 */
import type { HostedModule } from './hostedModule.ts'

/** Instances of one program. */
export const MAX_IDLE = 4
/** Bytes of all idle instances of a thread, each counted with {@link INSTANCE_BYTES} besides its memory and its tables. */
export const MAX_IDLE_BYTES = 67_108_864
/** What an instance takes without its memory and its tables, roughly. */
export const INSTANCE_BYTES = 65_536
/** An element of its tables; measured: 24. Of 16 tables of 10 000 an instance has 4 MB, in the heap of its thread. */
export const TABLE_ELEMENT_BYTES = 32

export class IdlePool {
  /** In the order in which they were given back. */
  readonly #idle = new Set<HostedModule>()
  readonly #byOwner = new Map<object, HostedModule[]>()
  readonly #mostBytes: number
  bytes = 0

  constructor(mostBytes: number = MAX_IDLE_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** The one of the program that was used last. */
  take(owner: object): HostedModule | undefined {
    const hosted = this.#byOwner.get(owner)?.at(-1)
    if (hosted !== undefined) this.#remove(owner, hosted)
    return hosted
  }

  give(owner: object, hosted: HostedModule): void {
    const own = this.#byOwner.get(owner) ?? []
    if (own.length >= MAX_IDLE) return
    own.push(hosted)
    this.#byOwner.set(owner, own)
    this.#idle.add(hosted)
    this.bytes += bytesOf(hosted)
    for (const longest of this.#idle) {
      if (this.bytes <= this.#mostBytes) break
      this.#remove(longest.program, longest)
    }
  }

  /** Lets go of all instances of a program. */
  forget(owner: object): void {
    for (const hosted of [...(this.#byOwner.get(owner) ?? [])]) this.#remove(owner, hosted)
  }

  #remove(owner: object, hosted: HostedModule): void {
    const own = this.#byOwner.get(owner)!
    own.splice(own.indexOf(hosted), 1)
    if (own.length === 0) this.#byOwner.delete(owner)
    this.#idle.delete(hosted)
    this.bytes -= bytesOf(hosted)
  }
}

/** Of an instance that can be used again, whose memory is as large as at the start. */
function bytesOf({ memory, program }: HostedModule): number {
  return INSTANCE_BYTES + (memory?.size ?? 0) + TABLE_ELEMENT_BYTES * program.module.tableElements
}

/** Of this thread. */
export const idlePool = new IdlePool()
