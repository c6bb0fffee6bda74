/**
 * Flipped bits and cut files of every kind a LevelDB database has. A start either says that the database is damaged,
 * and has changed nothing, or finds a whole chain: all of it, or where the newest log was cut, as a crash cuts it, a
 * chain that ends earlier.
 */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '@touchstone/vm/testing/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChain } from '../../src/chain/chain.ts'
import { DatabaseError } from '../../src/chain/databaseError.ts'
import { accounts, appendBlock, genesis, transaction } from '../../src/chain/testing/fixtures.ts'
import { openSigner, signingKey } from '../../src/consensus/signing/signer.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { openLevelStore } from '../../src/runtime/levelStore.ts'
import { StoreError } from '../../src/runtime/storeError.ts'
import { contentHash, TestDirectories } from './support/directories.ts'
import { expectConnected } from './support/wholeChain.ts'

const BLOCKS = 12
const random = seededRandom(20_261_122)
const directories = new TestDirectories('corruption')
const chainDirectory = directories.fresh()
const signerDirectory = directories.fresh()
const key = signingKey(new Uint8Array(32).fill(9))

beforeAll(async () => {
  await installCrypto()
  // Opened again and again: each start sorts the log before it into a table.
  for (let number = 1; number <= BLOCKS; number++) {
    const chain = await openChain({ store: await openLevelStore(chainDirectory), genesis, engine: 'reference' })
    const nonce = Number(chain.head.header.number)
    await appendBlock(
      chain,
      accounts.map((_, from) => transaction(from, nonce)),
    )
    if (number === BLOCKS) {
      // The newest log has several blocks.
      for (let more = 1; more <= 3; more++) await appendBlock(chain, [transaction(0, nonce + more)])
    }
    await chain.close()
  }
  const store = await openLevelStore(signerDirectory)
  const signer = await openSigner({ store, key, genesisHash: new Uint8Array(32) })
  for (let round = 0; round < 30; round++) await sign(signer, round)
  await store.close()
})
afterAll(() => directories.remove())

async function sign(signer: Awaited<ReturnType<typeof openSigner>>, round: number): Promise<void> {
  const content = {
    genesisHash: new Uint8Array(32),
    height: 7n,
    round,
    step: 1,
    validRound: -1,
    blockHash: null,
    contentsHash: null,
  }
  expect(signer.sign({ content: content as never, locked: null, valid: null })).toMatchObject({ ok: true })
  await signer.flush()
}

type Outcome =
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'height'; readonly height: bigint }

async function start(directory: string): Promise<Outcome> {
  try {
    const store = await openLevelStore(directory)
    try {
      const chain = await openChain({ store, genesis, engine: 'reference' })
      await expectConnected(chain)
      return { kind: 'height', height: chain.head.header.number }
    } finally {
      await store.close()
    }
  } catch (error) {
    if (error instanceof StoreError || error instanceof DatabaseError)
      return { kind: 'refused', message: error.message }
    throw error
  }
}

const whole: Outcome = { kind: 'height', height: BigInt(BLOCKS + 3) }

function filesOf(directory: string, kind: RegExp): string[] {
  const names = readdirSync(directory).filter((name) => kind.test(name))
  expect(names).not.toEqual([])
  return names
}

function flip(path: string, at: number, bit: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 1 << bit
  writeFileSync(path, bytes)
}

/** Damages a copy with `damage` and starts on it; a refusal must have left the copy as it was. */
async function startDamaged(damage: (directory: string) => void): Promise<Outcome> {
  const copy = directories.copyOf(chainDirectory)
  damage(copy)
  const before = contentHash(copy)
  const outcome = await start(copy)
  if (outcome.kind === 'refused') {
    expect(contentHash(copy)).toBe(before)
    expect(outcome.message).toContain(copy)
    expect(outcome.message).toMatch(/is damaged\. Move the (data )?directory away/)
  }
  rmSync(copy, { recursive: true })
  return outcome
}

test('an undamaged copy starts whole', async () => {
  expect(await startDamaged(() => undefined)).toEqual(whole)
})

