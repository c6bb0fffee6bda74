/** `devnet dev DIR [ARGS...]`: builds at each change, deploys what has changed, runs the tests again, until Ctrl-C. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildFolder } from '../contracts/buildFolder.ts'
import { findDeployment, readDeployments } from '../contracts/deployments.ts'
import { buildByScript, isScriptProject } from '../contracts/scriptProject.ts'
import { type SourceChange, SourceWatch } from '../contracts/sourceWatch.ts'
import { interruptible } from '../interruption.ts'
import { nodeFailure } from '../network/connection.ts'
import { type ControlServer, startControlServer } from '../network/control/server.ts'
import { networkPaths } from '../network/paths.ts'
import { readRunning } from '../network/readyFile.ts'
import { type Network, startNetwork } from '../network/runner.ts'
import { CliError, showError, usageError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'
import { DEFAULT_WAIT_SECONDS } from '../transactions/limits.ts'
import { type CommandContext, connectFrom } from './context.ts'
import { deployCommand } from './deploy.ts'
import { type NodeWatch, watchNodes } from './nodeWatch.ts'
import { findTestRunner, runTests, type TestsEnd } from './projectTests.ts'

export interface DevOptions {
  readonly from: string
  /** The one contract to deploy, which the arguments are for. */
  readonly contract?: string | undefined
  readonly deploy: boolean
  readonly test: boolean
  /** JSON-RPC port of node 1 of a network that is started here. */
  readonly port: number
}

interface Project {
  readonly context: CommandContext
  readonly directory: string
  readonly words: readonly string[]
  readonly options: DevOptions
}

/** A contract that was built. */
interface Built {
  readonly contractName: string
  readonly deployedBytecode: string
  readonly abi: readonly {
    readonly type: string
    readonly inputs?: readonly { readonly type: string; readonly name?: string | undefined }[] | undefined
  }[]
  /** It is deployed, with its interface where that is a file of its own. */
  readonly file: string
  readonly abiFile: string | undefined
}

/** Of one change, for `--json`. */
interface Round {
  readonly changed: readonly string[]
  contracts: readonly { readonly contractName: string; readonly codeBytes: number }[]
  readonly deployed: unknown[]
  tests: TestsEnd | null
  error: object | null
}

export async function devCommand(
  context: CommandContext,
  directory: string,
  words: readonly string[],
  options: DevOptions,
): Promise<void> {
  const { terminal } = context
  if (!existsSync(join(directory, 'assembly')) && !isScriptProject(directory)) {
    throw new CliError(`${directory} has no assembly/ with a contract to watch, and no build.mjs`, {
      hint: `name the folder of a project; devnet init ${directory} begins one`,
    })
  }
  let doing = 'starting the network'
  await interruptible({ doing: () => doing }, async (interrupted) => {
    // First, since the system may refuse to watch: no node runs then that would have to be stopped.
    const watch = new SourceWatch(directory)
    let network: Network | null = null
    let control: ControlServer | null = null
    let nodes: NodeWatch | null = null
    try {
      if (options.deploy) network = await networkUnlessOneRuns(context, options, interrupted)
      if (network !== null) {
        nodes = watchNodes(terminal, network)
        network.onExit((exit) => nodes?.onExit(exit))
        control = await startControlServer(network, (text, by) => terminal.note(`${text} (by ${by})`))
      }
      doing = `working on ${directory}`
      await rounds({ context, directory, words, options }, watch, interrupted)
    } finally {
      watch.close()
      nodes?.stop()
      if (network !== null) {
        terminal.note('stopping the nodes')
        await control?.close()
        await network.stop()
      }
    }
  })
}

/** Null when a network runs already, or another one was named. */
async function networkUnlessOneRuns(
  { terminal, dataDir, rpc }: CommandContext,
  { port }: DevOptions,
  interrupted: AbortSignal,
): Promise<Network | null> {
  if (rpc !== undefined || readRunning(networkPaths(dataDir)) !== null) return null
  const network = await startNetwork(
    {
      dataDir,
      port,
      nodes: undefined,
      host: '127.0.0.1',
      reset: false,
      blockTimeMs: undefined,
      logLevel: 'info',
      engine: 'mixed',
    },
    terminal.note,
    interrupted,
  )
  terminal.note(`${network.ready.nodes.length} nodes run, the first at ${network.ready.nodes[0]!.rpc}`)
  return network
}

async function rounds(project: Project, watch: SourceWatch, interrupted: AbortSignal): Promise<void> {
  const { terminal } = project.context
  const ended = new Promise<null>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(null), { once: true })
  })
  let change: SourceChange | null = { contracts: true, paths: [] }
  while (change !== null && !interrupted.aborted) {
    const newer = new AbortController()
    const next = watch.next()
    next.then(
      () => newer.abort(),
      () => newer.abort(),
    )
    await oneRound(project, change, AbortSignal.any([interrupted, newer.signal]))
    if (!newer.signal.aborted && !interrupted.aborted) {
      terminal.note(`waiting for changes in ${project.directory} (Ctrl-C ends)`)
    }
    change = await Promise.race([next, ended])
  }
}

