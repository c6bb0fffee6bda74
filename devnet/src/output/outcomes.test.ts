/** How commands end: docs/devnet.md, `--help`, exit codes and the document of `--json` say the same. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../program.ts'
import { runInProcess, watchingOutput } from '../testing/runInProcess.ts'
import { CliError, InterruptedError, showError } from './errors.ts'
import { commandEnds, endsInHelp, outcomes, outcomeTables } from './outcomes.ts'
import { createTerminal, writeDocument } from './terminal.ts'

const home = process.cwd()
const folder = mkdtempSync(join(tmpdir(), 'touchstone-outcomes-'))
beforeAll(() => {
  process.chdir(folder)
  mkdirSync('empty')
  writeFileSync('module.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
})
afterAll(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true, force: true })
})

/** Arguments that a command needs. */
const needed: Readonly<Record<string, readonly string[]>> = {
  build: ['empty'],
  dev: ['empty'],
  inspect: ['empty'],
  deploy: ['empty'],
  call: ['Token', 'name'],
  send: ['Token', 'name'],
  receipt: [`0x${'11'.repeat(32)}`],
  trace: [`0x${'11'.repeat(32)}`],
  profile: [`0x${'11'.repeat(32)}`],
  tx: [`0x${'11'.repeat(32)}`],
  storage: ['@0', '0'],
  balance: ['@0'],
  code: ['@0'],
  init: ['new'],
  prove: ['@0'],
  verify: ['empty'],
  'verify-source': ['Token', 'empty'],
  export: ['out'],
  replay: ['empty'],
  node: ['kill', '1'],
  partition: ['1/2'],
  link: ['1-2', '--reset'],
  completions: ['bash'],
  console: ['--eval', '1'],
}
const names = Object.keys(commandEnds)
const asking = names.filter((name) => commandEnds[name]!.asksNetwork)
/** Those that fail for what is given them, before a network is asked. */
const failing = ['build', 'dev', 'inspect', 'deploy', 'replay', 'verify']
/** A contract that can be deployed, as a network is asked only then. */
const deployable = join(home, 'contracts/foreign/counter.wasm')
const argumentsOf = (name: string) => [name, ...(needed[name] ?? [])]

it('docs/devnet.md has both tables as they are', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/devnet.md'), 'utf8')
  for (const table of outcomeTables()) expect(page).toContain(`\n\n${table}\n\n`)
})

it('every command is in the table, and its help has its row', async () => {
  const { commands } = createProgram()
  expect(commands.map((command) => command.name()).sort()).toEqual([...names].sort())
  for (const name of names) expect((await runInProcess(name, '--help')).out).toContain(endsInHelp(name).trim())
})

/** The one document on stdout, whose error says what the exit code says. */
async function endOf(...args: string[]): Promise<{ readonly code: number; readonly error: unknown }> {
  const { code, out } = await runInProcess(...args)
  const { error } = JSON.parse(out) as { error: Record<string, unknown> }
  expect(Object.keys(error).sort()).toEqual(['details', 'exitCode', 'hint', 'kind', 'lines', 'message'])
  expect([error['exitCode'], typeof error['message']]).toEqual([code, 'string'])
  return { code, error: error['kind'] }
}

it.each(names)('devnet %s ends with 2 when it is used wrongly, wherever --json stands', async (name) => {
  const args = argumentsOf(name)
  const wrong = { code: 2, error: 'usage' }
  expect(await endOf(...args, '--json', '--frobnicate')).toEqual(wrong)
  expect(await endOf('--json', ...args, '--frobnicate')).toEqual(wrong)
  expect(await endOf('--json', '--color', 'pink', ...args)).toEqual(wrong)
})

it.each(asking)('devnet %s ends with 3 when there is no network', async (name) => {
  const args = name === 'deploy' ? [name, deployable] : argumentsOf(name)
  expect(await endOf(...args, '--json', '--data', 'empty')).toEqual({ code: 3, error: 'unreachable' })
})

