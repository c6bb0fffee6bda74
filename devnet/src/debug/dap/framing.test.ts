import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { CliError } from '../../output/errors.ts'
import { MAX_DAP_HEADER_BYTES, MAX_DAP_MESSAGE_BYTES } from '../limits.ts'
import { frameMessage, readMessages } from './framing.ts'

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  const input = new PassThrough()
  for (const chunk of chunks) input.write(chunk)
  input.end()
  const messages: unknown[] = []
  for await (const message of readMessages(input)) messages.push(message)
  return messages
}

describe('messages of an editor', () => {
  it('are read whole, wherever the stream cuts them', async () => {
    const bytes = Buffer.from(frameMessage({ words: 'größer' }) + frameMessage({ second: 2 }))
    for (const size of [1, 7, 4096]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, i * size + size),
      )
      expect(await read(...chunks)).toEqual([{ words: 'größer' }, { second: 2 }])
    }
  })

  it.each([
    [`Content-Length: ${MAX_DAP_MESSAGE_BYTES + 1}\r\n\r\n`, /a message has 1048577 bytes/],
    ['Content-Length: 999999999999\r\n\r\n', /begins with Content-Length/],
    ['x'.repeat(MAX_DAP_HEADER_BYTES + 1), /the header of a message has more than/],
    ['Host: x\r\n\r\n', /begins with Content-Length/],
    ['Content-Length: 2\r\n\r\n}{', /is no JSON/],
  ])('are refused: %j', async (text, words) => {
    const refused = await read(text).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(CliError)
    expect((refused as CliError).message).toMatch(words)
  })
})
