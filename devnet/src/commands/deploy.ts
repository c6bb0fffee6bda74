/** `devnet deploy FILE [ARGS...]`: deploys a contract, runs its constructor, remembers the address. */
import { encodeDeployData, getAddress, getContractAddress, type Hex } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import type { Deployable } from '../contracts/artifact.ts'
import { nameProblem } from '../contracts/contractName.ts'
import { prepareDeployable } from '../contracts/deployable.ts'
import { findDeployment, type Recorded, readDeployments, recordDeployment } from '../contracts/deployments.ts'
import type { Attempt } from '../contracts/failure.ts'
import { knownContracts } from '../contracts/knownContracts.ts'
import { findSystemContract } from '../contracts/systemContracts.ts'
import { argumentContext } from '../contracts/target.ts'
import { type Connection, findAccount } from '../network/connection.ts'
import { CliError, usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { failureError, printReceipt, receiptJson } from '../transactions/receiptText.ts'
import { lookLater, sendAndWait } from '../transactions/sendAndWait.ts'
import { type CommandContext, connectFrom } from './context.ts'
import type { SendOptions } from './send.ts'

export interface DeployOptions extends SendOptions {
  readonly name?: string | undefined
  readonly abi?: string | undefined
  readonly replace: boolean
}

export async function deployCommand(
  context: CommandContext,
  path: string,
  words: readonly string[],
  options: DeployOptions,
): Promise<void> {
  const { terminal } = context
  const artifact = await prepareDeployable(terminal, path, options.abi)
  const name = options.name ?? artifact.contractName
  requireUsable(name)
  const connection = await connectFrom(context)
  const constructorAbi = artifact.abi.find((item) => item.type === 'constructor')
  const args = parseArguments(
    constructorAbi?.inputs ?? [],
    words,
    argumentContext(connection),
    `the constructor of ${artifact.contractName}`,
  )
  const account = findAccount(connection.accounts, options.from)
  const replace = options.replace || (await isFree(connection, name))
  const known = knownContracts(connection, { name, address: nowhere, abi: artifact.abi })
  const attempt: Attempt = {
    what: `deploying ${artifact.contractName}`,
    known,
    target: null,
    item: { name: 'the constructor', stateMutability: constructorAbi?.stateMutability ?? 'nonpayable' },
    value: options.value ?? 0n,
  }
  const record = (address: Hex) => remember(context, connection, { name, address, artifact }, replace)
  const addressFor = (nonce: number) => getContractAddress({ from: account.address, nonce: BigInt(nonce) })
  const { sent, receipt } = await sendAndWait(
    context,
    connection,
    account,
    attempt,
    {
      data: encodeDeployData({ abi: artifact.abi, bytecode: artifact.bytecode, args }),
      value: options.value,
      gas: options.gas,
    },
    options.wait,
    async ({ nonce }) => {
      const recorded = await record(addressFor(nonce))
      terminal.note(`${printable(recorded.name)} will be at ${addressFor(nonce)}, if its constructor succeeds`)
    },
  )
  if (receipt === null) {
    if (terminal.json) terminal.printJson({ name, address: addressFor(sent.nonce), hash: sent.hash, status: 'sent' })
    return terminal.note(lookLater(context, sent.hash))
  }
  const failure = failureError(receipt, attempt, sent.gas)
  if (failure !== null) {
    if (terminal.json) terminal.printJson({ name, address: null, ...receiptJson(receipt, attempt) })
    throw failure
  }
  const address = getAddress(receipt.contractAddress!)
  const recorded = await record(address).catch((error: unknown) => {
    // Deployed it is, and paid for.
    throw new CliError(`${name} is at ${address}, but that cannot be remembered: ${(error as Error).message}`, {
      lines: error instanceof CliError && error.hint !== null ? [error.hint] : [],
      hint: 'call it by its address, with --abi FILE',
      details: { name, address, ...receiptJson(receipt, attempt) },
      cause: error,
    })
  })
  // Only now are its own logs known by its address and name.
  const after = { ...attempt, known: knownContracts(connection, { name: recorded.name, address, abi: artifact.abi }) }
  if (terminal.json) return terminal.printJson({ name: recorded.name, address, ...receiptJson(receipt, after) })
  terminal.print(`${terminal.color.green(printable(recorded.name))} is at ${terminal.color.bold(address)}`)
  printReceipt(terminal, { ...receipt, to: address }, after.known)
}

/** Stands for an address that the contract does not have yet. */
const nowhere: Hex = '0x0000000000000000000000000000000000000000'

function requireUsable(name: string): void {
  const problem = nameProblem(name)
  if (problem !== null) {
    throw usageError(`"${name}" cannot be the name of a contract. ${problem}`, 'give it one with --name NAME')
  }
  const system = findSystemContract(name)
  if (system !== null) {
    throw usageError(
      `${name} is the contract that networks have at ${system.address}`,
      'give yours another name with --name NAME',
    )
  }
}

/** @throws CliError when a contract has the name. One that is nowhere on this network has lost it. */
async function isFree(connection: Connection, name: string): Promise<boolean> {
  const taken = findDeployment(readDeployments(connection.paths), name)
  if (taken === null) return false
  const code = await connection.client.getCode({ address: taken.address })
  if (code === undefined || code === '0x') return true
  throw usageError(
    `${name} is the name of the contract at ${taken.address}`,
    '--name NAME gives this one another; --replace gives it the name, and the earlier one a number',
  )
}

async function remember(
  { terminal }: CommandContext,
  connection: Connection,
  { name, address, artifact }: { readonly name: string; readonly address: Hex; readonly artifact: Deployable },
  replace: boolean,
): Promise<Recorded> {
  const entry = { name, address, abi: artifact.abi, artifact: artifact.path }
  const recorded = await recordDeployment(connection.paths, entry, replace)
  if (recorded.earlier !== null)
    terminal.note(`the earlier ${printable(name)} is ${printable(recorded.earlier)} from now on`)
  if (recorded.name !== name) {
    terminal.warn(`another command has taken the name ${printable(name)}: this one is ${printable(recorded.name)}`)
  }
  return recorded
}
