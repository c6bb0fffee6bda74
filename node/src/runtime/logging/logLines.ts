/**
 * The form in which the lines of a log go out: JSON for programs, or text for people. What contracts and peers wrote is in
 * them, and somebody looks at them in a terminal; JSON leaves C1 and bidirectional controls as they are.
 */
import type { DestinationStream } from 'pino'
import { visibleJson } from '../../codec/visibleText.ts'
import { type LogFormat, readableLines, readLogLine } from './readableLine.ts'

/** @param to e.g. pino.destination. */
export function linesFor(format: LogFormat, to: DestinationStream): DestinationStream {
  if (format === 'json') return { write: (line) => void to.write(visibleJson(line)) }
  return { write: (line) => void to.write(`${readableLines(readLogLine(line.trimEnd())).join('\n')}\n`) }
}
