/** What the window of `devnet up` says of blocks, from the chain of a node in this process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deriveAccounts } from '../network/deriveAccounts.ts'
import { networkPaths } from '../network/paths.ts'
import type { Network } from '../network/runner.ts'
import type { ReadingPace } from '../output/readingPace.ts'
import { createTerminal } from '../output/terminal.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { runInProcess, watchingOutput } from '../testing/runInProcess.ts'
import { type BlockTeller, blockTeller } from './blockTransactions.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-follow-'))
const token = fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url))
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

let rpc: InProcessRpc
beforeAll(async () => {
  rpc = await startInProcessRpc()
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

const run = (...args: string[]) => runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--json')
const network = {
  paths: networkPaths(folder),
  ready: { accounts: deriveAccounts() },
} as unknown as Network

/** The lines on those blocks, told at once. */
async function told(verbose: boolean, tell: (teller: BlockTeller) => void, last: RegExp, pace?: ReadingPace) {
  return watchingOutput(async () => {
    const terminal = createTerminal({ json: false, quiet: false, verbose, color: 'never' })
    const printed: string[] = []
    const heard = new Promise<void>((resolve) => {
      const hear = (line: string) => {
        printed.push(line)
        if (last.test(line)) resolve()
      }
      const listening = { ...terminal, print: hear, printLines: (lines: readonly string[]) => lines.forEach(hear) }
      tell(blockTeller(listening, network, pace))
    })
    await heard
    process.stdout.write(printed.join('\n'))
  })
}

it('names sender, contract, function and result of each transaction, in the order of blocks', async () => {
  expect((await run('deploy', token, 'Gold', 'GLD', '1000')).code).toBe(0)
  expect((await run('send', 'Token', 'transfer', '@1', '250')).code).toBe(0)
  expect((await run('send', 'Token', 'transfer', '@2', '5000', '--gas', '900000')).code).toBe(1)
  expect((await run('send', '@3', '--value', '1ether', '--from', '1')).code).toBe(0)
  const { out } = await told(
    false,
    (teller) => {
      for (const number of [1n, 2n, 3n, 4n]) teller.tell({ number, gasUsed: 1n, line: `block ${number}`, rpc: rpc.url })
      teller.tell({ number: 5n, gasUsed: 0n, line: 'block 5', rpc: rpc.url })
    },
    /^block 5/,
  )
  const lines = out
    .replaceAll(/0x[0-9a-fA-F]{40}/g, '0x…')
    .replaceAll(/[\d,]+ gas/g, 'N gas')
    .split('\n')
  expect(lines).toEqual([
    'block 1',
    '  @0 → a new contract at Token 0x…  N gas',
    'block 2',
    '  @0 → Token 0x…, transfer(to: @1 0x…, value: 250)  N gas',
    'block 3',
    '  @0 → Token 0x…, transfer(to: @2 0x…, value: 5000)  N gas  failed: ERC20InsufficientBalance(sender: @0 0x…, balance: 750, needed: 5000)',
    'block 4',
    '  @1 → @3 0x…, ether alone, with 1000000000000000000 wei  N gas',
    'block 5',
  ])
})

it('says of a block that no node gives only that it is there', async () => {
  const { out, err } = await told(
    true,
    (teller) => {
      teller.tell({ number: 99n, gasUsed: 1n, line: 'block 99', rpc: rpc.url })
      teller.tell({ number: 100n, gasUsed: 0n, line: 'block 100', rpc: rpc.url })
    },
    /^block 100/,
  )
  expect(out).toBe('block 99\nblock 100')
  expect(err).toContain('block 99 could not be read')
})

it('shows blocks alone while transactions come faster than anybody reads, says so once, and goes on after', async () => {
  const rooms = [true, false, false, true, false]
  const taken: number[] = []
  const pace = { hasRoom: () => rooms.shift()!, take: (lines: number) => taken.push(lines) } as unknown as ReadingPace
  const { out } = await told(
    false,
    (teller) => {
      for (let i = 1; i <= 4; i++) teller.tell({ number: 1n, gasUsed: 1n, line: `block ${i}`, rpc: rpc.url })
      teller.tell({ number: 1n, gasUsed: 0n, line: 'block without any', rpc: rpc.url })
      teller.tell({ number: 1n, gasUsed: 1n, line: 'block 5', rpc: rpc.url })
      teller.tell({ number: 6n, gasUsed: 0n, line: 'block 6', rpc: rpc.url })
    },
    /^block 6/,
    pace,
  )
  const tooFast = '  transactions come faster than they can be read here; devnet block 1 shows those of this block'
  const shown = expect.stringContaining('@0 → a new contract')
  const first = ['block 1', shown, 'block 2', tooFast, 'block 3', 'block 4', shown]
  const lines = [...first, 'block without any', 'block 5', tooFast, 'block 6']
  expect(out.split('\n')).toEqual(lines)
  expect(taken).toEqual([1, 1])
})
