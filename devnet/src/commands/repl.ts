/** `devnet console`: JavaScript with viem's clients on the network, and the contracts that are deployed there by name. */
import { join } from 'node:path'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { inspect } from 'node:util'
import * as viem from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type KnownContract, knownContracts } from '../contracts/knownContracts.ts'
import { type Connection, findAccount, nodeFailure } from '../network/connection.ts'
import { CliError, usageError } from '../output/errors.ts'
import { printable, visibleText } from '../output/printable.ts'
import { type CommandContext, connectFrom } from './context.ts'
import { feedLines } from './replLines.ts'

export interface ReplOptions {
  /** The account that `wallet` and contracts send from. */
  readonly from: string
  /** Run this and nothing else. */
  readonly eval?: string | undefined
}

/** Where a person types, and sees. */
interface Streams {
  readonly input: Readable
  readonly output: Writable
}

/** Values that are shown inside of others. */
const SHOWN_DEPTH = 4
/** UTF-16 units of why code failed. */
const MAX_REASON = 4_000
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

export async function replCommand(
  context: CommandContext,
  options: ReplOptions,
  streams: Streams = { input: process.stdin, output: process.stdout },
): Promise<void> {
  const { terminal } = context
  if (terminal.json && options.eval === undefined) throw usageError('--json goes with --eval CODE')
  const connection = await connectFrom(context)
  const names = await namesOf(connection, options)
  if (options.eval === undefined) return converse(context, connection, options, names, streams)
  const value = await evaluate(options.eval, names)
  if (terminal.json) terminal.printJson(value ?? null)
  else if (typeof value === 'string') terminal.printLines(value.split('\n'))
  else if (value !== undefined) terminal.printLines(shown(value).split('\n'))
}

/** Everything that code has by name. */
async function namesOf(connection: Connection, { from }: ReplOptions): Promise<Record<string, unknown>> {
  const { client, accounts } = connection
  const wallets = accounts.map((account) => connection.wallet(account))
  const account = findAccount(accounts, from)
  const wallet = connection.wallet(account)
  const own = {
    ...{ client, wallet, wallets, viem, privateKeyToAccount },
    accounts: accounts.map(({ address }) => address),
    parseEther: viem.parseEther,
    formatEther: viem.formatEther,
  }
  const contracts = contractsOf(connection, wallet)
  // A contract with the name of something else is in `contracts` alone, and so is one called `new` or `class`.
  const named = Object.entries(contracts).filter(([name]) => isVariable(name) && !(name in own))
  return { ...Object.fromEntries(named.filter(([name]) => !(name in globalThis))), ...own, contracts }
}

type Wallet = ReturnType<Connection['wallet']>

function contractsOf(connection: Connection, wallet: Wallet): Record<string, unknown> {
  const { client } = connection
  const known = knownContracts(connection).contracts
  return Object.fromEntries(
    known.map(({ name, address, abi }: KnownContract) => [
      name,
      viem.getContract({ address, abi, client: { public: client, wallet } }),
    ]),
  )
}

type AsyncCode = (...values: readonly unknown[]) => Promise<unknown>
const AsyncFunction = (async () => {}).constructor as new (...texts: readonly string[]) => AsyncCode

/** Whether code may have a variable of this name. */
function isVariable(name: string): boolean {
  if (!IDENTIFIER.test(name)) return false
  try {
    new AsyncFunction(name, '')
    return true
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return false
  }
}

/** The value of an expression, or what statements return. @throws CliError */
async function evaluate(code: string, names: Record<string, unknown>): Promise<unknown> {
  try {
    return await compiled(code, Object.keys(names))(...Object.values(names))
  } catch (error) {
    const told = nodeFailure(error)
    if (told !== null && told.kind === 'unreachable') throw told
    const said = reason(error)
      .split(/\s*\n\s*/)
      .join(' ')
    const hint = hintFor(said, names)
    throw new CliError(`the code failed: ${printable(said, MAX_REASON)}`, {
      ...{ cause: error },
      ...(hint === null ? {} : { hint }),
    })
  }
}

