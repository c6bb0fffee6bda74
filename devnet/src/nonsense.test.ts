/**
 * Every option and argument of every command with values that make no sense: each ends with a sentence that names the
 * option, the value and what is allowed, with exit code 2 (or 1 where the command line is right and the world is not),
 * without a stack, and with nothing written.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from './program.ts'
import { runInProcess } from './testing/runInProcess.ts'

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url))
const home = process.cwd()
const folder = mkdtempSync(join(tmpdir(), 'touchstone-nonsense-'))
/** A bound on hanging only. */
const hangsAfterMs = 60_000

beforeAll(() => {
  process.chdir(folder)
  writeFileSync('file', 'no JSON')
  mkdirSync('empty')
  writeFileSync('empty.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  symlinkSync('circle', 'circle')
  // As /dev/null itself would be: a file renamed onto it would take its place.
  symlinkSync('/dev/null', 'null')
})
afterEach(() => {
  for (const name of Object.keys(process.env).filter((name) => name.startsWith('DEVNET_'))) delete process.env[name]
  rmSync('devnet.config.json', { force: true })
})
afterAll(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true, force: true })
})

const listing = () => readdirSync(folder, { recursive: true }).sort()

async function expectRefusal(
  args: readonly string[],
  code: number,
  words: readonly (string | RegExp)[],
): Promise<void> {
  const before = listing()
  const ran = await runInProcess(...args)
  expect({ args, code: ran.code, out: ran.out, err: ran.err }).toEqual({ args, code, out: '', err: ran.err })
  expectSentence(ran.err, words)
  expect(listing()).toEqual(before)
}

function expectSentence(err: string, words: readonly (string | RegExp)[]): void {
  // The command may have told its work, or a risk, before.
  expect(err).toMatch(/^(?:(?:building|warning:) .*\n)?error: /)
  expect(err.match(/^error:/gm)).toHaveLength(1)
  expect(err).not.toMatch(/^[ |]+at |internal error/m)
  for (const word of words) expect(err).toMatch(word)
}

const wholeNumbers = ['', '-1', 'NaN', '1e3', '0x10', '1.5', ' 4', '9'.repeat(400), 'Infinity', '٤', '1_000', 'four']
const paths = ['', '--json', '-x']
const amounts = [
  '',
  '-1',
  'NaN',
  '1e3',
  '1.5',
  '1.5parsec',
  '0x',
  '0xg',
  `0x1${'0'.repeat(64)}`,
  `${2n ** 256n}`,
  '1ether2',
]
const integers = ['', '-1', 'NaN', '1e3', '1.5', '0x', `${2n ** 64n}`, '1ether', '9'.repeat(1000)]
const urls = ['', 'localhost:8545', 'ftp://localhost', 'http://', 'ws://localhost:8545', 'http://[', '8545']
const hosts = [
  '',
  ' ',
  '256.1.1.1',
  '1.2.3',
  'a b',
  '127.0.0.1:8545',
  'http://127.0.0.1',
  '-h',
  'x'.repeat(300),
  ':::',
  'a/b',
]
const accounts = ['', '-1', '@', '1.5', '0x12', `0x${'g'.repeat(40)}`, `0x${'1'.repeat(63)}`, 'alice', '9'.repeat(20)]
const names = ['', ' ', 'a b', '@1', '0xabc', '0Xabc', '-x', 'x'.repeat(65), 'a\u001bb', 'a\u202eb', 'a\nb']

