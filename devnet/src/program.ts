/**
 * The command line: commands, options, and how errors are shown. Nothing here knows how a command does its work.
 * Commands are loaded when they are asked for: the client library, the compiler and the node take longer to load than
 * most commands to run.
 */
import type { NodeConfigJson } from '@touchstone/node'
import {
  MAX_BLOCK_TIME,
  MAX_CALL_TIMEOUT,
  MAX_CALL_WORKERS,
  MAX_PORT,
  MIN_CALL_GAS,
  MIN_KEPT_STATES,
} from '@touchstone/node/config-limits'
import { LOG_FORMATS, LOG_LEVELS } from '@touchstone/node/log-lines'
import type { ReplayEngine } from '@touchstone/node/replay'
import { Argument, Command, CommanderError, Option } from 'commander'
import type { Hex } from 'viem'
import { addAuthoring, addConsole, addVerifySource } from './authorProgram.ts'
import { commandFirst, hasFlag, whereHelpIs, wordsOf } from './commandLine.ts'
import { completionScript, type Shell, shells } from './commands/completions.ts'
import { configCommand } from './commands/config.ts'
import type { InspectOptions } from './commands/inspect.ts'
import type { LogsFlags } from './commands/logs.ts'
import { statusCommand, watchStatus } from './commands/status.ts'
import { OTHER_CHAINS } from './contracts/elsewhere.ts'
import { interruptible, unlessInterrupted } from './interruption.ts'
import { addLookups } from './lookupProgram.ts'
import { type NetworkEngine, networkEngines } from './network/engines.ts'
import { DEFAULT_RPC_PORT, MAX_NODE_COUNT } from './network/limits.ts'
import { type PriceSchedule, priceSchedules } from './network/priceSchedules.ts'
import {
  blockNumber,
  contractName,
  gasLimit,
  host,
  milliseconds,
  originList,
  path,
  transactionHash,
  typed,
  wei,
  wholeNumber,
} from './optionParsers.ts'
import { otherWordsFor } from './otherWords.ts'
import { CliError, showError } from './output/errors.ts'
import { holdError } from './output/jsonDocument.ts'
import { endsInHelp, outcomes } from './output/outcomes.ts'
import { createTerminal, type Terminal, writeDocument } from './output/terminal.ts'
import {
  addConnection,
  addOutput,
  addShared,
  type ConnectionFlags,
  contextOf,
  fromOption,
  noteGivenData,
  type OutputOptions,
  type SharedOptions,
  terminalOf,
  waitOption,
} from './programOptions.ts'
import { applySettings, jsonIsWanted, nameVariables, refuseContradictions, unknownVariables } from './settings.ts'
import { addSteering } from './steeringProgram.ts'

const DEFAULT_WATCH_SECONDS = 2
const DEFAULT_LOG_LINES = 50
const MAX_LOG_LINES = 10_000
/** The gas of a block does not suffice for as many. */
const MAX_LOG_POSITION = 1_000_000
const MAX_WATCH_SECONDS = 3_600
const usageCode = outcomes.usage.exitCode!

/** These only look: nothing of theirs is left behind, and nothing goes on without them. */
const lookingCommands = [
  ...['call', 'accounts', 'status', 'links', 'trace', 'profile', 'tx', 'block', 'storage', 'balance', 'code', 'events'],
  'verify-source',
]

/** Runs one command line. Resolves with the exit code: output/outcomes.ts. */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = createProgram()
  const line = commandFirst(program, args)
  try {
    await run(program, line)
    return 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const terminal = errorTerminal(program, line)
    if (!(error instanceof CommanderError)) return showError(terminal, await told(error))
    // commander has said it on stderr.
    const { message, meant } = wordsOf(error)
    const dash = error.code === 'commander.unknownOption' ? dashHint(line) : null
    if (dash !== null) terminal.alert(`hint:  ${dash}`)
    const hint = dash ?? meant ?? whereHelpIs(program.commands.find((command) => command.name() === line[0])?.name())
    if (terminal.json) holdError({ kind: 'usage', exitCode: usageCode, message, hint, lines: [], details: null })
    return usageCode
  } finally {
    writeDocument()
  }
}

/** A refusal or a missing answer of a node is no fault of ours. */
async function told(error: unknown): Promise<unknown> {
  if (error instanceof CliError) return error
  const { nodeFailure } = await import('./network/connection.ts')
  return nodeFailure(error) ?? error
}

