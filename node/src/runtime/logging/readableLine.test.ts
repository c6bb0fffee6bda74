import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { linesFor } from './logLines.ts'
import { readableLines, readLogLine } from './readableLine.ts'

/** The lines of a logger that writes in this format. */
function logged(format: 'json' | 'pretty', write: (logger: ReturnType<typeof pino>) => void): string[] {
  const texts: string[] = []
  const to = linesFor(format, { write: (text) => void texts.push(text) })
  write(pino({ name: 'node-1', level: 'debug' }, to))
  return texts.flatMap((text) => text.trimEnd().split('\n'))
}

describe('a log for people', () => {
  it('has time, level, room, message, what belongs to it, and the stack of an error', () => {
    const lines = logged('pretty', (logger) => {
      logger.child({ part: 'consensus' }).info({ height: 12, hash: '0xab', why: 'two words', ids: ['a', 1] }, 'a block')
      logger.error({ err: new Error('no room') }, 'fatal')
      logger.debug({}, 'detail')
    })
    expect(lines[0]).toMatch(
      /^20\d\d-\d\d-\d\dT[\d:.]+Z INFO {2}consensus: a block {2}height=12 hash=0xab why="two words" ids=\["a",1\]$/,
    )
    expect(lines[1]).toMatch(/^20\S+Z ERROR fatal$/)
    expect(lines[2]).toBe('    Error: no room')
    expect(lines[3]).toMatch(/^ {4}at .*readableLine\.test\.ts/)
    expect(lines.at(-1)).toMatch(/^20\S+Z DEBUG detail$/)
  })

  it('is the same whether a node writes it or JSON is read', () => {
    const write = (logger: ReturnType<typeof pino>) => logger.child({ part: 'rpc' }).warn({ port: 8545 }, 'taken')
    const [json] = logged('json', write)
    const [pretty] = logged('pretty', write)
    const without = (line: string | undefined) => line!.slice('2026-11-29T07:50:01.123Z'.length)
    expect(without(readableLines(readLogLine(json!))[0])).toBe(without(pretty))
    expect(readLogLine(pretty!)).toMatchObject({ level: 'warn', message: 'rpc: taken  port=8545' })
    expect(readLogLine(pretty!).time).toBeGreaterThan(1_700_000_000_000)
    expect(readableLines(readLogLine(pretty!))).toEqual([pretty])
  })

  it('keeps every digit, and shows nothing that a terminal obeys', () => {
    const line = '{"level":30,"time":1700000000000,"msg":"a\\u001b[2J\\nb","id":12345678901234567890,"\\u202ex":"y"}'
    expect(readableLines(readLogLine(line))).toEqual([
      '2023-11-14T22:13:20.000Z INFO  a\\u{1b}[2J\\u{a}b  id=12345678901234567890 \\u{202e}x=y',
    ])
  })

  it.each(['Error: out of memory', '', '{"level":', '[1]', '{"msg":"no level"}', '2026-13-45T99:99:99.000Z INFO  x'])(
    'shows what is no line of a logger as it is: %s',
    (line) => {
      expect(readLogLine(line)).toEqual({
        ...{ time: null, level: null, part: null, message: line },
        ...{ fields: [], error: null, stack: [] },
      })
      expect(readableLines(readLogLine(line))).toEqual([line])
    },
  )
})
