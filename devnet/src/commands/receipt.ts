/** `devnet receipt HASH`: what became of a transaction; waits for it while it is under way. */
import { getAddress, type Hex, type Transaction } from 'viem'
import { calledFunction } from '../contracts/calledFunction.ts'
import type { Attempt } from '../contracts/failure.ts'
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import { formatFields } from '../contracts/values.ts'
import { interruptible } from '../interruption.ts'
import { printable } from '../output/printable.ts'
import { findTransaction } from '../transactions/findTransaction.ts'
import { failureError, printReceipt, receiptJson } from '../transactions/receiptText.ts'
import { lateError, lookLater, waitingFor } from '../transactions/sendAndWait.ts'
import { waitForReceipt } from '../transactions/waitForReceipt.ts'
import { type CommandContext, connectFrom } from './context.ts'

export async function receiptCommand(context: CommandContext, hash: Hex, seconds: number): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const transaction = await findTransaction(connection, hash)
  const { from, to, nonce, gas } = transaction
  const known = knownContracts(connection)
  const { attempt, words } = describe(transaction, known)
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

/** The transaction's effect, in words, as far as the ABI of whom it is for is known. */
function describe(transaction: Transaction, known: Known): { readonly attempt: Attempt; readonly words: string } {
  const { to, input, value } = transaction
  const target = known.contracts.find(({ address }) => address.toLowerCase() === to?.toLowerCase()) ?? null
  const called = target === null ? null : calledFunction(target, input)
  const wei = value === 0n ? '' : `, with ${value} wei`
  if (to === null) {
    return {
      words: `a new contract${wei}`,
      attempt: { what: 'the deployment', known, target: null, item: null, value },
    }
  }
  const whom = known.label(to)
  if (called === null) {
    const what = input === '0x' ? 'ether alone' : `calldata ${printable(input)}`
    const name = known.nameOf(to) ?? to
    return {
      words: `${whom}, ${what}${wei}`,
      attempt: { what: `the call of ${name}`, known, target, item: null, value },
    }
  }
  const { item, args } = called
  return {
    words: `${whom}, ${printable(item.name)}(${formatFields(item.inputs, args, known.label)})${wei}`,
    attempt: { what: `${target!.name}.${item.name}`, known, target, item, value },
  }
}
