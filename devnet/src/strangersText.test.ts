/**
 * Text of strangers (contracts, their artifacts and names, peers, other nodes, files, those who type into another
 * terminal) goes through every command that shows text. Nothing of it may be obeyed by a terminal, hide, turn the order of
 * the characters around it, or make a line of its own.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { watToWasm } from '@touchstone/node/testing/modules'
import {
  type Abi,
  type AbiEvent,
  encodeAbiParameters,
  encodeErrorResult,
  type Hex,
  numberToHex,
  toEventSelector,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { followBlocks } from './commands/follow.ts'
import { startControlServer } from './network/control/server.ts'
import { lastLines } from './network/logTail.ts'
import { networkPaths } from './network/paths.ts'
import type { Network } from './network/runner.ts'
import { CliError, showError } from './output/errors.ts'
import { createTerminal, MAX_NOTE_CHARACTERS } from './output/terminal.ts'
import { type Ran, runInProcess, watchingOutput } from './testing/runInProcess.ts'

/** A bound on hanging only. */
const HANGS_AFTER_MS = 60_000
/** Written first on a line, or in a colour, only if something got through. */
const mark = 'forged'
const nasty = [
  `\u001b[31m${mark}\u001b[0m`,
  ...['\u001b[2J', '\u001b]0;title\u0007', '\u009b31m', '\u009d0;x\u009c', '\u0000', '\b', '\u007f', '\u0085', '\t'],
  ...[`\n${mark}`, `\r${mark}`, `\r\n${mark}`, `\v${mark}`, `\f${mark}`, `\u2028${mark}`, `\u2029${mark}`],
  ...['\u061c', '\u200b', '\u200d', '\u200e', '\u200f', '\u202a', '\u202d', '\u202e', '\u2060', '\u2066', '\u2069'],
  ...['\ufeff', '\u{e0041}', '\ud800', 'x', '\udc00'],
].join('')
/** A surrogate alone cannot be in UTF-8. */
const encodable = nasty.toWellFormed()
/** For names of files. */
const nastyName = encodable.replaceAll('\0', '').replaceAll('/', '').slice(0, 60)

const address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const hash: Hex = `0x${'12'.repeat(32)}`
const zero: Hex = `0x${'00'.repeat(32)}`
const abi = [
  { type: 'function', name: 'text', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'string' }] },
  {
    type: 'function',
    name: 'pair',
    stateMutability: 'view',
    inputs: [],
    outputs: [{ name: '', type: 'tuple', components: [{ name: nasty, type: 'string' }] }],
  },
  { type: 'function', name: 'fail', stateMutability: 'nonpayable', inputs: [], outputs: [] },
  {
    type: 'function',
    name: nasty,
    stateMutability: 'nonpayable',
    inputs: [{ name: nasty, type: 'uint256' }],
    outputs: [],
  },
  { type: 'event', name: 'Said', inputs: [{ name: nasty, type: 'string', indexed: false }] },
  { type: 'event', name: nasty, inputs: [{ name: 'words', type: 'string', indexed: false }] },
  { type: 'error', name: 'Refused', inputs: [{ name: nasty, type: 'string' }] },
  { type: 'error', name: nasty, inputs: [] },
] as unknown as Abi
const words = encodeAbiParameters([{ type: 'string' }], [encodable])
const reverts: Readonly<Record<string, Hex>> = {
  text: encodeErrorResult({
    abi: [{ type: 'error', name: 'Error', inputs: [{ name: '', type: 'string' }] }],
    errorName: 'Error',
    args: [encodable],
  }),
  custom: encodeErrorResult({ abi, errorName: 'Refused', args: [encodable] }),
  named: encodeErrorResult({ abi, errorName: nasty }),
}

type Answer = { readonly result: unknown } | { readonly error: object }
/** The conduct of the other node on a transaction or a call. */
let mood: { call?: Answer; estimate?: Answer; receipt?: object } = {}
let status: unknown = {}

const folder = mkdtempSync(join(tmpdir(), 'touchstone-strangers-'))
const data = join(folder, 'net')
const artifact = join(folder, 'Stranger.json')
let server: Server
let rpc: string

