/**
 * The record of a divergence: written at once, then with where the engines part, kept over restarts, gone when it is over.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { SILENT_LOGGER as logger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { genesisCandidate } from '../chain/genesisBlock.ts'
import { createInProcessChain } from '../chain/inProcessChain.ts'
import { EXPLAIN_PAUSE } from '../chain/limits.ts'
import { certificateOf, genesis, request, sendersOf, transaction } from '../chain/testing/fixtures.ts'
import { startChainWorker } from '../chain/worker/client.ts'
import { toHex } from '../codec/hex.ts'
import type { Explanation } from '../divergence/explain.ts'
import type { Finding } from '../divergence/finding.ts'
import { type DivergenceRecord, divergenceRecord } from '../divergence/record.ts'
import { systemClock } from '../runtime/clock.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { sealBlock } from '../types/blockCodec.ts'
import { Divergences } from './divergences.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'touchstone-divergences-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const path = () => join(dataDir, 'divergence.json')
const record = () => divergenceRecord(JSON.parse(readFileSync(path(), 'utf8')))
const open = () =>
  new Divergences({ dataDir, chainDirectory: join(dataDir, 'chain'), genesis, logger, clock: systemClock })

/** A chain in its worker, and a block of two transfers that says another state root than comes out. */
async function scene() {
  const divergences = open()
  const fatal = Promise.withResolvers<Error>()
  const chain = await startChainWorker({
    ...{ genesis, dataDir: join(dataDir, 'chain'), engine: 'reference', logger },
    onFatal: fatal.resolve,
    onDivergence: (diverged) => divergences.note(diverged),
  })
  onTestFinished(() => chain.close())
  const elsewhere = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'compiled' })
  const transactions = [transaction(0, 0), transaction(1, 0)]
  const { block } = await elsewhere.build(request(chain.head(), transactions))
  const wrong = sealBlock({ ...block.header, stateRoot: new Uint8Array(32).fill(7) }, block.transactions)
  return { divergences, chain, block, wrong, senders: sendersOf(block, transactions), fatal: fatal.promise }
}

it('is there before the node stops, with what it had and what all engines make of the block', async () => {
  const { divergences, chain, block, wrong, senders, fatal } = await scene()
  await expect(chain.finalize(wrong, certificateOf(wrong), senders)).rejects.toThrow('is invalid here: state root')
  expect((await fatal).message).toContain('state root')
  const first = record()!
  expect(first).toMatchObject({ kind: 'certified', block: '1', hash: toHex(wrong.hash), engine: 'reference' })
  expect(first.explanation).toBeNull()
  expect(first.fields).toEqual([
    { field: 'state root', expected: `0x${'07'.repeat(32)}`, got: toHex(block.header.stateRoot) },
  ])
  expect(statSync(path()).mode & 0o077).toBe(0)
  await divergences.settled()
  expect(record()).toEqual({
    ...first,
    explanation: { trouble: null, finding: expect.objectContaining({ agree: true, right: 'neither' }) },
  })
})

it("is not made of a proposal that all engines here refuse alike: that is its proposer's fault", async () => {
  const { divergences, chain, block, wrong, senders } = await scene()
  expect(await chain.validate(wrong, senders)).toMatchObject({ ok: false })
  await divergences.settled()
  expect(existsSync(path())).toBe(false)
  await chain.finalize(block, certificateOf(block), senders)
  expect(chain.head().header.number).toBe(1n)
})

it('leaves a look open that the node was stopped in: its database is about to be closed', async () => {
  const { divergences, chain, wrong, senders } = await scene()
  await expect(chain.finalize(wrong, certificateOf(wrong), senders)).rejects.toThrow('state root')
  await divergences.close()
  expect(record()).toMatchObject({ kind: 'certified', explanation: null })
})

it('is looked into once, though the block was proposed before it was certified', async () => {
  const { divergences, chain, wrong, senders } = await scene()
  await chain.validate(wrong, senders)
  await expect(chain.finalize(wrong, certificateOf(wrong), senders)).rejects.toThrow('state root')
  expect(record()).toMatchObject({ kind: 'certified', explanation: null })
  await divergences.settled()
  expect(record()).toMatchObject({ kind: 'certified', explanation: { trouble: null } })
})

