/** Options that several commands share, and what becomes of them. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommandContext } from './commands/context.ts'
import { defaultDataDir } from './network/paths.ts'
import { type ColorMode, createTerminal, type Terminal } from './output/terminal.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: ColorMode
}

export interface SharedOptions extends OutputOptions {
  readonly data: string
}

export interface ConnectionFlags {
  readonly rpc?: string
  readonly node: number
}

export function addShared(command: Command): Command {
  return addOutput(command.option('--data <dir>', 'where the network is kept', defaultDataDir))
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
    .option('--rpc <url>', 'JSON-RPC URL (default: the network that runs in --data)')
    .option('--node <n>', 'which node to talk to', wholeNumber(1, 20), 1)
}

export function fromOption(): Option {
  return new Option('--from <account>', 'account number, address or private key').default('0')
}

export function contextOf(options: SharedOptions & Partial<ConnectionFlags>): CommandContext {
  return { terminal: terminalOf(options), dataDir: options.data, rpc: options.rpc, node: options.node ?? 1 }
}

export function terminalOf({ json, quiet, verbose, color }: OutputOptions): Terminal {
  return createTerminal({ json, quiet, verbose, color })
}

/** Origins with commas between them; each use of the option adds to those before. */
export function originList(text: string, before: readonly string[] = []): string[] {
  const origins = text.split(',').map((one) => one.trim())
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue
    throw new InvalidArgumentError(
      `${JSON.stringify(origin)} is no origin as browsers write it, such as https://app.example or http://10.0.0.7:3000.`,
    )
  }
  return [...before, ...origins]
}

export function wholeNumber(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= greatest) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${greatest}.`)
  }
}