function answerTo(method: string, params: readonly unknown[]): Answer {
  const block = {
    hash,
    parentHash: zero,
    number: '0x1',
    stateRoot: nasty,
    timestamp: '0x1',
    transactions: [],
    gasUsed: '0x0',
    gasLimit: '0x1',
    baseFeePerGas: '0x1',
    extraData: '0x',
  }
  switch (method) {
    case 'eth_chainId':
      return { result: '0x7a69' }
    case 'eth_call':
      return mood.call ?? { result: words }
    case 'eth_estimateGas':
      return mood.estimate ?? { result: '0x5208' }
    case 'eth_getTransactionReceipt':
      return { result: { ...receipt, ...mood.receipt, transactionHash: params[0] } }
    case 'eth_getCode':
      return { result: '0x00' }
    case 'eth_getBlockByNumber':
      return { result: block }
    case 'eth_getBalance':
    case 'eth_getTransactionCount':
    case 'eth_blockNumber':
    case 'eth_maxPriorityFeePerGas':
    case 'eth_gasPrice':
      return { result: '0x1' }
    case 'eth_sendRawTransaction':
      return { result: hash }
    case 'touchstone_status':
      return { result: status }
    case 'touchstone_genesis':
      return { result: { note: nasty } }
    default:
      return { error: { code: -32_000, message: nasty } }
  }
}

