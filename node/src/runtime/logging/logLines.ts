/**
 * Where the lines of a log go. They are JSON, which leaves C1 and bidirectional controls as they are; what contracts and
 * peers wrote is in them, and somebody looks at them in a terminal.
 */
import type { DestinationStream } from 'pino'
import { visibleJson } from '../../codec/visibleText.ts'

/** @param to e.g. pino.destination. */
export function visibleLines(to: DestinationStream): DestinationStream {
  return { write: (line) => void to.write(visibleJson(line)) }
}
