/** The record of a divergence: written at once, then with where the engines part, kept over restarts, gone when it is over. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { createInProcessChain } from './chain/inProcessChain.ts'
import { certificateOf, genesis, request, sendersOf, transaction } from './chain/testing/fixtures.ts'
import { startChainWorker } from './chain/worker/client.ts'
import { toHex } from './codec/hex.ts'
import { type DivergenceRecord, divergenceRecord } from './divergence/record.ts'
import { Divergences } from './divergences.ts'
import { systemClock } from './runtime/clock.ts'
import { createMemoryStore } from './runtime/memoryStore.ts'
import { sealBlock } from './types/blockCodec.ts'

const logger = pino({ level: 'silent' })
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

it('is there before the node stops, with what it had and what both engines make of the block', async () => {
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

it('is about a proposal, which stops nothing, and gives way to what was certified', async () => {
  const { divergences, chain, block, wrong, senders } = await scene()
  expect(await chain.validate(wrong, senders)).toMatchObject({ ok: false })
  expect(record()).toMatchObject({ kind: 'proposal', block: '1' })
  // While it is being looked for, a node can be stopped: its database is about to be closed.
  await divergences.close()
  expect(record()!.explanation).toMatchObject({ trouble: 'the node was stopped meanwhile' })
  await chain.finalize(block, certificateOf(block), senders)
  expect(chain.head().header.number).toBe(1n)
})

it('is looked into once, though the block was proposed before it was certified', async () => {
  const { divergences, chain, wrong, senders } = await scene()
  await chain.validate(wrong, senders)
  await expect(chain.finalize(wrong, certificateOf(wrong), senders)).rejects.toThrow('state root')
  expect(record()).toMatchObject({ kind: 'certified', explanation: null })
  await divergences.settled()
  expect(record()).toMatchObject({ kind: 'certified', explanation: { trouble: null } })
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
