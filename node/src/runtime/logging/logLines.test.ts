import { pino } from 'pino'
import { expect, it } from 'vitest'
import { linesFor } from './logLines.ts'

it('holds nothing that a terminal obeys, and is the same JSON', () => {
  const lines: string[] = []
  const logger = pino({ name: 'node' }, linesFor('json', { write: (line) => void lines.push(line) }))
  const text = 'a\u001b[2Jb\u009b2Jc\u202ed\u2028e\u0085f\u007fg\ud800h\u200bi\nj'
  logger.child({ contract: text }).info({ [text]: text, err: new Error(text) }, text)
  expect(lines).toHaveLength(1)
  expect(lines[0]!.trimEnd()).toMatch(/^[\x20-\x7e]*$/)
  const written = JSON.parse(lines[0]!)
  // JSON has no surrogate without its other half but as an escape, which pino writes as it is given.
  expect(written).toMatchObject({ contract: text, [text]: text, msg: text, err: { message: text } })
})
