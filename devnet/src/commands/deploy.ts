/** `devnet deploy FILE [ARGS...]`: deploys a contract, runs its constructor, remembers the address. */
import { encodeDeployData, getAddress } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import { prepareDeployable } from '../contracts/deployable.ts'
import { rememberDeployment } from '../contracts/deployments.ts'
import { callFailure } from '../contracts/failure.ts'
import { argumentContext } from '../contracts/target.ts'
import { findAccount } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { type CommandContext, connectFrom } from './context.ts'
import { printReceipt, receiptJson, requireSuccess, waitForReceipt } from './transaction.ts'

export interface SendOptions {
  readonly from: string
  readonly value?: bigint | undefined
  readonly gas?: bigint | undefined
}

export async function deployCommand(
  context: CommandContext,
  path: string,
  words: readonly string[],
  options: SendOptions & { readonly name?: string | undefined; readonly abi?: string | undefined },
): Promise<void> {
  const { terminal } = context
  const artifact = await prepareDeployable(terminal, path, options.abi)
  const connection = await connectFrom(context)
  const constructorAbi = artifact.abi.find((item) => item.type === 'constructor')
  const args = parseArguments(
    constructorAbi?.inputs ?? [],
    words,
    argumentContext(connection),
    `the constructor of ${artifact.contractName}`,
  )
  const wallet = connection.wallet(findAccount(connection.accounts, options.from))
  const what = `deploying ${artifact.contractName}`
  const hash = await wallet
    .sendTransaction({
      data: encodeDeployData({ abi: artifact.abi, bytecode: artifact.bytecode, args }),
      ...(options.value === undefined ? {} : { value: options.value }),
      ...(options.gas === undefined ? {} : { gas: options.gas }),
    })
    .catch((error: unknown) => {
      throw callFailure(what, error, artifact.abi)
    })
  const receipt = await waitForReceipt(connection, hash)
  requireSuccess(receipt, artifact.abi, what)
  const address = getAddress(receipt.contractAddress!)
  const name = options.name ?? artifact.contractName
  const entry = { name, address, artifact: artifact.path, ...(artifact.holdsAbi ? {} : { abi: artifact.abi }) }
  try {
    rememberDeployment(connection.paths, entry)
  } catch (error) {
    // Deployed it is, and paid for.
    throw new CliError(`${name} is at ${address}, but that cannot be remembered: ${(error as Error).message}`, {
      hint: 'call it by its address, with --abi FILE',
      details: { name, address, ...receiptJson(receipt, artifact.abi) },
      cause: error,
    })
  }
  if (terminal.json) return terminal.printJson({ name, address, ...receiptJson(receipt, artifact.abi) })
  terminal.print(`${terminal.color.green(printable(name))} is at ${terminal.color.bold(address)}`)
  printReceipt(terminal, receipt, artifact.abi)
}
