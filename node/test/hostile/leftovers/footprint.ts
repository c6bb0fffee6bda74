/**
 * The memory and resources of a process, looked at from outside through its inspector after its heap was collected.
 */
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentBytes } from '../support/residentBytes.ts'

/** Options of Node: the inspector listens on a port of its own. */
export const INSPECTED = ['--inspect=127.0.0.1:0']

const COUNTS = `(() => {
  const { external } = process.memoryUsage()
  return JSON.stringify({ external, resources: process.getActiveResourcesInfo().length })
})()`

/** Timers of a heartbeat or an exchange are there for a moment, and were 18 of 35 in one of them. */
const MOMENTS = 5
/** Milliseconds. */
const BETWEEN_MOMENTS = 170

export interface Footprint {
  /** Of the main thread, after a full collection. Bytes. */
  readonly heap: number
  /** Memory of that heap's objects outside of it, array buffers among them. Bytes. */
  readonly external: number
  /** Handles that keep the event loop alive: sockets, timers, files, ports; the fewest of some moments. */
  readonly resources: number
  /** Null where there is no /proc. */
  readonly rss: number | null
  /** Open file descriptors, sockets among them. */
  readonly descriptors: number | null
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export class Inspector {
  readonly #pid: number
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #calls = 0

  private constructor(pid: number, socket: WebSocket) {
    this.#pid = pid
    this.#socket = socket
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    }
  }

  /**
   * @param output of the process so far, in which Node says where its inspector is
   * @throws Error when the process was not started with {@link INSPECTED}.
   */
  static async of(pid: number, output: string): Promise<Inspector> {
    const [url] = /ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/.exec(output) ?? []
    if (url === undefined) throw new Error('the process has no inspector')
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = () => reject(new Error('the inspector does not answer'))
    })
    return new Inspector(pid, socket)
  }

  async look(): Promise<Footprint> {
    await this.#call('HeapProfiler.enable')
    // Memory that finalisers let go of in the first collection goes in the second.
    for (let times = 0; times < 2; times++) await this.#call('HeapProfiler.collectGarbage')
    const { usedSize } = await this.#call<{ usedSize: number }>('Runtime.getHeapUsage')
    const { external, resources } = await this.#counts()
    let fewest = resources
    for (let moment = 1; moment < MOMENTS; moment++) {
      await sleep(BETWEEN_MOMENTS)
      fewest = Math.min(fewest, (await this.#counts()).resources)
    }
    return { heap: usedSize, external, resources: fewest, ...outside(this.#pid) }
  }

  async #counts(): Promise<{ readonly external: number; readonly resources: number }> {
    const { result } = await this.#call<{ result: { value: string } }>('Runtime.evaluate', { expression: COUNTS })
    return JSON.parse(result.value) as { external: number; resources: number }
  }

  close(): void {
    this.#socket.close()
  }

  async #call<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#calls
    this.#socket.send(JSON.stringify({ id, method, params }))
    const answer = await new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result as T
  }
}

function outside(pid: number): Pick<Footprint, 'rss' | 'descriptors'> {
  const rss = residentBytes(pid)
  try {
    return { rss, descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return { rss, descriptors: null }
  }
}
