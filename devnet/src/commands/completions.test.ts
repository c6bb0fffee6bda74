/** What a shell is offered, and that the script for bash brings it there. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../program.ts'
import { runInProcess } from '../testing/runInProcess.ts'
import { candidates } from './candidates.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-completions-'))
const at = `--data ${folder}`

beforeAll(() => {
  const abi = parseAbi([
    'function balanceOf(address owner) view returns (uint256)',
    'function transfer(address to, uint256 value) returns (bool)',
    'function setOpen(bool open)',
    'event Transfer(address from, address to, uint256 value)',
  ])
  const address = `0x${'11'.repeat(20)}`
  const book = ['Token', 'Treasury', '$(reboot)', 'a`b`'].map((name) => ({ name, address, abi }))
  writeFileSync(join(folder, 'deployments.json'), JSON.stringify(book))
  const node = (index: number) => ({ index, rpc: 'http://127.0.0.1:1', pid: process.pid })
  writeFileSync(
    join(folder, 'running.json'),
    JSON.stringify({ runner: process.pid, nodes: [node(1), node(2)], accounts: [] }),
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const next = (line: string) => candidates(createProgram(), line)

describe('a shell is offered', () => {
  it('commands, options, and values of options', () => {
    expect(next('devnet st')).toEqual(['status', 'storage'])
    expect(next('npx devnet --json dep')).toEqual(['deploy'])
    expect(next('devnet call --no')).toEqual(['--node'])
    expect(next('devnet up --engine ')).toEqual(['mixed', 'compiled', 'interpreter', 'reference'])
    expect(next('devnet init x --template c')).toEqual(['counter'])
    expect(next(`devnet call ${at} --node `)).toEqual(['1', '2'])
    expect(next('devnet send --from @1')).toEqual(['@1'])
    expect(next('devnet completions f')).toEqual(['fish'])
    expect(next('devnet build ')).toEqual([])
    expect(next('devnet deploy --abi ')).toEqual([])
  })

  it('contracts, and functions by what the command does', () => {
    expect(next(`devnet call ${at} T`)).toEqual(['Token', 'Treasury'])
    expect(next(`devnet ${at} call Token `)).toEqual(['balanceOf'])
    expect(next(`devnet send ${at} Token `)).toEqual(['transfer', 'setOpen'])
    expect(next(`devnet trace ${at} Token `)).toEqual(['balanceOf', 'transfer', 'setOpen'])
    expect(next(`devnet profile --data=${folder} Token t`)).toEqual(['transfer'])
    expect(next(`devnet events ${at} Token `)).toEqual(['Transfer'])
    expect(next('devnet call Multicall3 getEth')).toEqual(['getEthBalance'])
    expect(next(`devnet call ${at} Nothing `)).toEqual([])
  })

  it('accounts and contracts for addresses, true and false for bools, nodes by number', () => {
    expect(next(`devnet send ${at} Token transfer @`)).toHaveLength(10)
    expect(next(`devnet send ${at} Token transfer Tr`)).toEqual(['Treasury'])
    expect(next(`devnet send ${at} Token transfer @1 `)).toEqual([])
    expect(next(`devnet send ${at} Token setOpen `)).toEqual(['true', 'false'])
    expect(next(`devnet balance ${at} @0 Tok`)).toEqual(['Token'])
    expect(next(`devnet node ${at} kill `)).toEqual(['1', '2'])
    expect(next('devnet node k')).toEqual(['kill'])
  })

  it('no text that a shell would run', () => {
    expect(next(`devnet call ${at} `)).not.toContain('$(reboot)')
    expect(next(`devnet call ${at} `).join('')).not.toMatch(/[`$]/)
  })
})

it('the command prints them for the script', async () => {
  const { code, out } = await runInProcess('completions', 'bash', '--line', `devnet call ${at} T`)
  expect([code, out]).toEqual([0, 'Token\nTreasury\n'])
  const json = await runInProcess('completions', 'bash', '--line', 'devnet ver', '--json')
  expect(JSON.parse(json.out)).toEqual({ shell: 'bash', words: ['verify', 'verify-source'] })
})

const hasBash = spawnSync('bash', ['--version']).status === 0
it.skipIf(!hasBash)('bash completes with the script', () => {
  const cli = fileURLToPath(new URL('../cli.ts', import.meta.url))
  // As bash itself sets them before it calls the function.
  const typed = (line: string, words: readonly string[]) => `
    COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length}
    COMP_WORDS=(${words.map((word) => JSON.stringify(word)).join(' ')}) COMP_CWORD=${words.length - 1}
    _devnet; printf '%s\\n' "\${COMPREPLY[@]}"; echo --`
  const script = [
    `devnet() { ${JSON.stringify(process.execPath)} ${JSON.stringify(cli)} "$@"; }`,
    'eval "$(devnet completions bash)"',
    typed(`devnet call ${at} T`, ['devnet', 'call', '--data', folder, 'T']),
    // bash has made two pieces of @1.
    typed(`devnet send ${at} Token transfer @1`, ['devnet', 'send', '--data', folder, 'Token', 'transfer', '@', '1']),
  ].join('\n')
  expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('Token\nTreasury\n--\n1\n--\n')
})
