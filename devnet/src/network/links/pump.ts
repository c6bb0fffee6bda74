/**
 * Moves the bytes of one direction of one connection from a socket to another, as the line between them lets it: at once,
 * late, or not at all. In order always. Memory is bounded: past `MAX_QUEUED_BYTES` the source is not read, so its sender
 * feels what it would feel on a slow line.
 */
import type { Socket } from 'node:net'
import type { Line } from './line.ts'
import { hold, transmission } from './linkShape.ts'

/** Bytes under way in one direction of one connection, as a receiver's TCP window bounds them. */
export const MAX_QUEUED_BYTES = 1024 * 1024

/** `end`: the sender is done. `gone`: its socket is closed. `broken`: by an error. All wait their turn behind the bytes. */
type Ending = 'end' | 'gone' | 'broken'
type Item = { readonly at: number } & ({ readonly bytes: Uint8Array } | { readonly ending: Ending })

export class Pump {
  readonly #source: Socket
  readonly #destination: Socket
  readonly #line: Line
  readonly #stopListening: () => void
  #queue: Item[] = []
  #queuedBytes = 0
  #newest = 0
  #timer: NodeJS.Timeout | undefined
  #connected = false

  /** Nothing is handed on before `connected` is called. */
  constructor(source: Socket, destination: Socket, line: Line) {
    this.#source = source
    this.#destination = destination
    this.#line = line
    this.#stopListening = line.onChange(() => this.#handOn())
    source.on('data', (bytes: Uint8Array) => this.#take(bytes))
    source.on('end', () => this.#finish('end'))
    source.on('close', (failed) => {
      // After a reset TCP hands on nothing of what was on its way.
      if (failed) this.#drop()
      this.#finish(failed ? 'broken' : 'gone')
    })
    destination.on('drain', () => this.#handOn())
    destination.on('close', () => this.#drop())
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  connected(): void {
    this.#connected = true
    this.#handOn()
  }

  stop(): void {
    this.#stopListening()
    this.#drop()
  }

  #take(bytes: Uint8Array): void {
    if (this.#destination.destroyed) return
    if (this.#line.open && this.#connected && this.#queue.length === 0) {
      this.#write(bytes)
    } else {
      this.#queue.push({ bytes, at: this.#arrival(bytes.length) })
      this.#queuedBytes += bytes.length
      this.#handOn()
    }
    this.#readOrPause()
  }

  #finish(ending: Ending): void {
    this.#queue.push({ ending, at: this.#newest })
    this.#handOn()
  }

  /** When bytes that come in now come out. Never before what came in earlier. */
  #arrival(length: number): number {
    const now = performance.now()
    const { shape, random } = this.#line
    // At a loss of one nothing passes; waiting bytes are sent as soon as something does.
    const sentAt = Math.max(now, this.#line.freeAt) + transmission(shape, length)
    this.#line.freeAt = sentAt
    const held = shape.loss === 1 ? 0 : hold(shape, length, random)
    this.#newest = Math.max(this.#newest, sentAt + held)
    return this.#newest
  }

  #handOn(): void {
    clearTimeout(this.#timer)
    while (this.#connected && !this.#line.cut && !this.#destination.writableNeedDrain) {
      const first = this.#queue[0]
      if (first === undefined) break
      const wait = first.at - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#handOn(), wait)
        break
      }
      this.#queue.shift()
      if ('ending' in first) {
        if (first.ending === 'end') this.#destination.end()
        else if (first.ending === 'gone') this.#destination.destroySoon()
        else this.#destination.resetAndDestroy()
      } else {
        this.#queuedBytes -= first.bytes.length
        this.#write(first.bytes)
      }
    }
    this.#readOrPause()
  }

  #write(bytes: Uint8Array): void {
    if (!this.#destination.writable) return
    this.#line.passed += bytes.length
    this.#destination.write(bytes)
  }

  #readOrPause(): void {
    if (this.#source.destroyed) return
    if (this.#queuedBytes >= MAX_QUEUED_BYTES || this.#destination.writableNeedDrain) this.#source.pause()
    else this.#source.resume()
  }

  #drop(): void {
    clearTimeout(this.#timer)
    this.#queue = []
    this.#queuedBytes = 0
    this.#readOrPause()
  }
}
