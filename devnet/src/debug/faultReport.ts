/** Where something failed, found by executing it again here: for commands that were refused, and for traces. */
import type { CommandContext } from '../commands/context.ts'
import { unlessInterrupted } from '../interruption.ts'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { type DebugSubject, taskOf } from './debugTask.ts'
import { faultJson, faultLines } from './debugText.ts'
import { DebugThread } from './debugThread.ts'
import { LOOK_AT_PROCESSOR_MS, MAX_FAULT_MS, SAY_WAITING_MS } from './limits.ts'

export interface FaultReport {
  readonly lines: readonly string[]
  readonly json: object
}

/** Words of the VM that name a function: a trap has happened, and no contract has said why. */
const TRAP = /, in function \d+/

/**
 * Null where nothing failed, or the place cannot be found, for whatever reason, within `withinMs` of processor time:
 * `--verbose` says why.
 *
 * @param failure said when it takes long
 */
export async function faultReport(
  { terminal }: Pick<CommandContext, 'terminal'>,
  connection: Connection,
  subject: DebugSubject,
  failure: string | null = null,
  withinMs: number = MAX_FAULT_MS,
): Promise<FaultReport | null> {
  const patience = new AbortController()
  const givenUp = patience.signal
  const within = `${withinMs / 1_000} s`
  const begun = process.cpuUsage()
  const looking = setInterval(() => {
    const { user, system } = process.cpuUsage(begun)
    if (user + system >= withinMs * 1_000) patience.abort(new Error(`it takes more than ${within}`))
  }, LOOK_AT_PROCESSOR_MS)
  const waiting = setTimeout(
    // With the failure, which a person who interrupts the wait would not hear otherwise.
    () =>
      terminal.note(`${failure ?? 'it failed'}; it is executed again here to find out where, for at most ${within}`),
    SAY_WAITING_MS,
  )
  try {
    const task = await unlessInterrupted(givenUp, taskOf(connection, subject))
    const { thread, stop } = await DebugThread.start(task, connection, { givenUp })
    try {
      const json = await faultJson(thread, stop)
      return json === null ? null : { lines: await faultLines(thread, stop, terminal.color), json }
    } finally {
      await thread.end()
    }
  } catch (error) {
    // The failure itself is told in any case, whatever went wrong here.
    if (givenUp.aborted) terminal.note(`where it failed was not found within ${within}; devnet debug looks longer`)
    else terminal.detail(`where it failed is not known: ${error instanceof Error ? error.message : String(error)}`)
    return null
  } finally {
    clearTimeout(waiting)
    clearInterval(looking)
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
  const report = await faultReport(context, connection, subject, error.message)
  if (report === null) return error
  return new CliError(error.message, {
    ...{ lines: [...error.lines, ...report.lines], cause: error.cause },
    ...{ details: { ...error.details, fault: report.json } },
    ...(error.hint === null ? {} : { hint: error.hint }),
  })
}