async function run(program: Command, line: readonly string[]): Promise<void> {
  const work = () => program.parseAsync([...line], { from: 'user' })
  // A watch is ended by a signal, and says nothing about it.
  if (!lookingCommands.includes(line[0] ?? '') || isWatch(line)) return void (await work())
  await interruptible({ doing: () => `devnet ${line[0]} waited for the network` }, (interrupted) =>
    unlessInterrupted(interrupted, work()),
  )
}

function isWatch([command, ...words]: readonly string[]): boolean {
  return command === 'status' && words.some((word) => /^--watch(=|$)/.test(word))
}

export function createProgram(): Command {
  const { printLines, alert, warn } = createTerminal({ json: false, quiet: false, verbose: false, color: 'auto' })
  const alertLines = (lines: readonly string[]) => {
    for (const line of lines) alert(line)
  }
  const program = new Command('devnet')
    // Help and complaints, which quote what was typed. Commands made below inherit it.
    .configureOutput({
      writeOut: (text) => printLines(linesOf(text)),
      writeErr: (text) => alertLines(linesOf(text)),
      // A line feed in it was typed, but for the one before what may have been meant.
      outputError: (text) => {
        const hint = otherWordsFor(text)
        alertLines(text.trimEnd().split(/\n(?=\(Did you mean )/))
        if (hint !== null) alert(`hint:  ${hint}`)
      },
    })
    .description('A local Touchstone network: start it, deploy to it, call it, look at it.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError(`(${whereHelpIs(undefined)})`)
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      'after',
      ['', 'Options may stand before the command too (devnet --json status). docs/devnet.md has the exit codes.'].join(
        '\n',
      ),
    )

  addShared(program.command('up'))
    .description('start a network of nodes and follow it until Ctrl-C; the chain is kept')
    .option(
      '--nodes <n>',
      'how many nodes (default: 4, or as the data directory has it)',
      wholeNumber(1, MAX_NODE_COUNT),
    )
    .option('--port <port>', 'JSON-RPC port of node 1; the others count up', wholeNumber(1, MAX_PORT), DEFAULT_RPC_PORT)
    .option('--host <address>', 'address to listen on', host, '127.0.0.1')
    .option('--reset', 'delete the chain in the data directory and start afresh', false)
    // With neither of the two, a new network is in dev mode and one that is there stays as it was made.
    .option('--dev', 'the network must take dev controls: set balances, move time, go back; a new one does anyway')
    .option('--no-dev', 'a new network takes no dev controls (docs/protocol/dev.md)')
    .addOption(
      new Option(
        '--schedule <name>',
        'prices of a new network: of its own, or those of Arbitrum Stylus for ink that compares (default: touchstone/1)',
      ).choices(priceSchedules),
    )
    .option(
      '--no-predeploys',
      'a new network has no Multicall3 and no deployment factory at the addresses where tools look for them',
    )
    .option(
      '--block-time <time>',
      'make a block every so often: 500ms, 1.5s, or a number of milliseconds (default: when there are transactions)',
      milliseconds(1, MAX_BLOCK_TIME),
    )
    .option(
      '--allow-origin <origins>',
      'web pages that may call every method, such as https://app.example (several with commas); others may read, and send what is signed',
      originList,
    )
    .option(
      '--call-timeout <time>',
      'how long a call or estimate may run, as --block-time takes it (default: 5s)',
      milliseconds(1, MAX_CALL_TIMEOUT),
    )
    .option(
      '--call-gas-cap <gas>',
      'most gas of a call or estimate (default: 50000000)',
      wholeNumber(MIN_CALL_GAS, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--call-workers <n>',
      'threads of each node for calls and estimates (default: 1)',
      wholeNumber(1, MAX_CALL_WORKERS),
    )
    .addOption(
      new Option(
        '--keep-states <n>',
        'newest blocks whose states each node keeps (default: 4096); older ones are let go',
      )
        .argParser(wholeNumber(MIN_KEPT_STATES, Number.MAX_SAFE_INTEGER))
        .conflicts('archive'),
    )
    .option('--archive', 'keep the states of all blocks: calls, balances, proofs and traces at any height')
    .option(
      '--metrics-port <port>',
      'give Prometheus metrics: node 1 at this port, the others count up (default: none)',
      wholeNumber(1, MAX_PORT),
    )
    .option('--metrics-host <address>', 'address to give metrics on', host, '127.0.0.1')
    .option('--config-out <file>', 'write addresses, keys and process ids as JSON once every node answers', path)
    .addOption(
      new Option('--log-level <level>', 'how much the nodes write to their logs').choices(LOG_LEVELS).default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'how they write it: JSON for programs, or text for people (devnet logs reads both)',
      )
        .choices(LOG_FORMATS)
        .default('json'),
    )
    .addOption(
      new Option(
        '--engine <engine>',
        'the engine that runs contracts; mixed: the last node on reference, the one before on the interpreter, the others compiled',
      )
        .choices(networkEngines)
        .default('mixed'),
    )
    .action(async (options: SharedOptions & UpFlags) => {
      // Loaded here so that the other commands need not load the node.
      const { upCommand } = await import('./commands/up.ts')
      const { terminal } = contextOf(options)
      await upCommand(terminal, {
        dataDir: options.data,
        nodes: options.nodes,
        port: options.port,
        host: options.host,
        reset: options.reset,
        dev: options.dev,
        schedule: options.schedule,
        predeploys: options.predeploys,
        blockTimeMs: options.blockTime,
        calls: {
          allowOrigin: options.allowOrigin,
          callTimeout: options.callTimeout,
          callGasCap: options.callGasCap,
          callWorkers: options.callWorkers,
        },
        keepStates: options.archive === true ? null : options.keepStates,
        metrics:
          options.metricsPort === undefined ? undefined : { host: options.metricsHost, port: options.metricsPort },
        configOut: options.configOut,
        logLevel: options.logLevel,
        logFormat: options.logFormat,
        engine: options.engine,
      })
    })

  addAuthoring(program)

  addShared(program.command('inspect'))
    .description(
      'show what kind of module a file is, its needs and costs, and whether the chain would take it; needs no network',
    )
    .argument('<file>', 'a .wasm file, or an artifact .json', path)
    .option('--all', 'every row of every table', false)
    .option('--rewritten', 'how each function is charged, and the code that the compiled engine runs', false)
    .addOption(new Option('--schedule <name>', 'prices of the static gas').default('touchstone/1'))
    .addOption(
      new Option('--for <chain>', 'whether another chain would take it, why not, and what Arbitrum would charge')
        .choices(['arbitrum', ...OTHER_CHAINS])
        .conflicts('rewritten'),
    )
    .action(async (file: string, options: SharedOptions & InspectOptions) => {
      // Loaded here because the virtual machine and the compiler take half a second to load.
      const { inspectCommand } = await import('./commands/inspect.ts')
      inspectCommand(contextOf(options), file, options)
    })

  addConnection(addShared(program.command('deploy')))
    .description('deploy a contract and run its constructor')
    .argument('<file>', 'artifact, the folder it was built in, or a .wasm file', path)
    .argument('[args...]', 'constructor arguments')
    .option(
      '--name <name>',
      'call it by this name from now on (default: the name in the artifact, or of the .wasm file)',
      contractName,
    )
    .option('--replace', 'take the name from a contract that has it, which gets a number', false)
    .option('--abi <file>', "interface of a .wasm file: its ABI as JSON, or Solidity's", path)
    .addOption(fromOption())
    .option('--value <amount>', 'wei to send along, such as 1.5ether', wei)
    .option('--gas <limit>', 'gas limit (default: estimated)', gasLimit)
    .addOption(waitOption())
    .action(
      async (
        file: string,
        words: string[],
        options: SharedOptions & ConnectionFlags & SendFlags & { name?: string; abi?: string; replace: boolean },
      ) => {
        const { deployCommand } = await import('./commands/deploy.ts')
        await deployCommand(contextOf(options), file, words, options)
      },
    )

  addConnection(addShared(program.command('call')))
    .description('read from a contract; changes nothing')
    .argument('<contract>', 'address, or the name it was deployed under')
    .argument(
      '<function>',
      'name, or signature such as transfer(address,uint256), with results of an unknown one: "name()(string)"',
    )
    .argument('[args...]', 'numbers, 0x hex, 1.5ether, true, @0 for an account, contract names, JSON for lists')
    .option('--abi <file>', 'artifact, ABI or Solidity interface (default: that of the deployment)', path)
    .option('--block <number>', 'as of this block (default: the latest)', blockNumber)
    .addOption(fromOption())
    .action(
      async (
        contract: string,
        name: string,
        words: string[],
        options: SharedOptions & ConnectionFlags & { from: string; abi?: string; block?: bigint },
      ) => {
        const { callCommand } = await import('./commands/call.ts')
        await callCommand(contextOf(options), contract, name, words, options)
      },
    )

  addConnection(addShared(program.command('send')))
    .description('send a transaction and wait until it is final; without a function, ether alone')
    .argument('<contract>', 'address, the name it was deployed under, or @1 for an account')
    .argument('[function]', 'name, or signature such as transfer(address,uint256)')
    .argument('[args...]', 'as for call')
    .option('--abi <file>', 'artifact, ABI or Solidity interface (default: that of the deployment)', path)
    .addOption(fromOption())
    .option('--value <amount>', 'wei to send along, such as 1.5ether', wei)
    .option('--gas <limit>', 'gas limit (default: estimated)', gasLimit)
    .addOption(waitOption())
    .action(
      async (
        contract: string,
        name: string | undefined,
        words: string[],
        options: SharedOptions & ConnectionFlags & SendFlags & { abi?: string },
      ) => {
        const { sendCommand } = await import('./commands/send.ts')
        await sendCommand(contextOf(options), contract, name, words, options)
      },
    )

  addConnection(addShared(program.command('receipt')))
    .description('show the outcome of a transaction; waits for it while it is under way')
    .argument('<hash>', 'of the transaction', transactionHash)
    .addOption(waitOption())
    .action(async (hash: Hex, options: SharedOptions & ConnectionFlags & { wait: number }) => {
      const { receiptCommand } = await import('./commands/receipt.ts')
      await receiptCommand(contextOf(options), hash, options.wait)
    })

  addShared(program.command('status'))
    .description('where every node stands, and whether they agree')
    .option(
      '--watch [seconds]',
      'look again every so many seconds (2) until Ctrl-C, and show the changes',
      wholeNumber(1, MAX_WATCH_SECONDS),
    )
    .action(async (options: SharedOptions & { watch?: number | true }) => {
      const { watch } = options
      if (watch === undefined) return statusCommand(contextOf(options))
      await watchStatus(contextOf(options), watch === true ? DEFAULT_WATCH_SECONDS : watch)
    })

  addConnection(addShared(program.command('export')))
    .description('write the chain of a network, running or stopped, to a file that devnet replay can execute again')
    .argument('<file>', 'where to; replaced when it exists', path)
    .action(async (file: string, options: SharedOptions & ConnectionFlags) => {
      // Loaded here because only this command needs the formats of the chain.
      const { exportCommand } = await import('./commands/export.ts')
      await exportCommand(contextOf(options), file)
    })

  addShared(program.command('replay'))
    .description(
      'execute an exported chain again and compare every root, receipt, log and gas figure; needs no network',
    )
    .argument('<file>', 'written by devnet export', path)
    .addOption(
      new Option('--engine <engine>', 'the engine that runs contracts; mixed: all, each block on each')
        .choices(networkEngines)
        .default('mixed'),
    )
    .option('--no-certificates', 'leave out the signatures of validators')
    .action(async (file: string, options: SharedOptions & { engine: ReplayEngine; certificates: boolean }) => {
      // Loaded here because the virtual machine takes a moment to load.
      const { replayCommand } = await import('./commands/replay.ts')
      await replayCommand(contextOf(options), file, options)
    })

  addConnection(addShared(program.command('prove')))
    .description(
      'write a file that proves an account, storage slots, a receipt or a log to anybody who has the genesis',
    )
    .argument('[account]', 'address, the name it was deployed under, or @1 for an account')
    .argument('[slots...]', 'of its storage, to be proven too: numbers, decimal or 0x hex')
    .option('--receipt <hash>', 'prove the receipt of this transaction instead', transactionHash)
    .option('--log <n>', 'with --receipt: the log at this position of it, from 0', wholeNumber(0, MAX_LOG_POSITION))
    .option('--block <number>', 'the state after this block (default: the latest)', blockNumber)
    .option('--out <file>', 'where to; replaced when it exists', path, 'proof.json')
    .action(
      async (account: string | undefined, slots: string[], options: SharedOptions & ConnectionFlags & ProveFlags) => {
        // Loaded here because only these commands need the formats of the chain.
        const { proveCommand } = await import('./commands/prove.ts')
        await proveCommand(contextOf(options), account, slots, options)
      },
    )

  addShared(program.command('verify'))
    .description('check a file of `devnet prove` with nothing but the genesis; asks no node')
    .argument('<file>', 'written by devnet prove', path)
    .option('--genesis <file>', "the chain's genesis (default: that of the network in the data directory)", path)
    .action(async (file: string, options: SharedOptions & { genesis?: string }) => {
      const { verifyCommand } = await import('./commands/verify.ts')
      verifyCommand(contextOf(options), file, options.genesis)
    })

  addVerifySource(program)
  addConsole(program)

  addConnection(addShared(program.command('accounts')))
    .description('the development accounts with keys and balances')
    .action(async (options: SharedOptions & ConnectionFlags) => {
      const { accountsCommand } = await import('./commands/accounts.ts')
      await accountsCommand(contextOf(options))
    })

  addLookups(program)
  addShared(program.command('logs'))
    .description('show what the nodes wrote to their logs, of a network that runs or not; colours on a terminal')
    .argument('[number]', 'which node, from 1 (default: all, by time)', wholeNumber(1, MAX_NODE_COUNT))
    .option('-f, --follow', 'go on with what they write, until Ctrl-C', false)
    .addOption(new Option('--level <level>', 'from which level on').choices(LOG_LEVELS).default('info'))
    .option('--lines <n>', 'how many of the last lines', wholeNumber(0, MAX_LOG_LINES), DEFAULT_LOG_LINES)
    .action(async (node: number | undefined, options: SharedOptions & LogsFlags) => {
      const { logsCommand } = await import('./commands/logs.ts')
      await logsCommand(contextOf(options), node, options)
    })

  addSteering(program)

  addOutput(program.command('completions'))
    .description('print a script that completes commands, contracts, functions and more in your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .option(
      '--line <text>',
      'print what may come next after this beginning of a command line: the script asks so',
      typed,
    )
    .action(async (shell: Shell, options: OutputOptions & { line?: string }) => {
      const terminal = terminalOf(options)
      if (options.line === undefined) {
        const script = completionScript(shell)
        return terminal.json ? terminal.printJson({ shell, script }) : terminal.printLines(script.split('\n'))
      }
      const { candidates } = await import('./commands/candidates.ts')
      const words = candidates(program, options.line)
      if (terminal.json) terminal.printJson({ shell, words })
      else terminal.printLines(words)
    })

  addShared(program.command('config'))
    .description('the options `devnet up` would run with, and where each has its value from')
    .action((options: SharedOptions, config: Command) => configCommand(contextOf(options), upOptions(program, config)))

  nameVariables(program)
  refuseContradictions(program)
  for (const command of program.commands) {
    command.addHelpText('after', endsInHelp(command.name())).showHelpAfterError(`(${whereHelpIs(command.name())})`)
  }
  program.hook('preAction', (_program, command) => {
    for (const line of unknownVariables(program)) warn(line)
    applySettings(program, command)
    noteGivenData(command)
  })
  return program
}

/** `devnet up` as it would be run now, with those of its flags that `given` has too. */
function upOptions(program: Command, given: Command): Command {
  const up = program.commands.find((command) => command.name() === 'up')!
  for (const name of up.options.map((option) => option.attributeName())) {
    if (given.getOptionValueSource(name) !== 'cli') continue
    up.setOptionValueWithSource(name, given.getOptionValue(name), 'cli')
  }
  applySettings(program, up)
  return up
}

interface UpFlags {
  readonly nodes?: number
  readonly port: number
  readonly host: string
  readonly reset: boolean
  readonly dev?: boolean
  readonly schedule?: PriceSchedule
  readonly predeploys: boolean
  readonly blockTime?: number
  readonly allowOrigin?: string[]
  readonly callTimeout?: number
  readonly callGasCap?: number
  readonly callWorkers?: number
  readonly keepStates?: number
  readonly archive?: boolean
  readonly metricsPort?: number
  readonly metricsHost: string
  readonly configOut?: string
  readonly logLevel: NodeConfigJson['logLevel']
  readonly logFormat: NodeConfigJson['logFormat']
  readonly engine: NetworkEngine
}

interface ProveFlags {
  readonly receipt?: Hex
  readonly log?: number
  readonly block?: bigint
  readonly out: string
}

interface SendFlags {
  readonly from: string
  readonly value?: bigint
  readonly gas?: bigint
  readonly wait: number
}

/** A negative amount, or a text that begins with a dash, among the arguments of a contract. */
function dashHint([command]: readonly string[]): string | null {
  if (!['call', 'send', 'deploy', 'trace', 'profile'].includes(command!)) return null
  return 'before an argument that begins with a dash, such as -5ether, write --'
}

/** For what was thrown before, or while, a command knew its options. */
function errorTerminal(program: Command, line: readonly string[]): Terminal {
  const json = hasFlag(program, line, '--json') || jsonIsWanted()
  return terminalOf({ json, quiet: false, verbose: hasFlag(program, line, '-v', '--verbose'), color: 'auto' })
}

/** Text of several lines, such as commander's help, without the end of the last one. */
function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n')
}
