/** The lines of `devnet up` about a node that makes something else of a block: loud, whole, and once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DivergenceRecord, Finding } from '@touchstone/node/divergence'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ReadyNode } from '../network/readyFile.ts'
import type { Network } from '../network/runner.ts'
import { createTerminal } from '../output/terminal.ts'
import { watchNodes } from './nodeWatch.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'touchstone-window-'))
const logFile = join(dataDir, 'node.log')
const recordFile = join(dataDir, 'divergence.json')
let written = ''
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  rmSync(recordFile, { force: true })
  written = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})
afterAll(() => rmSync(dataDir, { recursive: true }))

const node = { index: 1, state: 'ended', validator: true, dataDir, logFile, rpc: 'none' } as ReadyNode
const network = { describe: () => ({ nodes: [node], partition: null }) } as unknown as Network
const terminal = createTerminal({ json: false, quiet: true, verbose: false, color: 'never' })

const record = (more: Partial<DivergenceRecord> = {}): DivergenceRecord => ({
  ...{ kind: 'proposal', block: '4', hash: '0xb4', engine: 'reference', reason: 'state root: header 0x1, ours 0x2' },
  ...{ fields: [], explanation: null },
  ...more,
})
const finding: Finding = {
  engines: ['compiled', 'reference'],
  ...{ right: 'compiled', agree: false, receipt: [], state: [], moreState: 0, hostCall: null, instruction: null },
  ...{ transaction: { index: 2, hash: '0x7a', to: '0xc0' }, remarks: [] },
}
const explanation = { finding, trouble: null }
const keep = (kept: DivergenceRecord) => writeFileSync(recordFile, JSON.stringify(kept))
const said = async () => {
  await vi.advanceTimersByTimeAsync(2_000)
  const text = written
  written = ''
  return text
}

it('tells a divergence at once, whole when it is explained, and in a line that it was certified', async () => {
  const watch = watchNodes(terminal, network)
  expect([await said(), watch.sawDivergence]).toEqual(['', false])
  keep(record())
  expect(await said()).toBe(
    'warning: DIVERGENCE: node 1 makes something else of block 4\n  it is looking for where the engines part\n',
  )
  expect([await said(), watch.sawDivergence]).toEqual(['', true])
  keep(record({ explanation }))
  const whole = await said()
  expect(whole).toContain('warning: DIVERGENCE on node 1: block 4 (0xb4) came out otherwise on the reference engine')
  expect(whole).toContain('  the engines part in transaction 2 (0x7a) to 0xc0\n')
  keep(record({ explanation, kind: 'certified' }))
  const certified = await said()
  expect(certified.split('\n')).toHaveLength(2)
  expect(certified).toContain('more than two thirds of the validators certified it')
  expect(await said()).toBe('')
  watch.onExit({ index: 1, code: 1, signal: null, logFile })
  expect(written).toMatch(
    /^warning: node 1 ended by itself \(exit code 1\): it cannot go on after block 4; its log is \S+\n$/,
  )
  watch.stop()
})

it('says of a node that ended otherwise what its log says of it', () => {
  writeFileSync(logFile, '{"level":30,"msg":"committed"}\n{"level":50,"msg":"the disk is full"}\n')
  watchNodes(terminal, network).onExit({ index: 1, code: null, signal: 'SIGKILL', logFile })
  expect(written).toMatch(
    /^warning: node 1 ended by itself \(SIGKILL\); its log \(\S+\) says:\n {2}the disk is full\n$/,
  )
})