/** Command with its option, the values, and what the sentence says is allowed. */
const table: readonly (readonly [readonly string[], string, readonly string[], RegExp])[] = [
  [['up'], '--nodes', [...wholeNumbers, '0', '21', '1000'], /whole number from 1 to 20/],
  [['up'], '--port', [...wholeNumbers, '0', '65536'], /whole number from 1 to 65535/],
  [['up'], '--block-time', [...wholeNumbers, '0', '600001'], /whole number from 1 to 600000/],
  [['up'], '--call-timeout', [...wholeNumbers, '0', '600001'], /whole number from 1 to 600000/],
  [['up'], '--call-gas-cap', [...wholeNumbers, '20999', `${2n ** 53n}`], /whole number from 21000 to 9007199254740991/],
  [['up'], '--keep-states', [...wholeNumbers, '0', '1'], /whole number from 2 to 9007199254740991/],
  [['up'], '--call-workers', [...wholeNumbers, '0', '17'], /whole number from 1 to 16/],
  [
    ['up'],
    '--allow-origin',
    ['', '*', 'null', 'a.example', 'https://a.example/', 'ftp://x,'],
    /no origin as browsers write it/,
  ],
  [['up'], '--host', hosts, /IP address or a host name/],
  [['up'], '--log-level', ['', 'loud', 'INFO'], /Allowed choices are debug, info, warn, error/],
  [['up'], '--log-format', ['', 'xml', 'JSON'], /Allowed choices are json, pretty/],
  [['logs'], '--level', ['', 'loud', 'INFO'], /Allowed choices are debug, info, warn, error/],
  [['logs'], '--lines', [...wholeNumbers, '10001'], /whole number from 0 to 10000/],
  [['up'], '--engine', ['', 'v8'], /Allowed choices are mixed, compiled, interpreter, reference/],
  [['up'], '--data', paths, /must be a path/],
  [['up'], '--config-out', paths, /must be a path/],
  [['up'], '--metrics-port', [...wholeNumbers, '0', '65536'], /whole number from 1 to 65535/],
  [['up'], '--metrics-host', hosts, /IP address or a host name/],
  [['up'], '--color', ['', 'pink'], /Allowed choices are auto, always, never/],
  [['status'], '--data', paths, /must be a path/],
  [['status'], '--watch', ['0', '3601', '1.5', '1e3', 'four'], /whole number from 1 to 3600/],
  [['init', 'new'], '--template', ['', 'dao'], /Allowed choices are counter, token, nft, auction, exchange, empty/],
  [['init', 'new'], '--language', ['', 'go'], /Allowed choices are assemblyscript, c, rust/],
  [['init', 'new'], '--packages', paths, /must be a path/],
  [['events'], '--from-block', integers, /number of a block/],
  [['events'], '--to-block', integers, /number of a block/],
  [['coverage'], '--from', paths, /must be a path/],
  [['coverage'], '--lcov', paths, /must be a path/],
  [['debug', 'Token', 'f'], '--block', integers, /number of a block/],
  [['debug', 'Token', 'f'], '--value', amounts, /amount|wei/],
  [['debug', 'Token', 'f'], '--abi', paths, /must be a path/],
  [['debug', 'Token', 'f'], '--run', ['', ' ', '\n'], /must be commands/],
  [['profile', 'Token', 'f'], '--top', [...wholeNumbers, '0', '1000001'], /whole number from 1 to 1000000/],
  [['profile', 'Token', 'f'], '--flame', paths, /must be a path/],
  [['profile', 'Token', 'f'], '--speedscope', paths, /must be a path/],
  [['profile', 'Token', 'f'], '--diff', paths, /must be a path/],
  [['profile', 'Token', 'f'], '--block', integers, /number of a block/],
  [['profile', 'Token', 'f'], '--value', amounts, /amount|wei/],
  [['profile', 'Token', 'f'], '--abi', paths, /must be a path/],
  [['call', 'Token', 'f'], '--rpc', urls, /http:\/\/ or https:\/\/ URL/],
  [['call', 'Token', 'f'], '--node', [...wholeNumbers, '0', '21'], /whole number from 1 to 20/],
  [['call', 'Token', 'f'], '--block', integers, /number of a block/],
  [['call', 'Token', 'f'], '--from', accounts, /number of a development account/],
  [['call', 'Token', 'f'], '--abi', paths, /must be a path/],
  [['send', 'Token', 'f'], '--value', amounts, /write wei as a whole number|whole number of wei|less than 2\^256/],
  [['send', 'Token', 'f'], '--gas', [...integers, '0'], /whole number of gas/],
  [['send', 'Token', 'f'], '--from', accounts, /number of a development account/],
  [['send', 'Token', 'f'], '--wait', [...wholeNumbers, '86401'], /whole number from 0 to 86400/],
  [['deploy', 'file'], '--name', names, /1 to 64 visible characters/],
  [['deploy', 'file'], '--value', amounts, /write wei as a whole number|whole number of wei|less than 2\^256/],
  [['deploy', 'file'], '--abi', paths, /must be a path/],
  [['dev', 'file'], '--port', [...wholeNumbers, '0', '65536'], /whole number from 1 to 65535/],
  [['dev', 'file'], '--contract', names, /1 to 64 visible characters/],
  [['verify-source', 'Token', 'file'], '--contract', names, /1 to 64 visible characters/],
  [['console'], '--eval', ['', ' ', '\n'], /must be JavaScript/],
  [['completions', 'bash'], '--line', ['x'.repeat(2_049)], /at most 2048 characters/],
  [['accounts'], '--rpc', urls, /http:\/\/ or https:\/\/ URL/],
  [['inspect', 'file'], '--for', ['', 'ethereum'], /Allowed choices are arbitrum, soroban, near, cosmwasm, ink/],
  [['replay', 'file'], '--engine', ['', 'v8'], /Allowed choices are mixed, compiled, interpreter, reference/],
  [['prove'], '--receipt', ['', '0x12', 'abc', `0x${'g'.repeat(64)}`], /hash of a transaction/],
  [['prove'], '--log', [...wholeNumbers, '1000001'], /whole number from 0 to 1000000/],
  [['prove', '@0'], '--out', paths, /must be a path/],
  [['verify', 'file'], '--genesis', paths, /must be a path/],
  [
    ['chaos'],
    '--minutes',
    ['', '0', '-1', 'NaN', '1e3', '1441', '9'.repeat(400), '1.'],
    /number of minutes, at most 1440/,
  ],
  [['chaos'], '--seed', [...wholeNumbers, '2147483649'], /whole number from 0 to 2147483648/],
  [['chaos'], '--nodes', [...wholeNumbers, '0', '20'], /whole number from 1 to 19/],
  [['chaos'], '--engine', ['v8'], /Allowed choices are/],
  [['node', 'add'], '--sync', ['', 'fast'], /Allowed choices are blocks, snapshot/],
  [['link', '1-2'], '--delay', ['', '-5', 'NaN', '1h', '61s', '1e3', '0x10'], /write 100ms or 1\.5s, at most 60s/],
  [['link', '1-2'], '--jitter', ['', '-5', 'x'], /write 100ms or 1\.5s, at most 60s/],
  [['link', '1-2'], '--loss', ['', '-1', '101%', '1.1', 'NaN', '5 %'], /write 5% or 0\.05/],
  [['link', '1-2'], '--bandwidth', ['', '0', '1mb', '999bit', '-1mbit', '101gbit'], /write 500kbit or 10mbit/],
]

