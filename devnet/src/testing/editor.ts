/** An editor that speaks the Debug Adapter Protocol, for tests. */
import { PassThrough } from 'node:stream'
import { frameMessage, readMessages } from '../debug/dap/framing.ts'

// biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the test looks at
type Json = any

/** Requests are answered in order, events come in between. */
export class Editor {
  readonly input = new PassThrough()
  readonly output = new PassThrough()
  readonly events: Json[] = []
  readonly #messages = readMessages(this.output)
  #seq = 0

  async ask(command: string, args: object = {}): Promise<Json> {
    this.input.write(frameMessage({ seq: ++this.#seq, type: 'request', command, arguments: args }))
    for (;;) {
      const message = await this.#next()
      if (message.type === 'response') return message
    }
  }

  /** The next stop. */
  async stopped(): Promise<Json> {
    for (;;) {
      const at = this.events.findIndex(({ event }) => event === 'stopped' || event === 'terminated')
      if (at >= 0) return this.events.splice(0, at + 1).at(-1)
      await this.#next()
    }
  }

  async #next(): Promise<Json> {
    const { value } = await this.#messages.next()
    const message: Json = value
    if (message.type === 'event') this.events.push(message)
    return message
  }
}