/** @param stop what is told only once the work is of no use any more: the next change, or the end */
async function oneRound(project: Project, change: SourceChange, stop: AbortSignal): Promise<void> {
  const { context, options } = project
  const { terminal } = context
  const round: Round = { changed: change.paths, contracts: [], deployed: [], tests: null, error: null }
  if (change.paths.length > 0 && !terminal.json) {
    terminal.print(terminal.color.bold(`${change.paths.map((path) => printable(path)).join(', ')} changed`))
  }
  try {
    const artifacts = await buildAll(project, stop)
    if (artifacts === null) return
    round.contracts = artifacts.map(({ contractName, deployedBytecode }) => ({
      contractName,
      codeBytes: (deployedBytecode.length - 2) / 2,
    }))
    if (!terminal.json) terminal.printLines(round.contracts.map((one) => builtLine(terminal, one)))
    if (options.deploy && change.contracts) await deployAll(project, artifacts, round)
    if (options.test) await testRound(project, round, stop)
  } catch (error) {
    const told = error instanceof CliError ? error : nodeFailure(error)
    if (told === null) throw error
    // Of work that Ctrl-C has ended there is nothing to say.
    if (told.kind === 'interrupted') return
    if (!terminal.json) showError(terminal, told)
    const { kind, message, hint, lines, details } = told
    round.error = { kind, message, hint, lines, details }
  }
  if (terminal.json) terminal.printJsonNow(round)
}

/** Null when it was stopped. @throws CliError */
async function buildAll(
  { context: { terminal }, directory }: Project,
  stop: AbortSignal,
): Promise<readonly Built[] | null> {
  if (isScriptProject(directory)) {
    terminal.note(`building ${directory}`)
    return buildByScript(directory, !terminal.json, stop)
  }
  const artifacts = await buildFolder(terminal, directory, () => terminal.note(`building ${directory}`))
  return artifacts.map(({ contractName, deployedBytecode, abi }) => ({
    ...{ contractName, deployedBytecode, abi, abiFile: undefined },
    file: join(directory, 'build', `${contractName}.json`),
  }))
}

function builtLine({ color }: Terminal, { contractName, codeBytes }: Round['contracts'][number]): string {
  return `${color.green('built')}     ${printable(contractName)}, ${groupDigits(codeBytes)} bytes on chain`
}

/** @throws CliError */
async function deployAll(
  { context, directory, words, options }: Project,
  artifacts: readonly Built[],
  round: Round,
): Promise<void> {
  const { terminal } = context
  const names = artifacts.map(({ contractName }) => contractName)
  const { contract } = options
  if (contract !== undefined && !names.includes(contract)) {
    throw usageError(`${directory} has no contract ${JSON.stringify(contract)}`, `it has ${names.join(', ')}`)
  }
  if (words.length > 0 && contract === undefined && names.length > 1) {
    throw usageError(
      `there are arguments of a constructor, and ${directory} has ${names.length} contracts`,
      `name the one they are for: --contract ${names[0]}`,
    )
  }
  for (const artifact of artifacts) {
    if (contract !== undefined && artifact.contractName !== contract) continue
    const name = printable(artifact.contractName)
    const inputs = artifact.abi.find((item) => item.type === 'constructor')?.inputs ?? []
    if (words.length === 0 && inputs.length > 0) {
      const list = inputs.map(({ type, name: input }) => `${type} ${input}`).join(', ')
      terminal.note(`${name} is not deployed: its constructor takes ${list}; give them after the folder`)
      continue
    }
    if (await isThere(context, artifact)) {
      if (!terminal.json) terminal.print(`${terminal.color.green('unchanged')} ${name}: its code is on the chain`)
      continue
    }
    const deployment = {
      from: options.from,
      value: undefined,
      gas: undefined,
      wait: DEFAULT_WAIT_SECONDS,
      replace: true,
      abi: artifact.abiFile,
    }
    // The command's document is a part of that of the round.
    const own: Terminal = { ...terminal, printJson: (value) => round.deployed.push(value) }
    await deployCommand({ ...context, terminal: own }, artifact.file, words, deployment)
  }
}

/** Whether the contract that has the name now runs this code. */
async function isThere(context: CommandContext, { contractName, deployedBytecode }: Built): Promise<boolean> {
  const connection = await connectFrom(context)
  const deployment = findDeployment(readDeployments(connection.paths), contractName)
  if (deployment === null) return false
  return (await connection.client.getCode({ address: deployment.address })) === deployedBytecode
}

/** @throws CliError */
async function testRound({ context, directory }: Project, round: Round, stop: AbortSignal): Promise<void> {
  const { terminal } = context
  const runner = findTestRunner(directory)
  if (runner === null) {
    terminal.note('no tests are run: there is no test/, or vitest is not installed in the project')
    return
  }
  if (stop.aborted) return
  round.tests = await runTests(runner, directory, !terminal.json, stop)
  if (terminal.json || round.tests === 'stopped') return
  terminal.print(round.tests === 'passed' ? terminal.color.green('tests pass') : terminal.color.red('tests fail'))
}
