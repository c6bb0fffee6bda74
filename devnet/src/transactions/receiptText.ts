/** The effect of a sent transaction, for people and for scripts. */
import { getAddress, type Hex, type TransactionReceipt } from 'viem'
import { type Attempt, describeFailure } from '../contracts/failure.ts'
import type { Known } from '../contracts/knownContracts.ts'
import { formatLog, logJson, readLogs } from '../contracts/logs.ts'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'
import { MAX_LOGS } from './limits.ts'

/** UTF-16 units of a reason that are shown. */
const MAX_REASON = 1_000

/** Why it failed, as the node that executed it tells (docs/protocol/rpc.md); null for a success. */
export function failureOf(
  receipt: TransactionReceipt,
): { readonly message: string; readonly revertData: Hex | null } | null {
  if (receipt.status === 'success') return null
  const { failure } = receipt as { failure?: { readonly message: string; readonly revertData: Hex | null } | null }
  return failure ?? { message: 'the transaction was reverted', revertData: null }
}

/** `events` has every log, in order: those that no known ABI explains with `event` null, topics and data. */
export function receiptJson(receipt: TransactionReceipt, attempt: Attempt): object {
  const failure = failureOf(receipt)
  return {
    hash: receipt.transactionHash,
    status: receipt.status,
    blockNumber: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
    contractAddress: receipt.contractAddress ? getAddress(receipt.contractAddress) : null,
    events: readLogs(receipt.logs, attempt.known).map(logJson),
    ...(failure === null ? {} : { reason: describeFailure(attempt, failure.message, failure.revertData) }),
  }
}

/** The hash was printed when it was sent. */
export function printReceipt(terminal: Terminal, receipt: TransactionReceipt, known: Known): void {
  const { color } = terminal
  terminal.print(`block        ${receipt.blockNumber}, gas used ${groupDigits(receipt.gasUsed)}`)
  const called = receipt.to === null ? null : getAddress(receipt.to)
  for (const read of readLogs(receipt.logs.slice(0, MAX_LOGS), known)) {
    const text = formatLog(read, called, known)
    terminal.print(read.event === null ? `log          ${text}` : `event        ${color.cyan(text)}`)
  }
  const more = receipt.logs.length - MAX_LOGS
  if (more > 0)
    terminal.print(
      `             and ${groupDigits(more)} more of ${groupDigits(receipt.logs.length)} logs; --json has them all`,
    )
}

/** A transaction that is in a block but failed is a failed command. */
export function failureError(receipt: TransactionReceipt, attempt: Attempt, gasLimit: bigint | null): CliError | null {
  const failure = failureOf(receipt)
  if (failure === null) return null
  const reason = describeFailure(attempt, failure.message, failure.revertData)
  const gas = `${groupDigits(receipt.gasUsed)} gas${gasLimit === null ? '' : ` of ${groupDigits(gasLimit)}`}`
  return new CliError(
    `${printable(attempt.what, MAX_REASON)} failed in block ${receipt.blockNumber}: ${printable(reason, MAX_REASON)}`,
    { hint: `transaction ${receipt.transactionHash}; its gas was paid (${gas}), its changes were undone` },
  )
}
