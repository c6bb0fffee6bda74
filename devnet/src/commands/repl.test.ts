/** `devnet console` on the chain of a node in this process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTerminal } from '../output/terminal.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { type Ran, runInProcess, watchingOutput } from '../testing/runInProcess.ts'
import { replCommand } from './repl.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-console-'))
const token = fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url))
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

let rpc: InProcessRpc
beforeAll(async () => {
  rpc = await startInProcessRpc()
  expect((await run('deploy', token, 'Gold\u001b[31m', 'GLD', '1000')).code).toBe(0)
  expect((await run('deploy', token, 'Silver', 'SLV', '77', '--name', 'Silver-2')).code).toBe(0)
  // A word of the language itself, which a module's file may be called too.
  expect((await run('deploy', token, 'Copper', 'CPR', '9', '--name', 'new')).code).toBe(0)
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

const run = (...args: string[]): Promise<Ran> =>
  runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--color', 'never')
const evaluated = (code: string, ...more: string[]) => run('console', '--eval', code, ...more)

describe('devnet console --eval', () => {
  it('has clients, accounts and contracts by name', async () => {
    const { code, out } = await evaluated(
      "[await Token.read.totalSupply(), await contracts['Silver-2'].read.symbol(), await contracts.new.read.symbol(), accounts.length, viem.size('0x1234')]",
    )
    expect([code, out]).toEqual([0, "[ 1000n, 'SLV', 'CPR', 10, 2 ]\n"])
    const sent = await evaluated(
      'const hash = await Token.write.transfer([accounts[1], 5n]); await client.waitForTransactionReceipt({ hash }); return await Token.read.balanceOf([accounts[1]])',
      ...['--json'],
    )
    expect([sent.code, JSON.parse(sent.out)]).toEqual([0, '5'])
  })

  it('tells why code failed, and shows what contracts say as text', async () => {
    const failed = await evaluated('await Token.simulate.transfer([accounts[1], 5000n])', '--json')
    expect(failed.code).toBe(1)
    expect(JSON.parse(failed.out).error).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('ERC20InsufficientBalance'),
    })
    expect(await evaluated('nope()')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('nope is not defined'),
    })
    const ethers = await evaluated('await Token.balanceOf(accounts[1])')
    expect(ethers.err).toMatch(/^hint: {2}contracts are viem's: Token\.read\.balanceOf\(\[\.\.\.\]\)/m)
    const account = await evaluated('await Token.read.balanceOf([accounts[1].address])')
    expect(account.err).toMatch(
      /Address "undefined" is invalid\. - Address must be .*\nhint: {2}accounts\[1\] is an address/,
    )
    expect(await evaluated('}{')).toMatchObject({ code: 1, err: expect.stringContaining('SyntaxError') })
    const named = await evaluated('await Token.read.name()')
    expect(named.out).not.toContain('\u001b')
    expect(named.out).toContain('Gold')
  })

  it('is what --json wants', async () => {
    expect(await run('console', '--json')).toMatchObject({ code: 2 })
  })
})

it('converses: values, errors in words, and contracts that came meanwhile', async () => {
  const input = new PassThrough()
  const output = new PassThrough()
  let said = ''
  output.on('data', (chunk: Uint8Array) => {
    said += String(chunk)
  })
  const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })
  const context = { terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 }
  const ended = replCommand(context, { from: '0' }, { input, output })
  const until = async (text: string) => {
    while (!said.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  input.write('await Token.read.decimals()\n')
  await until('18')
  input.write("throw new Error('\\u001b[31mred')\n")
  await until('red')
  expect(said).not.toContain('\u001b[31m')
  expect((await run('deploy', token, 'Bronze', 'BRZ', '3', '--name', 'Bronze')).code).toBe(0)
  input.write('.contracts\n')
  await until('Bronze')
  input.write('await Bronze.read.totalSupply()\n')
  await until('3n')
  input.write('.exit\n')
  await ended
})

/** Everything that is said to these lines, which are there at once. */
async function piped(...lines: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let said = ''
  output.on('data', (chunk: Uint8Array) => {
    said += String(chunk)
  })
  const told = await watchingOutput(async () => {
    const terminal = createTerminal({ json: false, quiet: false, verbose: false, color: 'never' })
    const context = { terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 }
    input.end(lines.join('\n'))
    await replCommand(context, { from: '0' }, { input, output })
  })
  return { said, err: told.err }
}

describe('lines of a pipe', () => {
  it('run one after the other, each with the values of those before', async () => {
    const { said, err } = await piped(
      'const supply = await Token.read.totalSupply()',
      'supply * 2n',
      'const twice = async () => {',
      '  return 2n * (await Token.read.totalSupply())',
      '}',
      'const other = await twice()',
      'nope()',
      "await Promise.reject(new Error('no'))",
      'other + 1n',
    )
    expect(said).toMatch(
      /^undefined\n2000n\nundefined\nundefined\n.*nope is not defined\n(.*\n)*?.*Error: no\n(.*\n)*?2001n\n$/,
    )
    expect(err).not.toContain('middle of a statement')
    expect(err).toContain('accounts are addresses; wallets[1] sends as accounts[1]')
  })

  it('end where .exit does, and are not lost in silence in the middle of a statement', async () => {
    expect((await piped('await 41n + 1n', '.exit', '7n')).said).toBe('42n\n')
    expect((await piped('1n', 'if (true) {')).err).toContain('the input ends in the middle of a statement')
  })

  it('have a bound', async () => {
    await expect(piped('x'.repeat(1_048_577))).rejects.toThrow('a line of the input has more than 1048576 characters')
  })
})
