/**
 * The lines of a pipe for Node's REPL: it holds back what a person types while a value is awaited, but not what a pipe
 * brings.
 */
import type { REPLServer } from 'node:repl'
import type { PassThrough, Readable } from 'node:stream'
import { CliError } from '../output/errors.ts'

/** UTF-16 units of one line. */
const MAX_LINE = 1_048_576

/**
 * Gives the server each line once the one before it has its value, or has failed.
 * @param source what the server reads
 * @param tell is given the error of a promise that nobody awaits
 * @returns whether the lines end with a whole statement
 * @throws CliError for a line that is too long
 */
export async function feedLines(
  server: REPLServer,
  source: PassThrough,
  input: Readable,
  tell: (error: unknown) => void,
): Promise<boolean> {
  const prompt = server.getPrompt()
  let isWhole = true
  let ready = () => {}
  // The server prompts after everything that it was given: code, half a statement, a command of its own.
  server.prompt = () => {
    isWhole = server.getPrompt() === prompt
    ready()
  }
  // It would prompt for these too, while it awaits something else.
  process.on('unhandledRejection', tell)
  const exited = new Promise<'exited'>((resolve) => server.once('exit', () => resolve('exited')))
  try {
    for await (const line of linesOf(input)) {
      const next = new Promise<'next'>((resolve) => {
        ready = () => resolve('next')
      })
      source.write(`${line}\n`)
      if ((await Promise.race([next, exited])) === 'exited') return true
    }
    source.end()
    await exited
    return isWhole
  } finally {
    process.off('unhandledRejection', tell)
  }
}

async function* linesOf(input: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const text of input.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE) throw new CliError(`a line of the input has more than ${MAX_LINE} characters`)
    yield* lines
  }
  if (rest !== '') yield rest
}