it.each(failing)('devnet %s ends with 1 when it fails', async (name) => {
  expect(commandEnds[name]!.failed).not.toBeNull()
  expect(await endOf('--json', ...argumentsOf(name))).toEqual({ code: 1, error: 'failed' })
})

it('what cannot fail ends with 0, and with one document', async () => {
  for (const args of [['config'], ['completions', 'fish'], ['inspect', 'module.wasm', '--all']]) {
    const { code, out } = await runInProcess('--json', ...args)
    if (args[0] !== 'inspect') expect(code).toBe(0)
    JSON.parse(out)
  }
})

it('a report that ends in a failure is one document with it', async () => {
  const { code, out } = await runInProcess('inspect', 'module.wasm', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    accepted: false,
    file: 'module.wasm',
    error: { kind: 'failed', exitCode: 1 },
  })
})

it('devnet config shows what devnet up would do with the flags that both have', async () => {
  const { out } = await runInProcess('config', '--json', '--data', 'elsewhere')
  expect(JSON.parse(out)).toMatchObject({
    data: { value: expect.stringMatching(/elsewhere$/), source: 'flag' },
    port: { value: 8545, source: 'default' },
  })
})

it('DEVNET_JSON and devnet.config.json ask for JSON as the flag does', async () => {
  process.env['DEVNET_JSON'] = '1'
  expect(await endOf('frobnicate')).toEqual({ code: 2, error: 'usage' })
  process.env['DEVNET_JSON'] = 'maybe'
  expect(await runInProcess('status')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('not "maybe"') })
  delete process.env['DEVNET_JSON']
  writeFileSync('devnet.config.json', '{"json": true}')
  expect(await endOf('status', '--data', 'empty')).toEqual({ code: 3, error: 'unreachable' })
  rmSync('devnet.config.json')
})

it('any error is told in the document: with its details, of the system, of a signal, of ours', async () => {
  const terminal = createTerminal({ json: true, quiet: false, verbose: false, color: 'never' })
  const told = async (error: unknown, found?: unknown) => {
    let code = -1
    const { out } = await watchingOutput(() => {
      if (found !== undefined) terminal.printJson(found)
      code = showError(terminal, error)
      writeDocument()
    })
    return { code, ...JSON.parse(out) }
  }
  const built = new CliError('it does not build', { lines: ['a.ts:1:2: no'], details: { problems: [{ line: 1n }] } })
  expect(await told(built)).toEqual({
    code: 1,
    error: {
      ...{ kind: 'failed', exitCode: 1, message: 'it does not build', hint: null, lines: ['a.ts:1:2: no'] },
      details: { problems: [{ line: '1' }] },
    },
  })
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
  expect(await told(full, ['found'])).toMatchObject({
    code: 1,
    result: ['found'],
    error: { kind: 'failed', message: full.message, details: { code: 'ENOSPC' } },
  })
  expect(await told(new InterruptedError('SIGTERM', 'waiting'), { found: 1 })).toMatchObject({
    code: 143,
    found: 1,
    error: { kind: 'interrupted', exitCode: 143, message: 'interrupted (SIGTERM) while waiting' },
  })
  expect(await told(new TypeError('x is undefined'))).toMatchObject({
    code: outcomes.internal.exitCode,
    error: {
      kind: 'internal',
      message: 'x is undefined',
      lines: expect.arrayContaining([expect.stringContaining('x')]),
    },
  })
})

describe('variables', () => {
  it.each([
    ['DEVNET_NOD', 'DEVNET_NOD is not read: there is no such option; did you mean DEVNET_NODE?'],
    ['DEVNET_RESET', 'DEVNET_RESET is not read: give --reset each time'],
    ['DEVNET_\u001b[2J', 'DEVNET_\\u{1b}[2J is not read: there is no such option'],
  ])('that are no option are told: %s', async (name, words) => {
    process.env[name] = '1'
    const { code, err } = await runInProcess('config')
    delete process.env[name]
    expect([code, err]).toEqual([0, expect.stringContaining(`warning: ${words}\n`)])
    expect((await runInProcess('config', '-q')).err).toBe('')
  })
})