describe.each(table)('%s %s', (command, option, values, allowed) => {
  it('refuses every nonsensical value by name', async () => {
    for (const value of values) {
      // A long or unprintable value is shown cut or escaped: its beginning is enough.
      const start = /^[\x20-\x7e]*/.exec(value)![0].slice(0, 40)
      await expectRefusal(
        [...command, option, value],
        2,
        [option, start.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), allowed].map((word) =>
          typeof word === 'string' ? new RegExp(word) : word,
        ),
      )
    }
  })
})

it('the table names every option that takes a value, and every option anew that is added', () => {
  const withValue = createProgram().commands.flatMap(({ options }) => options.filter(({ required }) => required))
  const inTable = new Set([...table.map(([, option]) => option), '--schedule'])
  expect(withValue.length).toBeGreaterThan(40)
  expect(withValue.filter(({ long }) => !inTable.has(long!)).map(({ long }) => long)).toEqual([])
})

/** Arguments, and options that contradict each other or do not belong. */
const commandLines: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['frobnicate'], 2, /unknown command 'frobnicate'/],
  [['up', '--nods', '4'], 2, /unknown option '--nods'[\s\S]*Did you mean --nodes\?/],
  [['up', '--nodes'], 2, /argument missing/],
  [['up', 'now'], 2, /too many arguments/],
  [['up', '--port', '9000', '--port', '9001'], 2, /--port is given twice: "9000" and "9001"/],
  [['call', 'Token', 'f', '--node', '1', '--node', '2'], 2, /--node is given twice/],
  [['chaos', '--seed', '1', '--seed', '2'], 2, /--seed is given twice/],
  [['up', '--port', '65535'], 2, /--port 65535: 4 nodes take the ports 65535 to 65538[\s\S]*from 1 to 65532/],
  [['up', '--port', '65534', '--nodes', '3'], 2, /--port 65534: 3 nodes take the ports/],
  [['up', '--host', '192.0.2.1'], 1, /cannot listen on 192\.0\.2\.1[\s\S]*--host 127\.0\.0\.1/],
  [['up', '--host', 'nowhere.invalid'], 1, /cannot listen on nowhere\.invalid/],
  [['up', '--data', 'file'], 1, /file is no folder, or lies below a file[\s\S]*--data DIR/],
  [['up', '--data', 'file/below'], 1, /file\/below is no folder/],
  [['call', 'T', 'f', '--data', 'file'], 1, /file is no folder/],
  [['up', '--data', 'circle'], 1, /ELOOP/],
  [['up', '--data', 'x'.repeat(300)], 1, /ENAMETOOLONG/],
  [
    ['up', '--config-out', 'nowhere/ready.json'],
    1,
    /cannot write the ready file nowhere\/ready\.json: its folder does not/,
  ],
  [['up', '--config-out', 'empty'], 1, /cannot write the ready file empty: it is a folder/],
  [['up', '--config-out', 'null'], 1, /cannot write the ready file null: it is no ordinary file/],
  [['status', '--data', 'empty'], 3, /no network runs in/],
  [['status', '--data', 'circle'], 1, /ELOOP/],
  [['accounts', '--data', 'empty', '--rpc', 'http://127.0.0.1:1'], 3, /no node answers at http:\/\/127\.0\.0\.1:1/],
  [['build', ''], 2, /must be a path/],
  [['build', 'nowhere'], 1, /nowhere/],
  [['build', 'file'], 1, /file/],
  [['inspect', ''], 2, /must be a path/],
  [['inspect', 'nowhere'], 1, /nowhere/],
  [['inspect', 'empty'], 1, /empty/],
  [['inspect', 'file'], 1, /file/],
  [['inspect', 'empty.wasm', '--schedule', 'none'], 2, /none/],
  [['inspect', 'circle'], 1, /circle/],
  [['deploy', 'nowhere'], 1, /there is no artifact at .*nowhere/],
  [['deploy', 'nowhere.wasm'], 1, /nowhere\.wasm/],
  [['deploy', 'circle'], 1, /circle/],
  [['deploy', 'file'], 1, /file is not a contract artifact/],
  [['deploy', 'file', '--abi', 'file'], 2, /--abi goes with a \.wasm file/],
  [['receipt', ''], 2, /hash of a transaction/],
  [['receipt', '0x12'], 2, /"?0x12[\s\S]*64 hex digits/],
  [['call', 'Token', 'f', '-5ether'], 2, /unknown option '-5ether'/],
  [['export', ''], 2, /must be a path/],
  [['export', 'out', '--data', 'empty'], 3, /there is no network in/],
  [['export', 'null'], 1, /cannot write null: it is no ordinary file/],
  [['export', 'nowhere/out'], 1, /cannot write nowhere\/out: its folder does not exist/],
  [['replay', ''], 2, /must be a path/],
  [['replay', 'nowhere'], 1, /cannot read nowhere/],
  [['replay', 'file'], 1, /file: /],
  [['replay', 'circle'], 1, /circle/],
  [['completions', 'csh'], 2, /Allowed choices are bash, zsh, fish/],
  [['node', 'melt', '1'], 2, /Allowed choices are kill, stop/],
  [['node', 'kill'], 2, /kill which node\?/],
  [['node', 'kill', '0'], 2, /"0" is not a node/],
  [['node', 'kill', '1.5'], 2, /"1\.5" is not a node/],
  [['node', 'kill', '1000'], 2, /"1000" is not a node/],
  [['node', 'add', '3'], 2, /a new node gets the next number/],
  [['node', 'kill', '1', '--signer'], 2, /belong to devnet node wipe/],
  [['node', 'start', '1', '--sync', 'blocks'], 2, /belongs to devnet node add/],
  [['partition', ''], 2, /is not a partition/],
  [['partition', '1,,2'], 2, /is not a partition/],
  [['partition', '1;2'], 2, /is not a partition/],
  [['partition', '1,2/2'], 2, /names node 2 twice/],
  [['partition', '1/1.5'], 2, /is not a partition/],
  [['partition', '1/0'], 2, /is not a partition: "0" is not a node/],
  [['link', '1'], 2, /"1" is not a link/],
  [['link', '1-0', '--loss', '5%'], 2, /"1-0" is not a link/],
  [['link', '0>1', '--loss', '5%'], 2, /"0>1" is not a link/],
  [['link', '1-1', '--loss', '5%'], 2, /names node 1 twice/],
  [['link', '1-2'], 2, /no change is given for link 1-2/],
  [['link', '1-2', '--reset', '--loss', '5%'], 2, /goes with no other option/],
]