describe('a flipped bit', () => {
  test('in a table is always noticed', async () => {
    for (let run = 0; run < 40; run++) {
      const name = random.pick(filesOf(chainDirectory, /\.ldb$/))
      const length = readFileSync(join(chainDirectory, name)).length
      // The 48 bytes of the footer end in padding, which says nothing, and the magic number.
      const at = random.below(length - 48)
      const outcome = await startDamaged((copy) => flip(join(copy, name), at, random.below(8)))
      expect(outcome, `${name} at byte ${at}`).toMatchObject({ kind: 'refused' })
    }
  })

  test('in the MANIFEST is noticed, or changes nothing', async () => {
    const [name] = filesOf(chainDirectory, /^MANIFEST/)
    const length = readFileSync(join(chainDirectory, name!)).length
    for (let at = 0; at < length; at += 1 + random.below(12)) {
      const outcome = await startDamaged((copy) => flip(join(copy, name!), at, random.below(8)))
      if (outcome.kind !== 'refused') expect(outcome, `at byte ${at}`).toEqual(whole)
    }
  })

  test('in CURRENT is noticed', async () => {
    for (let at = 0; at < 16; at++) {
      const outcome = await startDamaged((copy) => flip(join(copy, 'CURRENT'), at, random.below(8)))
      expect(outcome, `at byte ${at}`).toMatchObject({ kind: 'refused' })
    }
  })

  test('in the log is noticed, but for its last record, which then counts as cut off', async () => {
    const [name] = filesOf(chainDirectory, /\.log$/)
    const length = readFileSync(join(chainDirectory, name!)).length
    let refused = 0
    // One in each fortieth of the log, so that its records have their share.
    const part = Math.floor(length / 40)
    for (let run = 0; run < 40; run++) {
      const at = run * part + random.below(part)
      const outcome = await startDamaged((copy) => flip(join(copy, name!), at, random.below(8)))
      if (outcome.kind === 'refused') refused++
      else expect(outcome, `at byte ${at} of ${length}`).toEqual({ kind: 'height', height: BigInt(BLOCKS + 2) })
    }
    expect(refused).toBeGreaterThan(20)
  })
})

describe('a file', () => {
  test.each([[/\.ldb$/], [/^CURRENT$/], [/^MANIFEST/]])('like %s that is cut is noticed', async (kind) => {
    for (const name of filesOf(chainDirectory, kind)) {
      const length = readFileSync(join(chainDirectory, name)).length
      for (const left of [0, Math.floor(length / 2), length - 1]) {
        const outcome = await startDamaged((copy) => truncateSync(join(copy, name), left))
        // A MANIFEST without its end is one of an earlier moment: its tables are gone, or it is whole.
        if (outcome.kind !== 'refused') expect(outcome, `${name} cut to ${left}`).toEqual(whole)
        if (!name.startsWith('MANIFEST')) expect(outcome, `${name} cut to ${left}`).toMatchObject({ kind: 'refused' })
      }
    }
  })

  test('of the log that is cut gives a chain that ends earlier', async () => {
    const [name] = filesOf(chainDirectory, /\.log$/)
    const length = readFileSync(join(chainDirectory, name!)).length
    const heights = new Set<bigint>()
    for (let step = 0; step <= 16; step++) {
      const outcome = await startDamaged((copy) => truncateSync(join(copy, name!), Math.floor((length * step) / 16)))
      if (outcome.kind === 'height') heights.add(outcome.height)
      expect(outcome.kind).toBe('height')
    }
    expect([...heights]).toEqual([...heights].toSorted())
    expect(heights.size).toBeGreaterThan(2)
  })

  test.each([[/\.ldb$/], [/^CURRENT$/], [/^MANIFEST/]])('like %s that is gone is noticed', async (kind) => {
    for (const name of filesOf(chainDirectory, kind)) {
      const outcome = await startDamaged((copy) => rmSync(join(copy, name)))
      expect(outcome, name).toMatchObject({ kind: 'refused' })
    }
  })
})

describe("the signer's record", () => {
  const whenDamaged = 'Read the manual.'

  /** The last round it remembers, or why it was refused. */
  async function remembered(directory: string): Promise<number | string> {
    try {
      const store = await openLevelStore(directory, { whenDamaged })
      const signer = await openSigner({ store, key, genesisHash: new Uint8Array(32) })
      await store.close()
      return signer.last()?.round ?? -1
    } catch (error) {
      if (error instanceof StoreError) return error.message
      throw error
    }
  }

  test('with a flipped bit is refused, or has lost no more than its last entry', async () => {
    const [name] = filesOf(signerDirectory, /\.log$/)
    const length = readFileSync(join(signerDirectory, name!)).length
    let refused = 0
    for (let run = 0; run < 40; run++) {
      const copy = directories.copyOf(signerDirectory)
      const at = random.below(length)
      flip(join(copy, name!), at, random.below(8))
      const before = contentHash(copy)
      const outcome = await remembered(copy)
      if (typeof outcome === 'string') {
        refused++
        expect(outcome).toContain(`The database in ${copy} is damaged. ${whenDamaged} [`)
        expect(contentHash(copy)).toBe(before)
      } else expect(outcome, `at byte ${at} of ${length}`).toBeGreaterThanOrEqual(28)
      rmSync(copy, { recursive: true })
    }
    expect(refused).toBeGreaterThan(30)
  })
})