const receipt = {
  blockHash: hash,
  blockNumber: '0x1',
  contractAddress: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
  cumulativeGasUsed: '0x1',
  effectiveGasPrice: '0x1',
  from: address,
  gasUsed: '0x1',
  logsBloom: zero,
  status: '0x1',
  to: address,
  transactionIndex: '0x0',
  type: '0x2',
  logs: ['Said', nasty].map((eventName, index) => ({
    address,
    topics: [toEventSelector(abi.find((item) => item.type === 'event' && item.name === eventName) as AbiEvent)],
    data: words,
    blockHash: hash,
    blockNumber: '0x1',
    transactionHash: hash,
    transactionIndex: '0x0',
    logIndex: numberToHex(index),
    removed: false,
  })),
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answerTo(method, params) }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  rpc = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  writeFileSync(artifact, JSON.stringify({ contractName: nasty, abi, bytecode: '0x0061736d01000000' }))
  mkdirSync(data)
  writeFileSync(join(folder, 'empty.wasm'), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  const nodes = [1, 2].map((index) => ({
    index,
    rpc,
    ws: rpc,
    p2p: nasty,
    engine: nasty,
    pid: process.pid,
    logFile: nasty,
  }))
  writeFileSync(networkPaths(data).running, JSON.stringify({ runner: process.pid, nodes }))
  const deployments = [nasty, 'Plain'].map((name) => ({ name, address, artifact, abi }))
  writeFileSync(networkPaths(data).deployments, JSON.stringify(deployments))
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

/** The styles that our own words have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character that begins a style
const style = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g

/** Written without the classes of the code under test. */
function isPlain(character: string): boolean {
  const point = character.codePointAt(0)!
  if (point === 0x0a) return true
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false
  if (point === 0x61c || point === 0xfeff || (point >= 0xd800 && point < 0xe000) || point >= 0xe0000) return false
  return (
    !(point >= 0x200b && point <= 0x200f) &&
    !(point >= 0x2028 && point <= 0x202e) &&
    !(point >= 0x2060 && point <= 0x206f)
  )
}

function expectPlain({ out, err }: Pick<Ran, 'out' | 'err'>, styled = false): void {
  const text = out + err
  expect(text.length).toBeGreaterThan(0)
  if (styled) expect(text).not.toContain(`\u001b[31m${mark}`)
  const bare = styled ? text.replace(style, '') : text
  const obeyed = [...bare].filter((character) => !isPlain(character)).map((character) => character.codePointAt(0))
  expect({ obeyed, text: JSON.stringify(bare) }).toEqual({ obeyed: [], text: JSON.stringify(bare) })
  expect(bare).not.toMatch(new RegExp(`^\\s*${mark}`, 'm'))
  for (const line of err.split('\n')) expect(line.length).toBeLessThan(MAX_NOTE_CHARACTERS * 8)
}

/** In text, in colours, in all detail, and as JSON. The nasty text has to be there, or the case shows nothing. */
async function expectPlainCommand(args: readonly string[], code: number, shows = mark): Promise<void> {
  for (const more of [['--color', 'never', '-v'], ['--color', 'always'], ['--json']]) {
    const ran = await runInProcess(...args, ...more)
    expect({ args, more, code: ran.code, err: ran.err }).toEqual({ args, more, code, err: ran.err })
    expectPlain(ran, more.includes('always'))
    expect(ran.out + ran.err).toContain(shows)
    if (more[0] === '--json' && ran.out !== '') JSON.parse(ran.out)
  }
}

const at = () => ['--data', data, '--rpc', rpc]

describe('text of a contract', () => {
  it('that a call gives', async () => {
    mood = {}
    await expectPlainCommand(['call', 'Plain', 'text', ...at()], 0)
    mood = {
      call: {
        result: encodeAbiParameters(
          [{ type: 'tuple', components: [{ name: 'a', type: 'string' }] }],
          [{ a: encodable }],
        ),
      },
    }
    await expectPlainCommand(['call', 'Plain', 'pair', ...at()], 0)
    const { out } = await runInProcess('call', 'Plain', 'text', '--json', '--data', data, '--rpc', rpc)
    expect(JSON.parse(out)).not.toBeNull()
  })

  it.each(Object.keys(reverts))('that a call or a transaction fails with (%s)', async (kind) => {
    const error = { error: { code: 3, message: nasty, data: reverts[kind] } }
    mood = { call: error, estimate: error }
    await expectPlainCommand(['call', 'Plain', 'text', ...at()], 1)
    await expectPlainCommand(['send', 'Plain', 'fail', ...at()], 1)
    mood = { receipt: { status: '0x0', failure: { code: 'reverted', message: nasty, revertData: reverts[kind] } } }
    await expectPlainCommand(['send', 'Plain', 'fail', ...at()], 1)
  })

  it('that a trap names, such as functions of its name section', async () => {
    mood = { call: { error: { code: -32_015, message: `unreachable executed, in function 3 "${nasty}"` } } }
    await expectPlainCommand(['call', 'Plain', 'text', ...at()], 1)
    mood = { receipt: { status: '0x0', failure: { code: 'trap', message: nasty, revertData: null } } }
    await expectPlainCommand(['send', 'Plain', 'fail', ...at()], 1)
  })

  it('in its events, and in the names of them', async () => {
    mood = {}
    await expectPlainCommand(['send', 'Plain', 'fail', ...at()], 0)
  })

  it('in its artifact and its ABI', async () => {
    mood = {}
    await expectPlainCommand(['deploy', artifact, ...at()], 2)
    await expectPlainCommand(['deploy', artifact, '--name', 'Stranger', '--replace', ...at()], 0, 'Stranger')
    await expectPlainCommand(['call', 'Plain', 'nothing', ...at()], 2)
    await expectPlainCommand(['send', 'Plain', nasty, ...at()], 2)
    await expectPlainCommand(['call', address, 'text', '--abi', artifact, ...at()], 0)
    await expectPlainCommand(['call', nasty.slice(0, 20), 'text', ...at()], 2)
    const broken = join(folder, 'broken.json')
    writeFileSync(broken, `{"abi":[{"type":"function","name":"${mark}\u009b"},${encodable}]}`)
    await expectPlainCommand(['call', address, 'text', '--abi', broken, ...at()], 1)
  })

  it('in its module', async () => {
    const escaped = [...new TextEncoder().encode(encodable)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
    const source = `(module (import "${escaped.join('')}" "${escaped.join('')}" (func)) (func (export "${escaped.join('')}") (result f64) f64.const 1))`
    const file = join(folder, `${nastyName}.wasm`)
    writeFileSync(file, watToWasm(source))
    await expectPlainCommand(['inspect', file, '--all'], 1)
    const named = join(folder, 'named.json')
    writeFileSync(
      named,
      JSON.stringify({ contractName: nasty, deployedBytecode: `0x${readFileSync(file).toString('hex')}` }),
    )
    await expectPlainCommand(['inspect', named], 1)
  })

  it('in its source, when it does not build', async () => {
    const source = join(folder, nastyName)
    mkdirSync(join(source, 'assembly'), { recursive: true })
    writeFileSync(join(source, 'assembly/index.ts'), `export class "${encodable}" {`)
    await expectPlainCommand(['build', source], 1)
  })
})

describe('text of a node', () => {
  it('that answers with something else than it should', async () => {
    status = {
      height: '0x1',
      hash: nasty,
      stateRoot: nasty,
      peers: nasty,
      round: nasty,
      step: 'waiting',
      timestamp: '0x1',
      clock: '0x1',
      timeAhead: 0,
      txpool: { pending: 0 },
      abstaining: false,
      twin: null,
      setAside: [{ hash: nasty }],
      halted: { reason: nasty },
      evidence: [{ validator: nasty, publicKey: nasty, count: 1 }],
    }
    await expectPlainCommand(['status', '--data', data], 5)
    status = { height: nasty }
    await expectPlainCommand(['status', '--data', data], 3, 'something else')
    await expectPlainCommand(
      ['accounts', '--data', data, '--rpc', `${rpc}/${encodeURIComponent(encodable)}`],
      0,
      'balance',
    )
    await expectPlainCommand(['export', join(folder, 'out'), ...at()], 1)
  })

  it('that follows the chain', async () => {
    const ran = await watchingOutput(async () => {
      let onHead: Parameters<Network['onHead']>[0] = () => {}
      const network = {
        describe: () => ({ nodes: [1, 2].map((index) => ({ index, rpc: 'http://127.0.0.1' })) }),
        onAdd() {},
        onHead: (listener: typeof onHead) => {
          onHead = listener
        },
      } as unknown as Network
      const stop = followBlocks(createTerminal({ json: false, quiet: false, verbose: true, color: 'never' }), network)
      // A block without gas has no transactions, which there is no node here to ask for.
      for (const index of [1, 2]) onHead(index, { number: 1n, hash: `${index}${nasty}`, stateRoot: nasty, gasUsed: 0n })
      // The part that tells a block is loaded with the first.
      const said = () => [process.stdout, process.stderr].flatMap(({ write }) => vi.mocked(write).mock.calls).join('')
      await vi.waitFor(() => expect(said()).toContain('block 1 '), HANGS_AFTER_MS)
      stop()
    })
    expectPlain(ran)
    expect(ran.err).toContain('THE NODES DISAGREE')
    expect(ran.err).toContain(mark)
  })

  it('in its log', async () => {
    const log = join(folder, 'node.log')
    writeFileSync(log, `first\n${encodable.replaceAll('\n', '')}\n${'x'.repeat(10_000)}`)
    const ran = await watchingOutput(() => {
      const terminal = createTerminal({ json: false, quiet: false, verbose: false, color: 'never' })
      terminal.warn(`it ended (${nasty})`, lastLines(log, 3))
      showError(terminal, new CliError(nasty, { lines: [nasty, ...lastLines(log, 3)], hint: nasty }))
      showError(terminal, new Error(nasty.replaceAll('\n', '')))
    })
    expectPlain(ran)
  })

  it('in an exported chain', async () => {
    const file = join(folder, `${nastyName}.export`)
    writeFileSync(file, encodable)
    await expectPlainCommand(['replay', file], 1)
  })
})

describe('text of another terminal, and of whoever typed the command', () => {
  it('that steers the network', async () => {
    const refused = async () => {
      throw new CliError(nasty, { lines: [nasty], hint: nasty })
    }
    const state = { index: 1, state: nasty, rpc: nasty, pid: 1 }
    const network = {
      paths: networkPaths(data),
      kill: refused,
      resume: async () => {},
      describe: () => ({ nodes: [state] }),
      links: () => ({ groups: null, directions: [] }),
    } as unknown as Network
    const heard: string[] = []
    const control = await startControlServer(network, (text, by) => heard.push(text, by))
    await expectPlainCommand(['node', 'kill', '1', '--data', data], 1)
    await expectPlainCommand(['links', '--data', data], 0)
    await fetch(`http://127.0.0.1:${control.port}/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.token}` },
      body: JSON.stringify({ command: { kind: 'resume', node: 1 }, by: nasty }),
    })
    await control.close()
    expect(heard).toHaveLength(2)
    expectPlain({ out: heard.join('\n'), err: '' })
  })

  it.each([
    [[nasty]],
    [['call', `-${nasty}`]],
    [['up', '--engine', nasty]],
    [['up', '--nodes', nasty]],
    [['up', '--host', nasty]],
    [['send', 'Plain', 'fail', '--value', nasty]],
    [['send', 'Plain', 'fail', '--from', nasty]],
    [['link', nasty, '--loss', '5%']],
    [['link', '1-2', '--loss', nasty]],
    [['partition', nasty]],
    [['node', nasty]],
    [['node', 'kill', nasty]],
    [['completions', nasty]],
    [['inspect', join(folder, 'empty.wasm'), '--schedule', nasty]],
  ])('that is wrong: %#', async (args) => {
    const ran = await runInProcess(...args)
    expect(ran.code).not.toBe(0)
    expectPlain(ran)
    expect(ran.err).toContain(mark)
  })
})

it('only output/terminal.ts writes to the terminal', () => {
  const sources = fileURLToPath(new URL('.', import.meta.url))
  const writes = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/test\.ts$|^testing/.test(name))
    .filter((name) =>
      /console\.|process\.(stdout|stderr)\.write|process\.emitWarning/.test(readFileSync(join(sources, name), 'utf8')),
    )
  expect(writes.map((name) => name.replaceAll('\\', '/'))).toEqual(['output/terminal.ts'])
})
