/**
 * Options that are not on the command line: from the environment (DEVNET_PORT=9000), then from `devnet.config.json` in
 * the current folder ({"port": 9000}). A flag wins over the environment, the environment over the file.
 */
import type { Command, Option } from 'commander'
import { readJsonFile } from './network/jsonFile.ts'
import { nodeBinariesVariable } from './network/nodeProgram.ts'
import { CliError, usageError } from './output/errors.ts'
import { printable } from './output/printable.ts'
import { closest } from './output/suggestion.ts'

export const configFile = 'devnet.config.json'

const prefix = 'DEVNET_'

/** UTF-16 units of a wrong value that are shown. */
const MAX_SHOWN = 200

/** Deleting a chain must be asked for each time, so it has no place in a file or an environment. */
const flagsOnly = ['reset', 'version', 'help']

export interface Setting {
  readonly option: string
  readonly value: unknown
  readonly source: 'flag' | 'environment' | 'config file' | 'default'
}

/** Shows in every command's help which variable stands for which option. */
export function nameVariables(program: Command): void {
  for (const option of program.commands.flatMap(settable)) option.env(environmentName(option))
}

/** Fills in what no flag gave from the environment, then from the config file. @throws CliError */
export function applySettings(program: Command, command: Command): void {
  applyEnvironment(command)
  applyConfigFile(program, command)
}

/** commander reads only variables that an option had when it was added; ours get their names from the options. */
function applyEnvironment(command: Command): void {
  for (const option of settable(command)) {
    const variable = environmentName(option)
    const text = process.env[variable]
    const name = option.attributeName()
    if (text === undefined || command.getOptionValueSource(name) === 'cli') continue
    const value = parseSetting(option, isFlag(option) ? booleanOf(text) : text, variable)
    // The variable of --no-certificates is DEVNET_NO_CERTIFICATES, and its option is `certificates`.
    command.setOptionValueWithSource(name, option.negate ? !value : value, 'env')
  }
}

/** Warnings about settings that no option reads: a typing error would otherwise be taken for a setting. */
export function unknownVariables(program: Command): string[] {
  const known = [...new Set([...program.commands.flatMap(settable).map(environmentName), nodeBinariesVariable])]
  const given = Object.keys(process.env).filter((name) => name.startsWith(prefix) && !known.includes(name))
  return given.sort().map((name) => {
    const option = name.slice(prefix.length).toLowerCase()
    if (flagsOnly.includes(option)) return `${printable(name)} is not read: give --${option} each time`
    const near = closest(
      name.slice(prefix.length),
      known.map((one) => one.slice(prefix.length)),
    )
    const meant = near === null ? '' : `; did you mean ${prefix}${near}?`
    return `${printable(name)} is not read: there is no such option${meant}`
  })
}

/** Whether environment or config file ask for JSON, for an error that comes before the options are known. */
export function jsonIsWanted(): boolean {
  const text = process.env[`${prefix}JSON`]
  if (text !== undefined) return booleanOf(text) === true
  try {
    return (readConfig() as { readonly json?: unknown } | null)?.json === true
  } catch (error) {
    // It is told by the command that reads it.
    if (error instanceof CliError) return false
    throw error
  }
}

/** A word that is neither stays a string, and is refused. */
function booleanOf(text: string): boolean | string {
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : text
}

/** Each use of these adds to those before. */
const cumulative = ['--allow-origin']

/** Of two values the last would win without a word. @throws CliError when an option is given twice with different ones. */
export function refuseContradictions(program: Command): void {
  for (const command of program.commands) {
    for (const option of command.options.filter(({ long, required }) => required && !cumulative.includes(long!))) {
      let first: string | null = null
      command.on(`option:${option.name()}`, (value: string) => {
        if (first !== null && first !== value) {
          throw usageError(`${option.long} is given twice: ${shown(first)} and ${shown(value)}`, 'give it once')
        }
        first = value
      })
    }
  }
}

function applyConfigFile(program: Command, command: Command): void {
  const config = readConfig()
  if (config === null) return
  if (typeof config !== 'object' || Array.isArray(config)) {
    throw usageError(`${configFile} must hold a JSON object of options`, 'such as {"port": 9000, "nodes": 7}')
  }
  const known = [...new Set(program.commands.flatMap(settable).map((option) => option.attributeName()))]
  for (const [name, value] of Object.entries(config)) {
    if (!known.includes(name)) {
      const near = closest(name, known)
      throw usageError(
        `${configFile}: there is no option ${shown(name)}`,
        near === null ? `options: ${known.join(', ')}` : `did you mean "${near}"?`,
      )
    }
    const option = settable(command).find((candidate) => candidate.attributeName() === name)
    if (option === undefined || givenElsewhere(command, name)) continue
    command.setOptionValueWithSource(name, parseSetting(option, value), 'config')
  }
}

/** Null when there is none. @throws CliError */
function readConfig(): unknown {
  return readJsonFile(configFile, {
    kind: 'usage',
    hint: `mend it by hand, or delete it: an object of options such as {"port": 9000, "nodes": 7}`,
  })
}

/** Where each option of a command has its value from. `--dev` and `--no-dev` are one. */
export function listSettings(command: Command): Setting[] {
  return [...new Set(settable(command).map((option) => option.attributeName()))].map((name) => {
    const source = command.getOptionValueSource(name)
    return {
      option: name,
      value: command.getOptionValue(name) ?? null,
      source:
        source === 'cli' ? 'flag' : source === 'env' ? 'environment' : source === 'config' ? 'config file' : 'default',
    }
  })
}

/** The given value, as it would stand in the file. */
function shown(value: unknown): string {
  return printable(typeof value === 'bigint' ? String(value) : JSON.stringify(value), MAX_SHOWN)
}

export function environmentName(option: Option): string {
  return `${prefix}${option.name().replaceAll('-', '_').toUpperCase()}`
}

function settable(command: Command): Option[] {
  return command.options.filter((option) => !flagsOnly.includes(option.name()))
}

function givenElsewhere(command: Command, name: string): boolean {
  const source = command.getOptionValueSource(name)
  return source === 'cli' || source === 'env'
}

/** commander counts `--no-` options apart. */
function isFlag(option: Option): boolean {
  return option.isBoolean() || option.negate
}

function parseSetting(option: Option, value: unknown, where = `${configFile}: "${option.attributeName()}"`): unknown {
  if (isFlag(option)) {
    if (typeof value === 'boolean') return value
    throw usageError(`${where} must be true or false, not ${shown(value)}`)
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    throw usageError(`${where} must be a string or a number, not ${shown(value)}`)
  }
  if (option.argChoices !== undefined && !option.argChoices.includes(String(value))) {
    throw usageError(`${where} must be one of ${option.argChoices.join(', ')}, not ${shown(value)}`)
  }
  try {
    return option.parseArg === undefined ? String(value) : option.parseArg(String(value), undefined)
  } catch (error) {
    throw usageError(`${where}: ${shown(value)} is invalid. ${(error as Error).message}`)
  }
}
