/** What a sent transaction did, for people and for scripts. */
import { type Abi, getAddress, type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import { describeRevertData } from '../contracts/failure.ts'
import { formatFields, groupDigits } from '../contracts/values.ts'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'

const receiptTimeoutMs = 60_000
/** UTF-16 units of a reason that are shown. */
const mostReason = 1_000

/** The receipt, once the transaction is final. @throws CliError when it does not come. */
export async function waitForReceipt(connection: Connection, hash: Hex): Promise<TransactionReceipt> {
  return connection.client
    .waitForTransactionReceipt({ hash, timeout: receiptTimeoutMs, retryCount: 0 })
    .catch((error: Error) => {
      throw new CliError(`transaction ${hash} is not in a block after ${receiptTimeoutMs / 1000} s`, {
        hint: 'see `npx devnet status`: more than two thirds of the nodes must be up to make blocks',
        cause: error,
      })
    })
}

export function receiptJson(receipt: TransactionReceipt, abi: Abi): object {
  return {
    hash: receipt.transactionHash,
    status: receipt.status,
    blockNumber: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
    contractAddress: receipt.contractAddress ? getAddress(receipt.contractAddress) : null,
    events: parseEventLogs({ abi, logs: receipt.logs }).map(({ eventName, args, address }) => ({
      event: eventName,
      args,
      address: getAddress(address),
    })),
  }
}

export function printReceipt(terminal: Terminal, receipt: TransactionReceipt, abi: Abi): void {
  const { color } = terminal
  terminal.print(`transaction  ${receipt.transactionHash}`)
  terminal.print(`block        ${receipt.blockNumber}, gas used ${groupDigits(receipt.gasUsed)}`)
  for (const { eventName, args } of parseEventLogs({ abi, logs: receipt.logs })) {
    const fields = Object.entries((args ?? {}) as unknown as Record<string, unknown>)
    terminal.print(`event        ${color.cyan(printable(String(eventName)))}(${formatFields(fields)})`)
  }
}

/** A transaction that is in a block but failed is a failed command. */
export function requireSuccess(receipt: TransactionReceipt, abi: Abi, what: string): void {
  if (receipt.status === 'success') return
  const failure = (receipt as { failure?: { message: string; revertData: Hex | null } | null }).failure ?? null
  const decoded = failure?.revertData ? describeRevertData(abi, failure.revertData) : null
  const reason = decoded ?? failure?.message ?? 'the transaction was reverted'
  throw new CliError(
    `${printable(what, mostReason)} failed in block ${receipt.blockNumber}: ${printable(reason, mostReason)}`,
    {
      hint: `transaction ${receipt.transactionHash}; its gas was paid, its changes were undone`,
    },
  )
}
