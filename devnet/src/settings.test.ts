import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProgram } from './program.ts'
import { applySettings, configFile, environmentName, listSettings, nameVariables } from './settings.ts'

const home = process.cwd()
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-settings-'))
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true, force: true })
  for (const name of [
    'DEVNET_PORT',
    'DEVNET_BLOCK_TIME',
    'DEVNET_COLOR',
    'DEVNET_RESET',
    'DEVNET_NO_PREDEPLOYS',
    'DEVNET_NO_DEV',
  ])
    delete process.env[name]
})

/** A program with one command `up`; returns the command as it stands once it would run. */
function run(args: readonly string[], config?: unknown): Command {
  if (config !== undefined) writeFileSync(configFile, typeof config === 'string' ? config : JSON.stringify(config))
  const program = new Command('devnet').exitOverride()
  const up = program
    .command('up')
    .option('--port <port>', '', Number, 8545)
    .option('--block-time <ms>', '', Number)
    .option('--reset', '', false)
    .option('--no-predeploys', '')
    .option('--dev', '')
    .option('--no-dev', '')
    .option('--json', '', false)
    .addOption(new Option('--color <when>').choices(['auto', 'never']).default('auto'))
    .action(() => {})
  nameVariables(program)
  program.hook('preAction', (_program, command) => applySettings(program, command))
  program.parse(['up', ...args], { from: 'user' })
  return up
}

describe('settings', () => {
  it('are taken from the flag, then the environment, then the file, then the default', () => {
    expect(run([]).getOptionValue('port')).toBe(8545)
    expect(run([], { port: 9000 }).getOptionValue('port')).toBe(9000)
    process.env['DEVNET_PORT'] = '9001'
    expect(run([], { port: 9000 }).getOptionValue('port')).toBe(9001)
    expect(run(['--port', '9002'], { port: 9000 }).getOptionValue('port')).toBe(9002)
  })

  it('keep every digit of a number in the file', () => {
    const program = new Command('devnet')
    const send = program.command('send').option('--value <amount>', '', BigInt)
    writeFileSync(configFile, '{"value": 1000000000000000000001}')
    applySettings(program, send)
    expect(send.getOptionValue('value')).toBe(1000000000000000000001n)
  })

  it('have the names of their options', () => {
    process.env['DEVNET_BLOCK_TIME'] = '250'
    expect(run([]).getOptionValue('blockTime')).toBe(250)
    expect(environmentName(new Option('--block-time <ms>'))).toBe('DEVNET_BLOCK_TIME')
  })

  it('turn a flag with "no" off by the variable of its name, or by what it is about in the file', () => {
    expect(run([]).getOptionValue('predeploys')).toBe(true)
    expect(run([], { predeploys: false }).getOptionValue('predeploys')).toBe(false)
    process.env['DEVNET_NO_PREDEPLOYS'] = 'true'
    expect(run([], '{}').getOptionValue('predeploys')).toBe(false)
    process.env['DEVNET_NO_PREDEPLOYS'] = 'false'
    expect(run([], '{}').getOptionValue('predeploys')).toBe(true)
  })

  it('leave open what may be switched on or off, until somebody does', () => {
    expect(run([]).getOptionValue('dev')).toBe(undefined)
    expect(run(['--dev']).getOptionValue('dev')).toBe(true)
    expect(run(['--no-dev'], { dev: true }).getOptionValue('dev')).toBe(false)
    expect(run([], { dev: false }).getOptionValue('dev')).toBe(false)
    process.env['DEVNET_NO_DEV'] = 'true'
    expect(run([], '{}').getOptionValue('dev')).toBe(false)
  })

  it('refuse a wrong value in the environment by the name of the variable', () => {
    process.env['DEVNET_COLOR'] = 'pink'
    expect(() => run([])).toThrow('DEVNET_COLOR must be one of auto, never')
  })

  it('never delete a chain', () => {
    process.env['DEVNET_RESET'] = 'true'
    expect(run([]).getOptionValue('reset')).toBe(false)
    expect(() => run([], { reset: true })).toThrow('there is no option "reset"')
  })

  it.each<[string, unknown, string]>([
    ['a name that is not known', { prot: 1 }, 'there is no option "prot"'],
    ['a list', [1], 'must hold a JSON object'],
    ['no JSON', '{"port":', 'is not valid JSON'],
    ['a wrong choice', { color: 'pink' }, 'must be one of auto, never'],
    ['a flag that is not a flag', { json: 'yes' }, 'must be true or false'],
    ['a nested value', { port: {} }, 'must be a string or a number'],
  ])('refuse %s in the file', (_name, config, words) => {
    expect(() => run([], config)).toThrow(words)
  })

  it('say where they come from', () => {
    process.env['DEVNET_BLOCK_TIME'] = '250'
    const up = run(['--color', 'never'], { port: 9000 })
    expect(listSettings(up).map(({ option, value, source }) => [option, value, source])).toEqual([
      ['port', 9000, 'config file'],
      ['blockTime', 250, 'environment'],
      ['predeploys', true, 'default'],
      ['dev', null, 'default'],
      ['json', false, 'default'],
      ['color', 'never', 'flag'],
    ])
  })
})

it('no option is a flag in one command and has a value in another: one variable stands for both', () => {
  const kinds = new Map<string, boolean>()
  for (const option of createProgram().commands.flatMap(({ options }) => options)) {
    const takesValue = option.required || option.optional
    const name = environmentName(option)
    expect([name, kinds.get(name) ?? takesValue]).toEqual([name, takesValue])
    kinds.set(name, takesValue)
  }
  expect(kinds.get('DEVNET_HOST')).toBe(true)
})
