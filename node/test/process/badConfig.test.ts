/**
 * Real node processes with configurations that make no sense, or that others can read: each ends with code 1 (2 without
 * one) and a sentence that names the field and what is allowed, without a stack.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { parseNodeConfig } from '../../src/config.ts'
import { TestDirectories } from '../faults/support/directories.ts'
import { refusedStart, startedNode, writeNodeFiles } from './nodeProcess.ts'

const directories = new TestDirectories('bad-config')
afterAll(() => directories.remove())

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const hasModes = process.platform !== 'win32'
const modeOf = (path: string) => statSync(path).mode & 0o777

async function expectRefused(config: string, words: readonly (string | RegExp)[]): Promise<void> {
  const { exitCode, message, output } = await refusedStart(config)
  expect(exitCode).toBe(1)
  for (const word of words) expect(message).toMatch(word)
  expect(output).toContain(message)
  expect(output).not.toMatch(/\n {4}at /)
}

describe('a configuration', () => {
  const good = {
    name: 'node',
    genesisFile: 'genesis.json',
    dataDir: 'data',
    engine: 'reference',
    rpc: { host: '127.0.0.1', port: 0 },
    p2p: { host: '127.0.0.1', port: 0, seed: `0x${'05'.repeat(32)}`, bootstrap: [] },
    validatorSeed: null,
    validatorIsNew: true,
    feeRecipient: `0x${'01'.repeat(20)}`,
    blockTimeMs: null,
    logLevel: 'info',
  }
  const nothing = [undefined, null, true, {}, []]

  it.each<[string, readonly unknown[]]>([
    ['name', [...nothing, 7, 'x'.repeat(65)]],
    ['genesisFile', [...nothing, '', 'a\0b']],
    ['dataDir', [...nothing, '', 'a\0b']],
    ['engine', [...nothing, '', 'v8']],
    ['rpc', [undefined, null, 7, 'x']],
    ['rpc.host', [...nothing, '', 7]],
    ['rpc.port', [...nothing, '8545', -1, 1.5, 65_536, Number.NaN, 1e99]],
    ['p2p.host', [...nothing, '', 7]],
    ['p2p.port', [...nothing, '8545', -1, 1.5, 65_536]],
    ['p2p.seed', [...nothing, '', '0x', `0x${'05'.repeat(31)}`, `0x${'zz'.repeat(32)}`, '05'.repeat(32)]],
    ['p2p.bootstrap', [null, 7, 'x', Array(65).fill('x'), [7], ['nonsense'], ['/ip4/127.0.0.1/tcp/1'], ['/p2p/x']]],
    ['validatorSeed', [true, 7, '', '0x05']],
    ['accounts', [true, ['0x05'], [`0x${'00'.repeat(32)}`], [`0x${'ff'.repeat(32)}`]]],
    ['validatorIsNew', [undefined, null, 'true', 1]],
    ['feeRecipient', [...nothing, '', '0x', `0x${'01'.repeat(21)}`]],
    ['blockTimeMs', [undefined, 0, -1, 1.5, 600_001, '250', Number.NaN]],
    ['sync', [null, '', 'fast']],
    ['logLevel', [...nothing, '', 'loud']],
    ['logFile', [null, 7, '', 'a\0b']],
    ['colour', ['red']],
  ])('is refused by the name of its field: %s', (field, values) => {
    expect(() => parseNodeConfig(good)).not.toThrow()
    const [first, second] = field.split('.')
    for (const value of values) {
      const changed =
        second === undefined
          ? { ...good, [first!]: value }
          : { ...good, [first!]: { ...good[first as 'rpc' | 'p2p'], [second]: value } }
      // An item of a list has its place after the name.
      expect(() => parseNodeConfig(changed), JSON.stringify(value)).toThrow(
        new RegExp(`^${field.replace('.', '\\.')}(\\.\\d+)?: .*\\S`),
      )
    }
  })

  it('that is none is refused', () => {
    for (const json of [null, 7, 'x', [], [good]]) expect(() => parseNodeConfig(json)).toThrow(/^(the file|\w+): /)
  })
})

describe('a process is refused', () => {
  it('nothing, and a file that is not there', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8', timeout: 60_000 })
    expect(run()).toMatchObject({ status: 2, stderr: 'usage: node main.ts CONFIG.json\n' })
    const absent = join(directories.root, 'absent\u009b2J.json')
    const { status, signal, error, stderr } = run(absent)
    // All at once, so that a failure shows all.
    expect({ status, signal, error, stderr }).toEqual({
      status: 1,
      signal: null,
      error: undefined,
      stderr: expect.stringMatching(/^cannot read .*absent\\u\{9b\}2J\.json: ENOENT.*\n$/),
    })
  })

  it.runIf(existsSync('/proc/self'))('a directory that there cannot be', async () => {
    const config = writeNodeFiles({ directory: directories.fresh(), dataDir: '/proc/nope/deeper' })
    await expectRefused(config, [/^dataDir: cannot make the directory \/proc\/nope\/deeper: ENOENT/])
  })

  it('a file where its directory should be, of which no mode is to be changed', async () => {
    const file = join(dirname(writeNodeFiles({ directory: directories.fresh() })), 'file')
    writeFileSync(file, '', { mode: 0o644 })
    await expectRefused(writeNodeFiles({ directory: directories.fresh(), dataDir: file }), [
      `dataDir: ${file} is a file; name a directory, which the node makes where there is none`,
    ])
    expect(modeOf(file)).toBe(0o644)
  })

  it('an address that is none, and a port that another program has', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await Promise.all([
      expectRefused(writeNodeFiles({ directory: directories.fresh(), config: { rpc: { host: '127.0.0.1', port } } }), [
        new RegExp(`cannot listen for JSON-RPC on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
      ]),
      expectRefused(
        writeNodeFiles({ directory: directories.fresh(), config: { p2p: { ...p2p, bootstrap: ['nonsense'] } } }),
        [/p2p\.bootstrap/],
      ),
      expectRefused(writeNodeFiles({ directory: directories.fresh(), config: { p2p: { ...p2p, port } } }), [
        new RegExp(
          `^cannot listen for peer connections on 127\\.0\\.0\\.1:${port}: listen EADDRINUSE: [^\\n]*:${port}$`,
        ),
      ]),
    ])
    await new Promise((resolve) => server.close(resolve))
  })

  it.runIf(hasModes)('keys that others can read, and a data directory that they can open', async () => {
    const readable = writeNodeFiles({ directory: directories.fresh() })
    chmodSync(readable, 0o644)
    const open = writeNodeFiles({ directory: directories.fresh() })
    const data = join(dirname(open), 'data')
    mkdirSync(data)
    chmodSync(data, 0o755)
    await Promise.all([
      expectRefused(readable, [
        `${readable} has mode 0644, so that others on this machine can open it, and it holds the keys of this node. Allowed is 0600: chmod 600 ${readable}`,
      ]),
      expectRefused(open, [
        `${data} has mode 0755, so that others on this machine can open it, and it holds the record of this validator's signatures. Allowed is 0700: chmod 700 ${data}`,
      ]),
    ])
    expect(readdirSync(data)).toEqual([])
  })
})

const p2p = { host: '127.0.0.1', port: 0, seed: `0x${'05'.repeat(32)}`, bootstrap: [] as string[] }

it.runIf(hasModes)('what a node makes is its owner’s alone', async () => {
  const config = writeNodeFiles({ directory: directories.fresh() })
  const node = await startedNode(config)
  await node.stop()
  const data = join(dirname(config), 'data')
  const made = readdirSync(data, { recursive: true, withFileTypes: true })
  expect(made.map(({ name }) => name)).toEqual(expect.arrayContaining(['chain', 'signer', 'txpool', 'CURRENT']))
  for (const entry of [...made.map(({ parentPath, name }) => join(parentPath, name)), data]) {
    expect([entry, modeOf(entry) & 0o077]).toEqual([entry, 0])
  }
})
