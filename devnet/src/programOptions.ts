/** Options that several commands share, and what becomes of them. */
import { type Command, Option } from 'commander'
import type { CommandContext } from './commands/context.ts'
import { MAX_NODE_COUNT } from './network/limits.ts'
import { defaultDataDir } from './network/paths.ts'
import { account, path, rpcUrl, wholeNumber } from './optionParsers.ts'
import { type ColorMode, createTerminal, type Terminal } from './output/terminal.ts'
import { DEFAULT_WAIT_SECONDS, MAX_WAIT_SECONDS } from './transactions/limits.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: ColorMode
}

export interface SharedOptions extends OutputOptions {
  readonly data: string
  /** Set by {@link noteGivenData}. */
  readonly dataIsGiven?: boolean
}

export interface ConnectionFlags {
  readonly rpc?: string
  readonly node: number
}

export function addShared(command: Command): Command {
  return addOutput(command.option('--data <dir>', 'where the network is kept', path, defaultDataDir))
}

/** For a command that knows its directory itself. */
export function addOutput(command: Command): Command {
  return command
    .option('--json', 'print one JSON document for scripts', false)
    .option('-q, --quiet', 'no progress', false)
    .option('-v, --verbose', 'more detail, and the cause of errors', false)
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
}

export function addConnection(command: Command): Command {
  return command
    .option('--rpc <url>', 'JSON-RPC URL (default: the network that runs in --data)', rpcUrl)
    .option('--node <n>', 'which node to talk to', wholeNumber(1, MAX_NODE_COUNT), 1)
}

export function fromOption(): Option {
  return new Option('--from <account>', 'account number, address or private key').argParser(account).default('0')
}

/** For a command that waits for a transaction. */
export function waitOption(): Option {
  return new Option('--wait <seconds>', 'how long to wait for its block; 0: do not')
    .argParser(wholeNumber(0, MAX_WAIT_SECONDS))
    .default(DEFAULT_WAIT_SECONDS)
}

export function contextOf(options: SharedOptions & Partial<ConnectionFlags>): CommandContext {
  const { data: dataDir, dataIsGiven = false, rpc, node = 1 } = options
  return { terminal: terminalOf(options), dataDir, dataIsGiven, rpc, node }
}

/** Notes, once settings are applied, whether anybody said which folder. */
export function noteGivenData(command: Command): void {
  const source = command.getOptionValueSource('data')
  if (source !== undefined) command.setOptionValue('dataIsGiven', source !== 'default')
}

export function terminalOf({ json, quiet, verbose, color }: OutputOptions): Terminal {
  return createTerminal({ json, quiet, verbose, color })
}
