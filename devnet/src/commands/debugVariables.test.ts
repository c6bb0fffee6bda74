/**
 * Variables of contracts in C and Rust where they fail, in traps, in `devnet debug` and in an editor: modules that clang and
 * rustc made with and without optimization, as DWARF 4 and 5 (contracts/src/dwarf/testing/makeVariables.mjs).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTerminal } from '../output/terminal.ts'
import { Editor } from '../testing/editor.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { runInProcess, watchingOutput } from '../testing/runInProcess.ts'
import { debugCommand } from './debug.ts'

const own = (path: string) => fileURLToPath(new URL(`../../../contracts/${path}`, import.meta.url))
const { stripped } = (await import(own('templates/strip.mjs'))) as { stripped(module: Uint8Array): Uint8Array }
const folder = mkdtempSync(join(tmpdir(), 'touchstone-variables-'))
const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

const KINDS = [
  'c.O0.dwarf4',
  'c.O0.dwarf5',
  'c.O2.dwarf4',
  'c.O2.dwarf5',
  'rs.O0.dwarf5',
  'rs.O2.dwarf4',
  'rs.O2.dwarf5',
]
const nameOf = (kind: string) => kind.replaceAll('.', '')

let rpc: InProcessRpc
const run = (...args: string[]) => runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--color', 'never')
const context = () => ({ terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 })

async function debugged(name: string, ...commands: readonly string[]): Promise<string> {
  const input = new PassThrough()
  input.end(commands.join('\n'))
  const streams = { input, output: new PassThrough() }
  const { out } = await watchingOutput(() =>
    debugCommand(context(), name, 'x()', [], { from: '0', dap: false }, streams),
  )
  return out
}

beforeAll(async () => {
  rpc = await startInProcessRpc()
  for (const kind of KINDS) {
    const name = nameOf(kind)
    const source = `variables.${kind.split('.')[0]}`
    const build = join(folder, name, 'build')
    mkdirSync(build, { recursive: true })
    // Before the modules: debug information of version 4 has no digest of it, and a newer source would be another.
    writeFileSync(join(folder, name, source), readFileSync(own(`src/dwarf/testing/${source}`)))
    const debug = readFileSync(own(`src/dwarf/testing/variables.${kind}.wasm`))
    writeFileSync(join(build, `${name}.debug.wasm`), debug)
    writeFileSync(join(build, `${name}.wasm`), stripped(debug))
    const abi = [{ type: 'function', name: 'x', stateMutability: 'view', inputs: [], outputs: [] }]
    writeFileSync(join(build, `${name}.json`), JSON.stringify(abi))
    const { code, err } = await run(
      'deploy',
      join(build, `${name}.wasm`),
      '--abi',
      join(build, `${name}.json`),
      '--name',
      name,
    )
    expect([kind, code, err]).toEqual([kind, 0, ''])
  }
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

describe.each(KINDS.filter((kind) => kind.startsWith('c.')))('a trap of a contract in C, %s', (kind) => {
  it('has the variables of the function, of what is inlined in it, and of its caller', async () => {
    const { code, err } = await run('call', nameOf(kind), 'x()')
    expect(code).toBe(1)
    expect(err).toMatch(/fails at \w+: moved > weighed \(inlined\), variables\.c:24: unreachable executed/)
    expect(err).toMatch(/account = 0x\w+ → \{ owner: 0xdead0{30,}…/)
    expect(err).toMatch(/#1 \w+: user_entrypoint, variables\.c:\d+ {2}length = 4, input = 0x0c55699c0+…/)
    const out = await debugged(
      nameOf(kind),
      'locals',
      'p account',
      'p account.at.y',
      'p account.color',
      'p *account.to',
      'f 1',
      'p home',
    )
    expect(err).not.toContain('not kept')
    if (kind.startsWith('c.O0')) {
      expect(out).toMatch(/^i +u32 +1$/m)
      expect(out).toMatch(/^weight +u32 +0$/m)
      expect(out).toMatch(/^amount +u32 +2$/m)
      expect(out).toMatch(/^step +point +\{ x: 0, y: 10000000000 \}$/m)
      expect(out).toMatch(/^note +const char \* +0x\w+ "note"$/m)
    } else expect(out).toMatch(/^amount +u32 +not kept by the compiler here$/m)
    expect(out).toMatch(/^amount of moved +u32 +12$/m)
    for (const line of [
      ...[
        '    owner  u8\\[20\\]  0xdead0{36}',
        '    flags  u32     5',
        '    kind  u32     9',
        '    at  point   \\{ x: -6, y: -2 \\}',
      ],
      ...['    to  const point \\* 0x\\w+ → \\{ x: -3, y: 1 \\}', '    color  color   DARK \\(-1\\)'],
      ...['      x  int     -6', 'y  i64     -2', 'color  color   DARK \\(-1\\)', 'home  point   \\{ x: -3, y: 1 \\}'],
    ])
      expect(out).toMatch(new RegExp(`^${line}$`, 'm'))
    // The character that was added in the first round.
    expect(out).toMatch(/number: 16909170, bytes: 0x72030201/)
  })
})

describe.each(KINDS.filter((kind) => kind.startsWith('rs.')))('a trap of a contract in Rust, %s', (kind) => {
  it('has the variables of the functions below the panic', async () => {
    const { err } = await run('call', nameOf(kind), 'x()')
    expect(err).toMatch(/fails at .*core::core_arch::wasm32::unreachable/)
    const stack = err.split('\n').filter((line) => /^ *#\d/.test(line))
    const spend = stack.findIndex((line) => line.includes(': <variables::Wallet>::spend, variables.rs:60'))
    const commands = ['locals', 'p self', 'p self.shape.from.x', `f ${spend + 1}`, 'locals', 'p wallet.limit']
    const out = await debugged(nameOf(kind), `f ${spend}`, ...commands)
    for (const line of [
      ...[/^i +u32 +8$/m, /^iter +Range<u32> +\{ start: 9, end: 12 \}$/m, /^amount +u32 +12$/m],
      ...[/^self +&mut variables::Wallet +0x\w+ → \{ owner: 0xff00010203040506, name: "savings", shape: Line \{/m],
      ...[/^ {4}limit +Option<u32> Some \(12\)$/m, /^ {4}color +Color +Green \(5\)$/m, /^x +i32 +-3$/m],
      ...[/^ {4}next +Option<&variables::Point> Some \(0x\w+ → \{ x: -3, y: 1 \}\)$/m, /^letter +char +233 "é"$/m],
      ...[/^input +u8\[36\]|^input +\[u8; 36\]/m, /^limit +Option<u32> Some \(12\)$/m],
    ])
      expect(out).toMatch(line)
    if (kind.startsWith('rs.O0')) {
      expect(out).toMatch(/^notes +&\[u16\] +\[7, 9\]$/m)
      expect(out).toMatch(/^pair +\(bool, u64\) \(true, 18446744073709551615\)$/m)
      expect(out).toMatch(/^step +Point +\{ x: 7, y: 80000000000 \}$/m)
    }
  })
})

it('are in an editor with their parts, as long as it stands there', async () => {
  const editor = new Editor()
  const ended = debugCommand(context(), undefined, undefined, [], { from: '0', dap: true }, editor)
  await editor.ask('initialize', { adapterID: 'touchstone' })
  const launched = await editor.ask('launch', { contract: nameOf('c.O0.dwarf5'), function: 'x()' })
  expect(launched).toMatchObject({ success: true })
  await editor.ask('configurationDone')
  expect((await editor.stopped()).body.reason).toBe('exception')
  const [frame] = (await editor.ask('stackTrace', { threadId: 1 })).body.stackFrames
  expect(frame.name).toMatch(/: moved > weighed$/)
  const [locals] = (await editor.ask('scopes', { frameId: frame.id })).body.scopes
  const partsOf = async (variablesReference: number) =>
    (await editor.ask('variables', { variablesReference })).body.variables as {
      readonly name: string
      readonly value: string
      readonly variablesReference: number
    }[]
  const variables = await partsOf(locals.variablesReference)
  const account = variables.find(({ name }) => name === 'account')!
  expect(account).not.toHaveProperty('children')
  expect(variables.find(({ name }) => name === 'weight')).toMatchObject({ value: '0', variablesReference: 0 })
  const [target] = await partsOf(account.variablesReference)
  const fields = await partsOf(target!.variablesReference)
  expect(fields.map(({ name }) => name)).toEqual(['owner', 'flags', 'kind', 'at', 'to', 'color', 'either'])
  const at = fields.find(({ name }) => name === 'at')!
  expect(await partsOf(at.variablesReference)).toMatchObject([
    { name: 'x', value: '-6' },
    { name: 'y', value: '-2' },
  ])
  const { body } = await editor.ask('evaluate', { expression: 'account.at', frameId: frame.id })
  expect(body.result).toBe('{ x: -6, y: -2 }')
  expect(await partsOf(body.variablesReference)).toHaveLength(2)
  await editor.ask('stepBack')
  await editor.stopped()
  const gone = await editor.ask('variables', { variablesReference: account.variablesReference })
  expect(gone).toMatchObject({ success: false, message: expect.stringContaining('there is no variable') })
  await editor.ask('disconnect')
  await ended
})