/** `Token.balanceOf(...)` is how ethers calls a contract, and `accounts[1].address` where viem has an account. */
function hintFor(said: string, names: Record<string, unknown>): string | null {
  const called = /\b([A-Za-z_$][\w$]*)\.([A-Za-z_$][\w$]*) is not a function/.exec(said)
  const contract = names[called?.[1] ?? '']
  if (called !== null && typeof contract === 'object' && contract !== null && 'read' in contract)
    return `contracts are viem's: ${called[1]}.read.${called[2]}([...]), or .write for a transaction`
  return said.includes('"undefined" is invalid')
    ? 'accounts[1] is an address, and contracts take a list of arguments'
    : null
}

function compiled(code: string, names: readonly string[]): AsyncCode {
  try {
    return new AsyncFunction(...names, `return (${code}\n)`)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return new AsyncFunction(...names, code)
  }
}

async function converse(
  context: CommandContext,
  connection: Connection,
  options: ReplOptions,
  names: Record<string, unknown>,
  { input, output }: Streams,
): Promise<void> {
  const { terminal } = context
  const { start } = await import('node:repl')
  const number = await connection.client.getBlockNumber()
  terminal.note(`${connection.url}, chain ${connection.client.chain.id}, block ${number}`)
  const account = findAccount(connection.accounts, options.from)
  terminal.note(`accounts are addresses; wallets[1] sends as accounts[1], wallet and contracts as ${account.address}`)
  terminal.note("client reads the chain; viem's functions are in viem, and parseEther, formatEther by themselves")
  terminal.note(`contracts, as viem's getContract makes them: ${listed(names)}`)
  terminal.note('await Token.read.balanceOf([accounts[0]])   await Token.write.transfer([accounts[1], 1n])')
  terminal.note('.contracts looks for new ones, .exit ends')
  const isTerminal = input === process.stdin && process.stdin.isTTY === true
  const lines = new PassThrough()
  const server = start({
    ...{ input: isTerminal ? input : lines, output, writer: shown },
    ...{ terminal: isTerminal, prompt: isTerminal ? '> ' : '' },
  })
  Object.assign(server.context, names)
  const tell = (error: unknown) => void output.write(`${shown(error)}\n`)
  server.defineCommand('contracts', {
    help: 'Take contracts that were deployed meanwhile, and list all',
    action() {
      // A book that cannot be read is told, and the conversation goes on.
      void namesOf(connection, options)
        .then((fresh) => {
          Object.assign(server.context, fresh)
          output.write(`${listed(fresh)}\n`)
        })
        .catch(tell)
        .finally(() => server.displayPrompt())
    },
  })
  // Without a folder there is no history, which is no reason to refuse a conversation.
  if (isTerminal) server.setupHistory(join(connection.paths.root, 'console-history'), () => {})
  if (isTerminal) return new Promise<void>((resolve) => server.on('exit', () => resolve()))
  if (!(await feedLines(server, lines, input, tell))) {
    terminal.warn('the input ends in the middle of a statement, which was not run')
  }
}

function listed({ contracts }: Record<string, unknown>): string {
  return Object.keys(contracts as object)
    .map((name) => printable(name))
    .join(', ')
}

/** A value as JavaScript writes it. Whatever a contract or a node has said in it is shown as text. */
function shown(value: unknown): string {
  const text = value instanceof Error ? reason(value) : inspect(value, { depth: SHOWN_DEPTH })
  return text.split('\n').map(visibleText).join('\n')
}

/** In viem's words, without the version and the documentation that it adds. */
function reason(error: unknown): string {
  if (error instanceof viem.BaseError) {
    const { shortMessage, metaMessages = [], details } = error
    const said = [shortMessage, ...metaMessages]
    return [...said, ...(details && !said.join('\n').includes(details) ? [details] : [])].join('\n').trim()
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
