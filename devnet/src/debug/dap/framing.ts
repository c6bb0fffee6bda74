/** Messages of the Debug Adapter Protocol on a stream: `Content-Length: N`, an empty line, N bytes of JSON. */
import type { Readable } from 'node:stream'
import { CliError } from '../../output/errors.ts'
import { MAX_DAP_HEADER_BYTES, MAX_DAP_MESSAGE_BYTES } from '../limits.ts'

/** Bytes that are no message of the protocol; nothing that comes behind it can be read. */
export class FramingError extends CliError {
  override readonly name = 'FramingError'
}

const SEPARATOR = '\r\n\r\n'

/** @throws FramingError for what is no message, or too large. */
export async function* readMessages(input: Readable): AsyncGenerator<unknown> {
  let held = Buffer.alloc(0)
  for await (const chunk of input) {
    held = Buffer.concat([held, chunk as Uint8Array])
    for (;;) {
      const message = takeMessage(held)
      if (message === null) break
      held = held.subarray(message.length)
      yield message.body
    }
  }
}

export function frameMessage(message: object): string {
  const body = JSON.stringify(message)
  return `Content-Length: ${Buffer.byteLength(body)}${SEPARATOR}${body}`
}

/** Null where it is not whole yet. */
function takeMessage(held: Buffer): { readonly body: unknown; readonly length: number } | null {
  const end = held.indexOf(SEPARATOR)
  if (end > MAX_DAP_HEADER_BYTES || (end < 0 && held.length > MAX_DAP_HEADER_BYTES))
    throw new FramingError(`the header of a message has more than ${MAX_DAP_HEADER_BYTES} bytes`)
  if (end < 0) return null
  const found = /^content-length: *(\d{1,9})$/im.exec(held.subarray(0, end).toString('latin1'))
  if (found === null) throw new FramingError('a message begins with Content-Length')
  const size = Number(found[1])
  if (size > MAX_DAP_MESSAGE_BYTES)
    throw new FramingError(`a message has ${size} bytes; at most ${MAX_DAP_MESSAGE_BYTES} are read`)
  const from = end + SEPARATOR.length
  if (held.length < from + size) return null
  try {
    return { body: JSON.parse(held.subarray(from, from + size).toString('utf8')), length: from + size }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new FramingError(`a message is no JSON: ${error.message}`)
  }
}
