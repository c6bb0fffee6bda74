/** `devnet up`: starts the network, shows how to use it, follows it until Ctrl-C. */
import { relative } from 'node:path'
import { collectAtRest, isLoopback, keepCompiledCode } from '@touchstone/node'
import { interruptible } from '../interruption.ts'
import { type ControlServer, startControlServer } from '../network/control/server.ts'
import { writeJsonFile } from '../network/jsonFile.ts'
import { type Network, type NetworkOptions, startNetwork } from '../network/runner.ts'
import { CliError } from '../output/errors.ts'
import { outputClosed } from '../output/outputClosed.ts'
import type { Terminal } from '../output/terminal.ts'
import { printBanner } from './banner.ts'
import { followBlocks } from './follow.ts'
import { watchNodes } from './nodeWatch.ts'
import { outputFault } from './outputFile.ts'

export interface UpOptions extends NetworkOptions {
  readonly configOut: string | undefined
}

/** Resolves once the network was stopped. @throws CliError when no node is left, or there was a divergence. */
export async function upCommand(terminal: Terminal, options: UpOptions): Promise<void> {
  if (!isLoopback(options.host)) {
    terminal.warn(
      `--host ${options.host}: other machines can reach these nodes, and everybody knows the private keys of the accounts`,
    )
  }
  if (options.configOut !== undefined) requireWritable(options.configOut)
  let doing = 'starting the nodes'
  const said = { doing: () => doing, hint: () => 'the chain so far is kept; npm start goes on with it' }
  return interruptible(said, async (interrupted) => {
    const network = await startNetwork(options, terminal.note, interrupted)
    let control: ControlServer | null = null
    try {
      control = await startControlServer(network, (text, by) => {
        const line = `${terminal.color.yellow(text)} (by ${by})`
        if (terminal.json) terminal.note(line)
        else terminal.print(line)
      })
      await follow(terminal, network, options, interrupted)
    } finally {
      doing = 'stopping the nodes'
      terminal.note(doing)
      await control?.close()
      await network.stop()
      terminal.note(
        `stopped; the chain is kept in ${relative('.', network.paths.root) || '.'} (npm start goes on with it, --reset deletes it)`,
      )
    }
  })
}

async function follow(
  terminal: Terminal,
  network: Network,
  options: UpOptions,
  interrupted: AbortSignal,
): Promise<void> {
  if (options.configOut !== undefined) writeReadyFile(options.configOut, network)
  if (terminal.json) terminal.printJsonNow(network.ready)
  else printBanner(terminal, network)
  keepCompiledCode()
  collectAtRest()

  const watch = watchNodes(terminal, network)
  const allGone = new Promise<'gone'>((resolve) => {
    network.onExit((exit) => {
      watch.onExit(exit)
      // One that was stopped on purpose may be started again.
      if (network.describe().nodes.every(({ state }) => state === 'ended')) resolve('gone')
    })
  })
  const stopFollowing = terminal.json ? () => {} : followBlocks(terminal, network)
  const ending = await Promise.race([aborted(interrupted), allGone, outputClosed])
  stopFollowing()
  watch.stop()
  if (ending === 'gone') throw new CliError('no node is left running')
  if (watch.sawDivergence) throw new CliError('a block came out otherwise on a node than its header says: see above')
}

/** Before a network is started for nothing. */
function requireWritable(path: string): void {
  const fault = outputFault(path)
  if (fault === null) return
  throw new CliError(`cannot write the ready file ${path}: ${fault}`, {
    hint: 'name a file in a folder that exists: --config-out FILE',
  })
}

function writeReadyFile(path: string, network: Network): void {
  try {
    writeJsonFile(path, network.ready)
  } catch (error) {
    throw new CliError(`cannot write the ready file ${path}: ${(error as Error).message}`, {
      hint: 'name a file in a folder that exists: --config-out FILE',
    })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