/** Divergences on a clock that stands, with blocks and looks that the test ends. */
function desk() {
  const clock = manualClock()
  const looks: { hash: string; signal: AbortSignal; end: (explanation: Explanation) => void }[] = []
  const divergences = new Divergences({
    ...{ dataDir, chainDirectory: join(dataDir, 'chain'), genesis, logger, clock },
    explain: ({ task, signal }) => {
      const { promise, resolve } = Promise.withResolvers<Explanation>()
      looks.push({ hash: toHex(task.block.hash), signal, end: resolve })
      signal.addEventListener('abort', () => resolve({ finding: null, trouble: 'ended' }))
      return promise
    },
  })
  const { block } = genesisCandidate(genesis)
  const note = (kind: DivergenceRecord['kind'], height: bigint) => {
    const { hash } = block
    const other = { ...block, header: { ...block.header, number: height }, hash: hash.with(0, Number(height)) }
    divergences.note({
      ...{ kind, block: other, senders: [], parentRoot: block.header.stateRoot, engine: 'compiled' },
      ...{ reason: 'state root: header 0x1, ours 0x2', unequal: [] },
    })
    return toHex(other.hash)
  }
  return { clock, looks, divergences, note }
}

const finding = (agree: boolean, right: Finding['right']): Explanation => ({
  finding: {
    ...{ right, agree, transaction: null, receipt: [], state: [], moreState: 0 },
    ...{ hostCall: null, instruction: null, remarks: [], engines: ['compiled', 'reference'] },
  },
  trouble: null,
})

it.each([
  ['engines that part', finding(false, 'neither'), true],
  ['a fault of the machine that does not show again', finding(true, 'both'), true],
  ["a proposer's fault", finding(true, 'neither'), false],
  ['what could not be found out', { finding: null, trouble: 'it was not found within 120 s' } as const, false],
])('is made of a proposal for %s: %#', async (_, explanation, isKept) => {
  const { looks, divergences, note } = desk()
  const hash = note('proposal', 1n)
  expect(existsSync(path())).toBe(false)
  await Promise.resolve()
  looks[0]!.end(explanation)
  await divergences.settled()
  expect(existsSync(path())).toBe(isKept)
  if (isKept) expect(record()).toMatchObject({ kind: 'proposal', hash, explanation })
})

it('costs a thread for one proposal in a while, however many are wrong', async () => {
  const { clock, looks, divergences, note } = desk()
  for (const height of [1n, 2n, 3n]) note('proposal', height)
  await Promise.resolve()
  expect(looks.length).toBe(1)
  looks[0]!.end(finding(true, 'neither'))
  await divergences.settled()
  note('proposal', 4n)
  clock.jump(EXPLAIN_PAUSE)
  const hash = note('proposal', 5n)
  await Promise.resolve()
  expect(looks.slice(1).map((look) => look.hash)).toEqual([hash])
})

it('does not have a certified block, or a node that stops for another reason, wait for a proposal', async () => {
  const { looks, divergences, note } = desk()
  note('proposal', 1n)
  await Promise.resolve()
  await divergences.certifiedSettled()
  const hash = note('certified', 2n)
  expect(looks[0]!.signal.aborted).toBe(true)
  await vi.waitFor(() => expect(looks.length).toBe(2))
  looks[1]!.end(finding(false, 'reference'))
  await divergences.certifiedSettled()
  expect(record()).toMatchObject({ kind: 'certified', hash, explanation: finding(false, 'reference') })
})

it('has no thread begin once the node is being stopped: what the worker finds then is written down at most', async () => {
  const { looks, divergences, note } = desk()
  await divergences.close()
  note('proposal', 1n)
  const hash = note('certified', 2n)
  await divergences.settled()
  expect(looks).toEqual([])
  expect(record()).toMatchObject({ kind: 'certified', hash, explanation: null })
})

it('goes when its block is final here after all, and stays over restarts until then', async () => {
  const kept: DivergenceRecord = {
    ...{ kind: 'certified', block: '1', hash: '0x12', engine: 'compiled', reason: 'state root: header 0x1, ours 0x2' },
    ...{ fields: [], explanation: null },
  }
  writeFileSync(path(), JSON.stringify(kept))
  const chain = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'compiled' })
  const stop = open().follow(chain)
  expect(record()).toEqual(kept)
  const { block } = await chain.build(request(chain.head(), []))
  await chain.finalize(block, certificateOf(block), [])
  expect(existsSync(path())).toBe(false)
  stop()
})

it('that nobody can read is none', () => {
  for (const text of ['{', 'null', '[]', '{"kind":"certified"}']) {
    writeFileSync(path(), text)
    expect(() => open()).not.toThrow()
  }
})
