/** The debug adapter on a pair of streams. */
import type { Readable, Writable } from 'node:stream'
import { DebugAdapter, type Launch } from './adapter.ts'
import { requestOf } from './adapterTypes.ts'
import { FramingError, frameMessage, readMessages } from './framing.ts'

/** Until the editor ends it, or the stream does. @throws FramingError for what is no message of the protocol. */
export async function serveDebugAdapter(launch: Launch, input: Readable, output: Writable): Promise<void> {
  const adapter = new DebugAdapter(launch, (message) => void output.write(frameMessage(message)))
  try {
    for await (const message of readMessages(input)) {
      const request = requestOf(message)
      if (request === null) throw new FramingError('an editor sends requests, and nothing else')
      if (!(await adapter.handle(request))) return
    }
  } finally {
    await adapter.end()
  }
}
