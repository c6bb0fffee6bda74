/**
 * `devnet debug HASH`, `devnet debug CONTRACT FUNCTION [ARGS...]`: steps over a transaction, or a call, forwards and
 * backwards. What it takes is asked of the node once; it is executed here.
 */
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { LaunchArguments } from '../debug/dap/adapter.ts'
import { serveDebugAdapter } from '../debug/dap/serve.ts'
import { DebugConsole } from '../debug/debugConsole.ts'
import { taskOf } from '../debug/debugTask.ts'
import { DebugThread } from '../debug/debugThread.ts'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import type { Terminal } from '../output/terminal.ts'
import { subjectOf, type TracedCallOptions } from '../transactions/tracing.ts'
import { type CommandContext, connectFrom } from './context.ts'

export interface DebugOptions extends TracedCallOptions {
  readonly dap: boolean
  /** Commands in place of those of a person or a pipe. */
  readonly run?: string | undefined
}

interface Streams {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable
}

export async function debugCommand(
  context: CommandContext,
  what: string | undefined,
  name: string | undefined,
  words: readonly string[],
  options: DebugOptions,
  streams: Streams = { input: process.stdin, output: process.stdout },
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  if (options.dap) return serve(connection, what, name, words, options, streams)
  const task = await taskOf(connection, await subjectOf(connection, what ?? '', name, words, options))
  const listener = { onProgress: (step: number) => terminal.detail(`${groupDigits(BigInt(step))} instructions`) }
  const { thread, stop } = await DebugThread.start(task, connection, listener)
  try {
    const debug = new DebugConsole(thread, stop, terminal)
    terminal.note(`${task.title}: ${groupDigits(BigInt(thread.steps))} instructions; "help" lists the commands`)
    debug.greet()
    if (options.run === undefined) await converse(debug, terminal, streams)
    else for (const line of options.run.split(';')) if (!(await debug.run(line))) return
  } finally {
    await thread.end()
  }
}

/** For an editor, which may name what to debug, or leave it to the command line. */
function serve(
  connection: Connection,
  what: string | undefined,
  name: string | undefined,
  words: readonly string[],
  options: DebugOptions,
  { input, output }: Streams,
): Promise<void> {
  const launch = async (wanted: LaunchArguments) => {
    const subject =
      wanted.what === null
        ? await subjectOf(connection, what ?? '', name, words, options)
        : await subjectOf(connection, wanted.what, wanted.function ?? undefined, wanted.args, options)
    return DebugThread.start(await taskOf(connection, subject), connection)
  }
  return serveDebugAdapter(launch, input, output)
}

/** A mistake in a line of a script ends it; a person tries again. */
async function converse(debug: DebugConsole, terminal: Terminal, { input, output }: Streams): Promise<void> {
  const isPerson = input.isTTY === true
  const lines = createInterface({ input, ...(isPerson ? { output } : {}), prompt: '(debug) ' })
  // In the middle of a move Ctrl-C stops it where it is; otherwise it ends the session.
  let isMoving = false
  lines.on('SIGINT', () => (isMoving ? void debug.pause() : lines.close()))
  try {
    if (isPerson) lines.prompt()
    for await (const line of lines) {
      isMoving = true
      try {
        if (!(await debug.run(line))) return
      } catch (error) {
        if (!isPerson || !(error instanceof CliError)) throw error
        terminal.warn(error.message, error.hint === null ? [] : [error.hint])
      }
      isMoving = false
      if (isPerson) lines.prompt()
    }
  } finally {
    lines.close()
  }
}
