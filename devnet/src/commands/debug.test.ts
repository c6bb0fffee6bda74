/** `devnet debug` on the chain of a node in this process: transactions and calls of the example contracts. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { watToWasm } from '@touchstone/node/testing/modules'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDeployments } from '../contracts/deployments.ts'
import { DebugConsole } from '../debug/debugConsole.ts'
import { type DebugSubject, taskOf } from '../debug/debugTask.ts'
import { DebugThread } from '../debug/debugThread.ts'
import { faultReport } from '../debug/faultReport.ts'
import { connect } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { createTerminal } from '../output/terminal.ts'
import { Editor } from '../testing/editor.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { type Ran, runInProcess, watchingOutput } from '../testing/runInProcess.ts'
import { subjectOf } from '../transactions/tracing.ts'
import { debugCommand } from './debug.ts'

const example = (name: string) => fileURLToPath(new URL(`../../../contracts/examples/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-debug-'))
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

/** Divides 7 by the byte behind the selector, in a function that another calls. */
const DIVIDE = watToWasm(
  `(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (memory (export "memory") 1 1)
  (global $seen (mut i64) (i64.const -5))
  (func $divide (param $by i32) (result i32) (local $seven i32)
    (local.set $seven (i32.const 7))
    (i32.div_u (local.get $seven) (local.get $by)))
  (func (export "user_entrypoint") (param $size i32) (result i32)
    (call $read_args (i32.const 64))
    (i32.store (i32.const 0) (call $divide (i32.load8_u (i32.const 68))))
    (call $write_result (i32.const 0) (i32.const 32))
    (i32.const 0)))`,
)

/** Never ends but for its gas. */
const ENDLESS = watToWasm(`(module
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $size i32) (result i32) (loop $again (br $again)) (i32.const 0)))`)

let rpc: InProcessRpc
let sent: string
const run = (...args: string[]): Promise<Ran> =>
  runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--color', 'never')

async function done(...args: string[]): Promise<string> {
  const { code, out, err } = await run(...args)
  if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  return out
}

