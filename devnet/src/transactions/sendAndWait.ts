/** The common part of `devnet send` and `devnet deploy`: from a request to a receipt, or to words about where it is. */
import { type Hex, numberToHex, type TransactionReceipt } from 'viem'
import type { CommandContext } from '../commands/context.ts'
import { type Attempt, callFailure } from '../contracts/failure.ts'
import { withFault } from '../debug/faultReport.ts'
import { interruptible, unlessInterrupted } from '../interruption.ts'
import type { DevAccount } from '../network/accounts.ts'
import type { Connection } from '../network/connection.ts'
import { defaultDataDir, networkPaths } from '../network/paths.ts'
import { CliError } from '../output/errors.ts'
import type { Terminal } from '../output/terminal.ts'
import { type Submitted, submit, type TransactionRequest, UnansweredError } from './submit.ts'
import { waitForReceipt } from './waitForReceipt.ts'

export interface Outcome {
  readonly sent: Submitted
  /** Null with `--wait 0`: nobody waited. */
  readonly receipt: TransactionReceipt | null
}

/**
 * `onPending` is run when the receipt was not waited for to the end, before it is told how to look later.
 * @throws CliError when the transaction cannot be sent, does not come within `seconds`, or the command is told to end.
 */
export async function sendAndWait(
  context: CommandContext,
  connection: Connection,
  account: DevAccount,
  attempt: Attempt,
  request: TransactionRequest,
  seconds: number,
  onPending: (sent: Submitted) => Promise<void> = async () => {},
): Promise<Outcome> {
  let hash: Hex | null = null
  const onHash = (signal: AbortSignal) => (next: Hex) => {
    signal.throwIfAborted()
    hash = next
  }
  const doing = () => (hash === null ? 'preparing the transaction: nothing was sent' : waitingFor(hash))
  const hint = () => (hash === null ? 'the same command sends it' : lookLater(context, hash))
  return interruptible({ doing, hint }, async (signal) => {
    const sent = await unlessInterrupted(
      signal,
      handOver(context, connection, account, attempt, request, onHash(signal)),
    )
    showHash(context.terminal, sent.hash)
    const receipt = seconds === 0 ? null : await waitForReceipt(context, connection, sent, seconds, signal)
    if (receipt !== null) return { sent, receipt }
    await onPending(sent)
    if (seconds > 0) throw lateError(context, sent.hash, seconds)
    return { sent, receipt: null }
  })
}

/** @throws CliError */
async function handOver(
  context: CommandContext,
  connection: Connection,
  account: DevAccount,
  attempt: Attempt,
  request: TransactionRequest,
  onHash: (hash: Hex) => void,
): Promise<Submitted> {
  try {
    return await submit(connection, account, request, onHash)
  } catch (error) {
    if (error instanceof UnansweredError) throw unanswered(context, error)
    if (error instanceof CliError) throw error
    const { to, data, value } = request
    throw await withFault(context, connection, callFailure(attempt, error), {
      kind: 'call',
      request: { from: account.address, to, data, value: value === undefined ? undefined : numberToHex(value) },
      block: 'latest',
    })
  }
}

function unanswered(context: CommandContext, { hash, cause }: UnansweredError): CliError {
  return new CliError(`the node did not answer, so it is not known whether it has transaction ${hash}`, {
    hint: `${lookLater(context, hash)}, once a node answers; to send again before that may send twice`,
    cause,
  })
}

/** At once, and on stderr where stdout is for one JSON document. */
function showHash(terminal: Terminal, hash: Hex): void {
  if (terminal.json) terminal.note(`transaction ${hash}`)
  else terminal.print(`transaction  ${hash}`)
}

export function lateError(context: CommandContext, hash: Hex, seconds: number): CliError {
  return new CliError(`transaction ${hash} is not in a block after ${seconds} s; it may still come`, {
    hint: `${lookLater(context, hash)}; \`devnet status\` says what the nodes wait for; --wait SECONDS waits longer`,
  })
}

/** The work of an interrupted command. */
export function waitingFor(hash: Hex): string {
  return `waiting for transaction ${hash}, which is sent and may still come into a block`
}

/** The command that shows what became of it, with the options that lead to the same network. */
export function lookLater({ rpc, dataDir, node }: CommandContext, hash: Hex): string {
  const isDefault = networkPaths(dataDir).root === networkPaths(defaultDataDir).root
  const data = isDefault ? '' : ` --data ${dataDir}`
  // Nodes on the other side of a partition do not know it.
  const whom = rpc !== undefined ? ` --rpc ${rpc}` : node === 1 ? '' : ` --node ${node}`
  return `look later with: npx devnet receipt ${hash}${data}${whom}`
}
