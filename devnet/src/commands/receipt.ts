/** `devnet receipt HASH`: what became of a transaction; waits for it while it is under way. */
import { getAddress, type Hex } from 'viem'
import { knownContracts } from '../contracts/knownContracts.ts'
import { interruptible } from '../interruption.ts'
import { findTransaction } from '../transactions/findTransaction.ts'
import { failureError, printReceipt, receiptJson } from '../transactions/receiptText.ts'
import { lateError, lookLater, waitingFor } from '../transactions/sendAndWait.ts'
import { describeTransaction } from '../transactions/transactionText.ts'
import { waitForReceipt } from '../transactions/waitForReceipt.ts'
import { type CommandContext, connectFrom } from './context.ts'

export async function receiptCommand(context: CommandContext, hash: Hex, seconds: number): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const transaction = await findTransaction(connection, hash)
  const { from, to, nonce, gas } = transaction
  const known = knownContracts(connection)
  const { attempt, words } = describeTransaction(transaction, known)
  if (!terminal.json) {
    terminal.print(`transaction  ${hash}`)
    terminal.print(`from         ${known.label(from)}`)
    terminal.print(`to           ${words}`)
  }
  const watching = { doing: () => waitingFor(hash), hint: () => lookLater(context, hash) }
  const receipt = await interruptible(watching, async (signal) => {
    const found = await waitForReceipt(context, connection, { hash, from, nonce }, seconds, signal)
    if (found === null) throw lateError(context, hash, seconds)
    return found
  })
  if (terminal.json) {
    const whom = { from: getAddress(from), to: to === null ? null : getAddress(to) }
    terminal.printJson({ ...whom, ...receiptJson(receipt, attempt) })
  } else printReceipt(terminal, receipt, known)
  const failure = failureError(receipt, attempt, gas)
  if (failure !== null) throw failure
}
