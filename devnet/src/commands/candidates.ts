/**
 * The words that may come next on a command line, for the shell that somebody types it in: commands, options and their
 * values, contracts of the network with their functions, accounts, nodes. Nothing is asked of a node.
 */
import type { Command, Option } from 'commander'
import type { Abi, AbiFunction, AbiParameter } from 'viem'
import { type Deployment, findDeployment, readDeployments } from '../contracts/deployments.ts'
import { abiOf } from '../contracts/knownContracts.ts'
import { findSystemContract, systemContracts } from '../contracts/systemContracts.ts'
import { DEV_ACCOUNT_COUNT } from '../network/accounts.ts'
import { defaultDataDir, type NetworkPaths, networkPaths } from '../network/paths.ts'
import { readRunning } from '../network/readyFile.ts'
import { CliError, systemError } from '../output/errors.ts'

/** Of text that a shell would take for something else than a word nothing is offered, whoever chose it. */
const PLAIN = /^[\w@.,:/+=-]+$/
/** A word, or the beginning of one in quotes. */
const WORD = /"[^"]*"?|'[^']*'?|[^\s"']+/g

const readsContract = ['call', 'send', 'trace', 'profile']
/** Their first word is a contract or an account. */
const takesAccount = ['send', 'balance', 'storage', 'code', 'prove']
const takesContract = [...readsContract, ...takesAccount, 'events', 'verify-source']

export function candidates(program: Command, line: string): readonly string[] {
  const words = line.match(WORD) ?? []
  const current = /\s$/.test(line) || words.length === 0 ? '' : words.pop()!
  // Before the command's own name stand npx and variables.
  const own = words.findIndex((word) => /(^|\/)devnet(\.js)?$/.test(word))
  const typed = words.slice(own + 1)
  return [...new Set(offered(program, typed, current))].filter(
    (word) => word.startsWith(current) && word !== '' && PLAIN.test(word),
  )
}

function offered(program: Command, typed: readonly string[], current: string): readonly string[] {
  const read = readWords(program, typed)
  if (read.command === null) return program.commands.map((command) => command.name())
  if (read.open !== null) return valuesOf(read.open, read.paths)
  if (current.startsWith('-')) return read.command.options.flatMap(({ long }) => (long ? [long] : []))
  const at = read.words.length
  const choices = read.command.registeredArguments[at]?.argChoices
  if (choices !== undefined) return choices
  return wordsOf(read.command.name(), read.words, read.paths)
}

interface ReadWords {
  readonly command: Command | null
  /** Without options and their values. */
  readonly words: readonly string[]
  /** The option whose value is to come. */
  readonly open: Option | null
  readonly paths: NetworkPaths
}

function readWords(program: Command, typed: readonly string[]): ReadWords {
  const all = program.commands.flatMap(({ options }) => options)
  const words: string[] = []
  let command: Command | null = null
  let open: Option | null = null
  let data = process.env['DEVNET_DATA'] ?? defaultDataDir
  for (const word of typed) {
    if (open !== null) {
      if (open.long === '--data') data = word
      open = null
    } else if (word.startsWith('--data=')) data = word.slice('--data='.length)
    else if (word.startsWith('-')) {
      const option: Option | undefined = (command?.options ?? all).find(
        ({ long, short }) => long === word || short === word,
      )
      open = option?.required === true ? option : null
    } else if (command === null) command = program.commands.find((one) => one.name() === word) ?? null
    else words.push(word)
  }
  return { command, words, open, paths: networkPaths(data) }
}

function valuesOf({ long, argChoices }: Option, paths: NetworkPaths): readonly string[] {
  if (argChoices !== undefined) return argChoices
  if (long === '--node') return nodesOf(paths)
  return long === '--from' ? accounts : []
}

const accounts = Array.from({ length: DEV_ACCOUNT_COUNT }, (_, at) => `@${at}`)

function wordsOf(command: string, words: readonly string[], paths: NetworkPaths): readonly string[] {
  const [first, second] = words
  if (command === 'node' || command === 'logs') return nodesOf(paths)
  if (!takesContract.includes(command)) return []
  const contracts = [...deploymentsOf(paths).map(({ name }) => name), ...systemContracts.map(({ name }) => name)]
  if (first === undefined || command === 'balance') {
    return takesAccount.includes(command) ? [...contracts, ...accounts] : contracts
  }
  const abi = abiNamed(first, paths)
  if (command === 'events') return second === undefined ? namesOf(abi, 'event') : []
  if (!readsContract.includes(command)) return []
  if (second === undefined) return functionsOf(abi, command).map(({ name }) => name)
  const called = functionsOf(abi, 'trace').filter(({ name }) => name === second)
  const inputs = called.map((item) => item.inputs[words.length - 2]).filter((input) => input !== undefined)
  return inputs.flatMap((input) => argumentsFor(input, contracts))
}

function argumentsFor({ type }: AbiParameter, contracts: readonly string[]): readonly string[] {
  if (type === 'address') return [...accounts, ...contracts]
  return type === 'bool' ? ['true', 'false'] : []
}

/** Those that change something for send, that do not for call. */
function functionsOf(abi: Abi, command: string): readonly AbiFunction[] {
  const functions = abi.filter((item): item is AbiFunction => item.type === 'function')
  const reads = ({ stateMutability }: AbiFunction) => stateMutability === 'view' || stateMutability === 'pure'
  if (command === 'trace' || command === 'profile') return functions
  return functions.filter((item) => reads(item) === (command === 'call'))
}

function namesOf(abi: Abi, type: 'event'): readonly string[] {
  return abi.flatMap((item) => (item.type === type ? [item.name] : []))
}

function nodesOf(paths: NetworkPaths): readonly string[] {
  return attempted(() => (readRunning(paths)?.nodes ?? []).map(({ index }) => String(index)), [])
}

function deploymentsOf(paths: NetworkPaths): readonly Deployment[] {
  return attempted(() => readDeployments(paths), [])
}

function abiNamed(name: string, paths: NetworkPaths): Abi {
  const system = findSystemContract(name)
  if (system !== null) return system.abi
  const deployment = findDeployment(deploymentsOf(paths), name)
  return deployment === null ? [] : attempted(() => abiOf(deployment), [])
}

/** A broken or missing file is told by the command that is being typed. */
function attempted<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CliError || systemError(error) !== null) return otherwise
    throw error
  }
}
