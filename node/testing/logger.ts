/** Loggers for tests. */
import type { Logger } from '../src/runtime/logging/logger.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: object
}

/** Gives every line to `take`; children log as their parent does. */
export function loggerTo(take: (line: LogLine) => void): Logger {
  const at = (level: LogLine['level']) => (fields: object, message: string) => take({ level, message, fields })
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  }
  return logger
}

/** Appends every line to `lines`. */
export function listLogger(lines: LogLine[]): Logger {
  return loggerTo((line) => void lines.push(line))
}

export const SILENT_LOGGER: Logger = loggerTo(() => {})