beforeAll(async () => {
  rpc = await startInProcessRpc()
  await done('deploy', example('token'), 'Gold', 'GLD', '1000', '--name', 'Gold')
  await done('deploy', example('token'), 'Silver', 'SLV', '1_000_000', '--name', 'Silver')
  await done('deploy', example('exchange'), 'Gold', 'Silver', '--name', 'Exchange')
  sent = JSON.parse(await done('send', 'Gold', 'transfer', '@1', '25', '--json')).hash
  writeFileSync(join(folder, 'Divide.wasm'), DIVIDE)
  writeFileSync(
    join(folder, 'Divide.json'),
    JSON.stringify([{ type: 'function', name: 'x', stateMutability: 'view', inputs: [], outputs: [] }]),
  )
  await done('deploy', join(folder, 'Divide.wasm'), '--abi', join(folder, 'Divide.json'), '--name', 'Divide')
  writeFileSync(join(folder, 'Endless.wasm'), ENDLESS)
  await done('deploy', join(folder, 'Endless.wasm'), '--abi', join(folder, 'Divide.json'), '--name', 'Endless')
  mkdirSync(join(folder, 'names/assembly'), { recursive: true })
  const names = new URL('../../../contracts/as/fixtures/names/assembly/index.ts', import.meta.url)
  copyFileSync(names, join(folder, 'names/assembly/index.ts'))
  await done('deploy', join(folder, 'names'))
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

/** The answers to these commands, which a pipe brings. */
async function debugged(what: readonly string[], ...commands: readonly string[]): Promise<string> {
  const input = new PassThrough()
  input.end(commands.join('\n'))
  const [first, name, ...words] = what
  const { out } = await watchingOutput(async () => {
    const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
    const context = { terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 }
    await debugCommand(context, first, name, words, { from: '0', dap: false }, { input, output: new PassThrough() })
  })
  return out
}

/** Where it stopped, in turn: the place and the number of the instruction. */
function stops(out: string): string[] {
  return [...out.matchAll(/^(.*) {2}instruction ([\d,]+) of/gm)].map(([, place, step]) => `${step} ${place}`)
}

const WITHOUT_ALLOWANCE = ['Exchange', 'addLiquidity', '1000', '400_000', '0', '0', '9999999999']

describe('devnet debug', () => {
  it('goes back the way it came, line by line', async () => {
    const out = await debugged([sent], ...Array(30).fill('s'), ...Array(30).fill('rs'))
    const [there = '', ...back] = out.split('at the end: success\n')
    const forwards = stops(there)
    expect(forwards.length).toBeGreaterThan(6)
    expect(forwards.every((stop) => /assembly\/index\.ts:\d+/.test(stop))).toBe(true)
    expect(stops(back.at(-1)!).slice(0, forwards.length)).toEqual(forwards.toReversed())
    expect(out).toMatch(/at the beginning\n.* {2}instruction 1 of/)
    const numbers = forwards.map((stop) => Number(stop.split(' ')[0]!.replaceAll(',', '')))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('goes back from the end over what was called, to the last line of the outermost function', async () => {
    const steps = Array(30).fill('n')
    const forwards = stops((await debugged([sent], ...steps)).split('at the end: success\n')[0]!)
    const back = stops((await debugged([sent], 'c', 'rn')).split('at the end: success\n')[1]!)
    expect(back).toEqual([forwards.at(-1)])
    expect(back[0]).toContain('__dispatch_Token')
  })

  it('steps over, out, by instruction, to breakpoints, and back from them', async () => {
    const out = await debugged(
      [sent],
      ...['b move', 'c', 'bt', 'n', 'rn', 'o', 'ro', 'goto 1', 'si', 'rsi'],
      ...[
        'd',
        'b index.ts:108',
        'c',
        'rc',
        'd 1',
        'b host storage_load_bytes32',
        'rc',
        'c',
        'c',
        'hosts',
        'breakpoints',
      ],
    )
    expect(out).toMatch(/^breakpoint 1 at Gold: Token#move$/m)
    const [entry, moved, next, back, ...rest] = stops(out)
    expect(entry).toContain('index.ts:61')
    expect(moved).toMatch(/Token#move, assembly\/index.ts:\d+$/)
    expect([next, back]).toEqual([expect.stringMatching(/Token#move/), moved])
    expect(out).toMatch(/#0 .*Token#move.*\n.*#1 .*__dispatch_Token, assembly\/index.ts:61\n.*\n? +CALL of Gold by @0/)
    expect(rest.some((stop) => stop.startsWith('2 '))).toBe(true)
    expect(out).toMatch(/at the beginning\n/)
    expect(out).toMatch(/^breakpoint\n.*index.ts:108 /m)
    expect(out).toMatch(/^breakpoint: storage_load_bytes32$/m)
    expect(out).toMatch(/^Gold: msg_sender\(\) → 0xf39fd6/m)
    expect(out).toMatch(/^1 {2}calls of storage_load_bytes32$/m)
  })

  it('opens where a contract failed that another called, with the stack across both', async () => {
    const out = await debugged(WITHOUT_ALLOWANCE, 'bt', 'info', 'c', 'rc', 'goto fault')
    const [fault, again, third] = stops(out)
    expect(out).toMatch(
      /^stopped where it fails: ERC20InsufficientAllowance\(spender: Exchange .*\) \(from the call to Gold /,
    )
    expect([again, third]).toEqual([fault, fault])
    expect(out).toMatch(/CALL of Gold by Exchange[\s\S]*CALL of Exchange by @0/)
    expect(out).toMatch(/^caller +address Exchange$/m)
    expect(out).toMatch(/^at the end: /m)
  })

  it('tells of a refusal by trace the line that says no, and the way to it, without values', async () => {
    const lines = (await done('trace', 'Gold', 'transfer', '@2', '5', '--from', '3')).split('\n')
    const from = lines.findIndex((line) => line.startsWith('refused at'))
    expect(lines.slice(from, -1)).toEqual([
      expect.stringMatching(/^refused at Gold: Token#debit, assembly\/index\.ts:\d+ /),
      expect.stringMatching(/^ {2}\d+ {2}if \(balance < value\) throw new ERC20InsufficientBalance\(/),
      expect.stringMatching(/^ {2}#2 Gold: Token#move, assembly\/index\.ts:\d+$/),
      expect.stringMatching(/^ {2}#3 /),
      expect.stringMatching(/^ {2}#4 Gold: user_entrypoint/),
      '     CALL of Gold by @3',
    ])
  })

  it('shows values: locals by name, operands, globals, memory, slots', async () => {
    const out = await debugged(
      ['Divide', 'x()(uint32)'],
      'locals',
      'operands',
      'globals',
      'p seven',
      'p $0',
      'f 1',
      'locals',
      'mem 64 4',
      'code',
    )
    expect(out).toMatch(/^stopped where it fails: integer divide by zero/)
    expect(out).toMatch(/^by +i32 +0\nseven +i32 +7$/m)
    expect(out).toMatch(/^operand 0 +i32 +0\noperand 1 +i32 +7$/m)
    expect(out).toMatch(/^global 0 +i64 +-5 \(0xfffffffffffffffb\)$/m)
    expect(out).toMatch(/^seven +i32 +7\nby +i32 +0\n/m)
    expect(out).toMatch(/^size +i32 +4$/m)
    expect(out).toMatch(/^0x000040 {2}0c 55 69 9c/m)
    expect(out).toMatch(/^> 0x[0-9a-f]{5} {2}call 2$/m)
    const slots = await debugged([sent], 'storage', 'goto 999999', 'storage')
    const values = [...slots.matchAll(/^0x\w{64} +bytes32 0x(\w{64})$/gm)].map(([, value]) => BigInt(`0x${value}`))
    expect(values).toEqual([1000n, 0n, 975n, 25n])
  })

  it('names the variables of the author, at every instruction at which it names one as what they are', async () => {
    const connection = await connect({ rpc: rpc.url, dataDir: folder, dataIsGiven: true, node: 1 }, () => {})
    const words = ['@1', '10', '-3', 'true', 'héllo']
    const subject = await subjectOf(connection, 'Names', 'go', words, { from: '0' })
    const { thread, stop } = await DebugThread.start(await taskOf(connection, subject), connection)
    /** Of each variable: the values that it may have, in the order in which it has them. */
    const seen = new Map<string, string[]>()
    const lost = new Set<string>()
    for (let here = stop; here.reason !== 'end'; here = await thread.move({ how: 'instruction', back: false })) {
      const locals = await thread.ask({ ask: 'variables', index: 0, of: 'locals' })
      const named = locals.filter(({ name, isKept }) => !name.startsWith('$') && isKept !== false)
      for (const { name, isKept } of locals) if (isKept === false) lost.add(name)
      for (const { name, type, value } of named) {
        const values = seen.get(`${name}: ${type}`) ?? []
        seen.set(`${name}: ${type}`, values)
        if (values.at(-1) !== value) values.push(value)
      }
      const numberOf = (wanted: string) => named.find(({ name }) => name === wanted)?.value
      const [half, amount] = [numberOf('half'), numberOf('amount')]
      if (half !== undefined && amount !== undefined) expect(2 * Number(half)).toBe(Number(amount))
    }
    await thread.end()
    const to = '@1'
    const may = {
      'a: u32': ['24'],
      'acc: u32': ['1', '3', '9', '27'],
      'amount: U256': ['53', '10', '20'],
      'at: Address': [to],
      'b: u32': ['27'],
      'bits: u32': ['5', '7'],
      'cap: u32': ['1'],
      'copy: U256': ['43'],
      'doubled: U256': ['20'],
      'fee: i64': ['-30'],
      'flag: bool': ['true'],
      'half: U256': ['5', '10'],
      'i: u32': ['0', '1', '2', '3', '0', '1', '2', '3', '4', '5', '6', '7', '8'],
      'isFirst: bool': ['true', 'false'],
      'kind: u32': ['24'],
      'least: U256': ['20'],
      'left: u32': ['24', '27', '24', '3'],
      'length: u32': ['5'],
      'mask: u32': ['3', '6'],
      'most: u32': ['5', '1'],
      'most: U256': ['63'],
      'next: u32': ['24', '3', '0'],
      'other: U256': ['10'],
      'picked: U256': ['10', '20'],
      'rest: U256': ['43', '23', '3'],
      'right: u32': ['27', '24', '3', '0'],
      'small: i8': ['-3'],
      'span: U256': ['43'],
      'step: U256': ['10', '11', '12'],
      'sum: U256': ['20', '30', '41', '53', '63'],
      'tally: U256': ['10', '30'],
      'text: String': ['"héllo"'],
      'to: Address': [to],
      'value: U256': ['10'],
      'who: Address': [to],
      'word: String': ['"constant"'],
    }
    for (const [name, values] of seen) {
      // One after the other, but for those that the optimiser has no place for.
      let at = 0
      const all = may[name as keyof typeof may] ?? []
      const isInOrder = values.every((value) => {
        at = all.indexOf(value, at) + 1
        return at > 0
      })
      expect({ name, values, all, isInOrder }).toMatchObject({ isInOrder: true })
    }
    // Others are named as far as the optimiser keeps them in locals.
    const sure = [
      ...['amount: U256', 'doubled: U256', 'half: U256', 'small: i8', 'step: U256', 'text: String', 'to: Address'],
      ...['acc: u32', 'i: u32', 'left: u32', 'most: u32', 'rest: U256', 'right: u32', 'sum: U256', 'flag: bool'],
      ...['fee: i64', 'word: String'],
    ]
    expect([...seen.keys()]).toEqual(expect.arrayContaining([...sure, 'value: U256', 'who: Address']))
    // And at some places it has none for a variable, which is said.
    expect([...lost]).toContain('kept')
  })

  it('tells a mistake, which ends a script', async () => {
    const input = new PassThrough()
    const connection = await connect({ rpc: rpc.url, dataDir: folder, dataIsGiven: true, node: 1 }, () => {})
    const task = await taskOf(connection, { kind: 'transaction', hash: sent as `0x${string}` })
    const { thread, stop } = await DebugThread.start(task, connection)
    const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
    const debug = new DebugConsole(thread, stop, terminal)
    for (const [line, words] of [
      ['b 9999', 'no code that this transaction runs is at assembly/index.ts:9999'],
      ['p nothing', 'there is no "nothing" here'],
      ['dance', 'there is no command "dance"'],
      ['goto 0', 'goto N, from 1 up'],
      ['goto fault', 'it does not fail'],
      ['d 4', 'there is no breakpoint 4'],
      ['f 99', 'there is no function 99 in the stack'],
      ['f -1', 'there is no function -1 in the stack'],
      ['mem -16', 'mem ADDRESS [BYTES]'],
    ] as const)
      await expect(debug.run(line), line).rejects.toThrow(words)
    await thread.end()
    input.end('dance\n')
    const context = { terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 }
    const options = { from: '0', dap: false }
    const run = () => debugCommand(context, sent, undefined, [], options, { input, output: new PassThrough() })
    await watchingOutput(() => expect(run()).rejects.toThrow('there is no command'))
  })

  it('sets breakpoints while it moves', async () => {
    const connection = await connect({ rpc: rpc.url, dataDir: folder, dataIsGiven: true, node: 1 }, () => {})
    const { address: to } = readDeployments(connection.paths).find(({ name }) => name === 'Endless')!
    const request = { from: to, to, ...{ gas: '0xf4240' } } as const
    const task = await taskOf(connection, { kind: 'call', request, block: 'latest' })
    const { thread } = await DebugThread.start(task, connection)
    let isMoving = true
    const moved = thread.move({ how: 'continue', back: true }).then((stop) => {
      isMoving = false
      return stop
    })
    const list = [{ kind: 'function', name: 'user_entrypoint' }] as const
    const set = await thread.ask({ ask: 'breakpoints', list, faults: 'none' })
    expect([set, isMoving]).toEqual([[{ at: 'Endless: user_entrypoint', line: null }], true])
    // What depends on where it stands waits for that.
    const stack = thread.ask({ ask: 'stack', from: 0, count: 1 })
    thread.pause()
    expect((await moved).reason).toBe('pause')
    expect((await stack).total).toBe(1)
    await thread.end()
  })

  it('ends when a move is given up', async () => {
    const connection = await connect({ rpc: rpc.url, dataDir: folder, dataIsGiven: true, node: 1 }, () => {})
    const { address: to } = readDeployments(connection.paths).find(({ name }) => name === 'Endless')!
    const request = { from: to, to, ...{ gas: '0xf4240' } } as const
    const task = await taskOf(connection, { kind: 'call', request, block: 'latest', title: 'Endless.x' })
    expect(task.title).toBe('Endless.x')
    const { thread, stop } = await DebugThread.start(task, connection)
    const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
    const debug = new DebugConsole(thread, stop, terminal)
    await watchingOutput(async () => {
      const moved = debug.run('rc')
      await Promise.all([debug.pause(), debug.pause()])
      expect(await moved).toBe(false)
    })
  })

  it('does not debug what comes out otherwise than on the node', async () => {
    const connection = await connect({ rpc: rpc.url, dataDir: folder, dataIsGiven: true, node: 1 }, () => {})
    const task = await taskOf(connection, { kind: 'transaction', hash: sent as `0x${string}` })
    const other = { ...task, expected: { ...task.expected, gasUsed: 1n } }
    await expect(DebugThread.start(other, connection)).rejects.toThrow(
      /executed here, .* on the node it succeeds with 1 gas/,
    )
  })
})

describe('a trap', () => {
  it('is told with its place, operands and stack by call and send, and by trace', async () => {
    const words = [
      /fails at Divide: divide, byte 0x/,
      /i32\.div_u {2}on 7, 0/,
      /#1 Divide: user_entrypoint/,
      /read_args\(/,
    ]
    for (const command of ['call', 'send']) {
      const { code, err } = await run(command, 'Divide', 'x()')
      expect([command, code]).toEqual([command, 1])
      for (const one of words) expect(err).toMatch(one)
    }
    const traced = await done('trace', 'Divide', 'x')
    for (const one of words) expect(traced).toMatch(one)
    const { fault } = JSON.parse(await done('trace', 'Divide', 'x', '--json'))
    expect(fault.stack[0]).toMatchObject({
      function: 'divide',
      instruction: 'i32.div_u',
      locals: [
        { name: 'by', value: '0' },
        { name: 'seven', value: '7' },
      ],
    })
    expect(fault.operands.map(({ value }: { value: string }) => value)).toEqual(['0', '7'])
  })
})

describe('the place of a failure', () => {
  const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
  const connected = () => connect({ rpc: rpc.url, dataDir: folder, dataIsGiven: true, node: 1 }, () => {})
  const callOf = async (name: string, gas: Hex): Promise<DebugSubject & { kind: 'call' }> => {
    const to = readDeployments((await connected()).paths).find((one) => one.name === name)!.address
    const from = to
    return { kind: 'call', request: { from, to, ...{ gas } }, block: 'latest' }
  }

  it.each([
    ['nothing', null],
    ['no tracers', {}],
    ['no accounts', { prestateTracer: { '0x00': null }, callTracer: {} }],
    ['no numbers', { prestateTracer: {}, callTracer: { gas: 'a lot', gasUsed: '0x1' } }],
  ])('is not told where a node tells nonsense, and hides no failure: %s', async (_, answer) => {
    const connection = await connected()
    const { request } = connection.client
    const lying = (asked: { readonly method: string }) =>
      asked.method === 'debug_traceCall' ? Promise.resolve(answer) : request(asked as never)
    const client = { ...connection.client, request: lying } as unknown as typeof connection.client
    const subject = await callOf('Divide', '0xf4240')
    await expect(taskOf({ ...connection, client }, subject)).rejects.toThrow(CliError)
    expect(await faultReport({ terminal }, { ...connection, client }, subject)).toBeNull()
  })

  it('is not waited for where a node does not answer, or tells of gas without end', async () => {
    const connection = await connected()
    const client = { ...connection.client, request: () => new Promise(() => {}) } as unknown as typeof connection.client
    const subject = await callOf('Endless', '0xf4240')
    const notes: string[] = []
    const listening = { terminal: { ...terminal, note: (line: string) => void notes.push(line) } }
    expect(await faultReport(listening, { ...connection, client }, subject, null, 0)).toBeNull()
    expect(notes).toEqual(['where it failed was not found within 0 s; devnet debug looks longer'])
    const honest = await taskOf(connection, subject)
    const told = honest.task.subject
    if (told.kind !== 'call') throw new Error('it is a call')
    const task = { ...honest.task, subject: { ...told, message: { ...told.message, gas: 2n ** 62n } } }
    const patience = new AbortController()
    const listener = { givenUp: patience.signal, onProgress: () => patience.abort(new Error('it takes too long')) }
    await expect(DebugThread.start({ ...honest, task }, connection, listener)).rejects.toThrow('it takes too long')
  })
})

describe('devnet debug --dap', () => {
  it('is a debug adapter', async () => {
    const editor = new Editor()
    const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
    const context = { terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 }
    const ended = debugCommand(context, undefined, undefined, [], { from: '0', dap: true }, editor)
    expect((await editor.ask('initialize', { adapterID: 'touchstone' })).body).toMatchObject({ supportsStepBack: true })
    expect(await editor.ask('threads')).toMatchObject({
      success: false,
      message: expect.stringContaining('launch it first'),
    })
    expect(await editor.ask('launch', { transaction: 'nonsense' })).toMatchObject({ success: false })
    expect(await editor.ask('launch', { transaction: sent })).toMatchObject({ success: true })
    expect(await editor.ask('launch', { transaction: sent })).toMatchObject({ success: false })
    const path = join(example('token'), 'assembly/index.ts')
    const { body: set } = await editor.ask('setBreakpoints', {
      source: { path },
      breakpoints: [{ line: 106 }, { line: 99_999 }],
    })
    expect(set.breakpoints).toMatchObject([{ verified: true, line: 106 }, { verified: false }])
    const bottom = (await editor.ask('stackTrace', { startFrame: -3 })).body.stackFrames
    expect(bottom[0].id).toBe(1)
    expect(editor.events.filter(({ event }) => event === 'initialized')).toHaveLength(1)
    await editor.ask('configurationDone')
    expect((await editor.stopped()).body.reason).toBe('entry')
    await editor.ask('continue', { threadId: 1 })
    expect((await editor.stopped()).body.reason).toBe('breakpoint')
    const { stackFrames, totalFrames } = (await editor.ask('stackTrace', { threadId: 1 })).body
    expect([stackFrames.length, stackFrames[0].line, stackFrames[0].source]).toEqual([
      totalFrames,
      106,
      { name: 'index.ts', path },
    ])
    const { scopes } = (await editor.ask('scopes', { frameId: stackFrames[0].id })).body
    const { variables } = (await editor.ask('variables', { variablesReference: scopes[0].variablesReference })).body
    expect(variables[0]).toMatchObject({ name: 'from', type: 'Address', variablesReference: 0 })
    expect((await editor.ask('evaluate', { expression: '$0', frameId: 1 })).body.result).toBe(variables[0].value)
    expect((await editor.ask('evaluate', { expression: 'nope', frameId: 1 })).success).toBe(false)
    const { data } = (await editor.ask('readMemory', { memoryReference: 'memory:0', count: 8 })).body
    expect(Buffer.from(data, 'base64')).toHaveLength(8)
    const { instructions } = (
      await editor.ask('disassemble', { memoryReference: 'code:0', instructionOffset: -1, instructionCount: 3 })
    ).body
    expect(instructions).toHaveLength(3)
    await editor.ask('next')
    const there = (await editor.stopped()) && (await editor.ask('stackTrace')).body.stackFrames[0]
    await editor.ask('stepBack')
    expect([(await editor.stopped()).body.reason, (await editor.ask('stackTrace')).body.stackFrames[0].line]).toEqual([
      'step',
      106,
    ])
    expect(there.line).toBe(107)
    await editor.ask('reverseContinue')
    expect((await editor.stopped()).body.reason).toBe('entry')
    await editor.ask('setBreakpoints', { source: { path }, breakpoints: [] })
    await editor.ask('continue')
    expect((await editor.stopped()).body).toMatchObject({ reason: 'step', description: 'at the end: success' })
    await editor.ask('continue')
    expect((await editor.stopped()).event).toBe('terminated')
    expect(await editor.ask('disconnect')).toMatchObject({ success: true })
    await ended
  })
})