describe('a command line', () => {
  it.each(commandLines)('%j is refused with code %i', async (args, code, words) => {
    await expectRefusal(args, code, [words])
  })

  it('with a port that another program has is refused, and nothing is made', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await expectRefusal(['up', '--data', 'fresh', '--nodes', '1', '--port', String(port)], 1, [
      new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use by another program[\\s\\S]*--port \\d+`),
    ])
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('the environment', () => {
  it.each<[string, string, readonly string[], RegExp]>([
    ['DEVNET_PORT', 'nine', ['up'], /DEVNET_PORT: "nine" is invalid\. It must be a whole number/],
    ['DEVNET_PORT', '', ['up'], /DEVNET_PORT: "" is invalid/],
    ['DEVNET_NODES', '1000', ['up'], /DEVNET_NODES: "1000" is invalid\. .* from 1 to 20/],
    ['DEVNET_JSON', 'maybe', ['status'], /DEVNET_JSON must be true or false, not "maybe"/],
    ['DEVNET_QUIET', '2', ['status'], /DEVNET_QUIET must be true or false/],
    ['DEVNET_COLOR', 'pink', ['status'], /DEVNET_COLOR must be one of auto, always, never, not "pink"/],
    ['DEVNET_DATA', '', ['status'], /DEVNET_DATA: "" is invalid\. It must be a path/],
    ['DEVNET_RPC', 'localhost', ['accounts'], /DEVNET_RPC: "localhost" is invalid/],
    ['DEVNET_VALUE', '\u001b[2J', ['send', 'T', 'f'], /DEVNET_VALUE: "\\u001b\[2J" is invalid/],
    ['DEVNET_HOST', '\u009b2J', ['up'], /DEVNET_HOST: "\\u\{9b\}2J" is invalid/],
  ])('%s=%j is refused by the name of the variable', async (name, value, args, words) => {
    process.env[name] = value
    await expectRefusal(args, 2, [words])
  })
})

describe('devnet.config.json', () => {
  it.each<[unknown, number, RegExp]>([
    ['{"port":', 2, /devnet\.config\.json is not valid JSON[\s\S]*mend it by hand, or delete it/],
    ['', 2, /devnet\.config\.json is not valid JSON/],
    ['{"port": 9000, "port": 9001}', 2, /the key "port" is there twice/],
    [[1], 2, /must hold a JSON object/],
    [7, 2, /must hold a JSON object/],
    [{ prot: 1 }, 2, /there is no option "prot"[\s\S]*did you mean "port"\?/],
    [{ reset: true }, 2, /there is no option "reset"/],
    ['{"__proto__": 1}', 2, /there is no option "__proto__"/],
    [{ constructor: 1 }, 2, /there is no option "constructor"/],
    [{ '\u001b[2J': 1 }, 2, /there is no option "\\u001b\[2J"/],
    [{ port: 0 }, 2, /"port": 0 is invalid\. It must be a whole number/],
    [{ port: -1 }, 2, /"port": -1 is invalid/],
    [{ port: 1.5 }, 2, /"port": 1\.5 is invalid/],
    [{ port: 1e21 }, 2, /"port": 1000000000000000000000 is invalid/],
    [{ port: null }, 2, /"port" must be a string or a number, not null/],
    [{ port: true }, 2, /"port" must be a string or a number, not true/],
    [{ port: [9000] }, 2, /"port" must be a string or a number/],
    [{ data: 'a\u0000b' }, 2, /"data": "a\\u0000b" is invalid\. .*NUL byte/],
    [{ data: '' }, 2, /"data": "" is invalid/],
    [{ json: 'yes' }, 2, /"json" must be true or false, not "yes"/],
    [{ engine: 'v8' }, 2, /"engine" must be one of mixed, compiled, interpreter, reference, not "v8"/],
    [{ blockTime: 'x'.repeat(100_000) }, 2, /"blockTime": "x{100,250}… is invalid/],
  ])('%# is refused', async (content, code, words) => {
    writeFileSync('devnet.config.json', typeof content === 'string' ? content : JSON.stringify(content))
    await expectRefusal(['up'], code, [words])
  })
})

describe('the files of a network', () => {
  const mnemonic = 'test test test test test test test test test test test junk'
  const manifest = { version: 1, nodes: 1, followers: 0, begun: true, mnemonic }
  it.each<[string, unknown, readonly string[], RegExp]>([
    ['network.json', 7, ['up'], /was not written by this version/],
    ['network.json', { ...manifest, nodes: -5 }, ['up'], /was not written by this version/],
    ['network.json', { ...manifest, nodes: 1e9 }, ['up'], /was not written by this version/],
    ['network.json', { ...manifest, nodes: '4' }, ['up'], /was not written by this version/],
    ['network.json', { ...manifest, followers: 1e9 }, ['up'], /"followers" must be a whole number/],
    ['network.json', { ...manifest, begun: 'yes' }, ['up'], /"begun" must be true or false/],
    ['network.json', { ...manifest, mnemonic: 'two words' }, ['up'], /was not written by this version/],
    ['network.json', manifest, ['up'], /genesis\.json is missing/],
    ['genesis.json', 7, ['export', 'out'], /genesis\.json is not a genesis/],
    ['genesis.json', { chainId: '\u001b' }, ['export', 'out'], /genesis\.json is not a genesis/],
    ['running.json', { nodes: [null] }, ['status'], /no network runs in/],
    ['running.json', { runner: 'x', nodes: [{ pid: 'x', index: 1, rpc: 'x' }] }, ['status'], /no network runs in/],
    ['running.json', { runner: -1, nodes: [] }, ['status'], /no network runs in/],
  ])('%s with %j', async (name, content, args, words) => {
    rmSync('net', { recursive: true, force: true })
    mkdirSync('net')
    writeFileSync(join('net', name), JSON.stringify(content))
    const code = args[0] === 'status' ? 3 : 1
    await expectRefusal([...args, '--data', 'net', ...(args[0] === 'up' ? ['--port', '23456'] : [])], code, [words])
  })
})

describe('a process', () => {
  it.runIf(existsSync('/proc/self')).each(['/proc/nope/deeper'])(
    'of devnet up --data %s ends, with a sentence',
    (path) => {
      const { status, stdout, stderr, signal } = spawnSync(
        process.execPath,
        [cli, 'up', '--data', path, '--port', '23456'],
        {
          timeout: hangsAfterMs,
          encoding: 'utf8',
        },
      )
      expect({ status, signal, stdout }).toEqual({ status: 1, signal: null, stdout: '' })
      expectSentence(stderr, [/--data: cannot make the folder \/proc\/nope.*ENOENT[\s\S]*--data DIR/])
    },
  )

  it.runIf(existsSync('/proc/self'))('of devnet init below /proc ends, with a sentence', () => {
    const { status, stdout, stderr, signal } = spawnSync(process.execPath, [cli, 'init', '/proc/nope'], {
      timeout: hangsAfterMs,
      encoding: 'utf8',
    })
    expect({ status, signal, stdout }).toEqual({ status: 1, signal: null, stdout: '' })
    expect(stderr).toMatch(/^error: \/proc\/nope cannot be written: ENOENT/)
  })
})
