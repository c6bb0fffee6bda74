/** Where something failed, found by executing it again here: for commands that were refused, and for traces. */
import { BaseError } from 'viem'
import type { CommandContext } from '../commands/context.ts'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { type DebugSubject, taskOf } from './debugTask.ts'
import { faultJson, faultLines } from './debugText.ts'
import { DebugThread } from './debugThread.ts'

export interface FaultReport {
  readonly lines: readonly string[]
  readonly json: object
}

/** Words of the VM that name a function: a trap has happened, and no contract has said why. */
const TRAP = /, in function \d+/

/** Null where no instruction failed, or the node does not tell what it takes; that is noted. */
export async function faultReport(
  { terminal }: Pick<CommandContext, 'terminal'>,
  connection: Connection,
  subject: DebugSubject,
): Promise<FaultReport | null> {
  try {
    const { thread, stop } = await DebugThread.start(await taskOf(connection, subject), connection)
    try {
      const json = await faultJson(thread, stop)
      return json === null ? null : { lines: await faultLines(thread, stop, terminal.color), json }
    } finally {
      await thread.end()
    }
  } catch (error) {
    // The failure itself is told in any case: nothing of it is lost with this.
    if (!(error instanceof CliError || error instanceof BaseError)) throw error
    terminal.detail(`where it failed is not known: ${error.message}`)
    return null
  }
}

/** The same error, and of a trap where it happened. */
export async function withFault(
  context: Pick<CommandContext, 'terminal'>,
  connection: Connection,
  error: CliError,
  subject: DebugSubject,
): Promise<CliError> {
  if (error.kind !== 'failed' || !TRAP.test(error.message)) return error
  const report = await faultReport(context, connection, subject)
  if (report === null) return error
  return new CliError(error.message, {
    ...{ lines: [...error.lines, ...report.lines], cause: error.cause },
    ...{ details: { ...error.details, fault: report.json } },
    ...(error.hint === null ? {} : { hint: error.hint }),
  })
}
