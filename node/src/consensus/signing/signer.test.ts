import { describe, expect, it } from 'vitest'
import { ed25519Verify } from '../../crypto/ed25519.ts'
import type { KeyValueStore, StoreOperation } from '../../runtime/keyValueStore.ts'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import {
  type SignedContent,
  type SignedStep,
  STEP_PRECOMMIT,
  STEP_PREVOTE,
  STEP_PROPOSAL,
  signBytes,
} from './signBytes.ts'
import { openSigner, type Signer, type SignOutcome, type SignRequest, signingKey } from './signer.ts'
import { encodeKept, type KeptValue, LOCKED_KEY } from './signerRecord.ts'

const GENESIS = new Uint8Array(32).fill(0x6e)
const KEY = signingKey(new Uint8Array(32).fill(7))
const A = new Uint8Array(32).fill(0xa)
const B = new Uint8Array(32).fill(0xb)

function content(height: bigint, round: number, step: SignedStep, blockHash: Uint8Array | null): SignedContent {
  return {
    genesisHash: GENESIS,
    height,
    round,
    step,
    validRound: -1,
    blockHash,
    contentsHash: step === STEP_PROPOSAL ? A : null,
  }
}

function request(height: bigint, round: number, step: SignedStep, hash: Uint8Array | null, more = {}): SignRequest {
  return { content: content(height, round, step, hash), locked: null, valid: null, ...more }
}

const open = (store: KeyValueStore) => openSigner({ store, key: KEY, genesisHash: GENESIS })

/** As consensus has it: signed, and written. */
async function sign(signer: Signer, asked: SignRequest): Promise<SignOutcome> {
  const outcome = signer.sign(asked)
  await signer.flush()
  return outcome
}

async function codeOf(signer: Signer, asked: SignRequest): Promise<string> {
  const outcome = await sign(signer, asked)
  return outcome.ok ? 'signed' : outcome.code
}

const kept = (round: number): KeptValue => ({
  round,
  blockHash: A,
  proposal: new Uint8Array(500).fill(1),
  polka: [{ index: 1, signature: new Uint8Array(64).fill(2) }],
})

describe('signer', () => {
  it('signs what it is asked, verifiably', async () => {
    const signer = await open(createMemoryStore())
    const asked = request(1n, 0, STEP_PREVOTE, A)
    const outcome = await sign(signer, asked)
    expect(outcome.ok && ed25519Verify(outcome.signature, signBytes(asked.content), signer.publicKey)).toBe(true)
  })

  it('gives the same signature for the same bytes, also for an earlier step of the height', async () => {
    const signer = await open(createMemoryStore())
    const first = await sign(signer, request(1n, 0, STEP_PREVOTE, A))
    await sign(signer, request(1n, 1, STEP_PREVOTE, null))
    expect(await sign(signer, request(1n, 0, STEP_PREVOTE, A))).toEqual(first)
  })

  it.each([
    ['another block', request(5n, 2, STEP_PREVOTE, B), 'conflict'],
    ['nil instead', request(5n, 2, STEP_PREVOTE, null), 'conflict'],
    ['an earlier step', request(5n, 2, STEP_PROPOSAL, A), 'regression'],
    ['an earlier round', request(5n, 1, STEP_PRECOMMIT, A), 'regression'],
    ['an earlier height', request(4n, 9, STEP_PRECOMMIT, A), 'regression'],
    ['a later step', request(5n, 2, STEP_PRECOMMIT, B), 'signed'],
    ['a later round', request(5n, 3, STEP_PROPOSAL, B), 'signed'],
    ['a later height', request(6n, 0, STEP_PROPOSAL, B), 'signed'],
  ])('after a prevote at height 5, round 2: %s', async (_name, asked, expected) => {
    const store = createMemoryStore()
    expect(await codeOf(await open(store), request(5n, 2, STEP_PREVOTE, A))).toBe('signed')
    // The same before and after a restart.
    expect(await codeOf(await open(store), asked)).toBe(expected)
  })

  it('writes with sync what was signed since the last time, all in one batch', async () => {
    const inner = createMemoryStore()
    const batches: { operations: readonly StoreOperation[]; sync: boolean }[] = []
    let release = () => {}
    const store: KeyValueStore = {
      ...inner,
      get: (key) => inner.get(key),
      range: (range) => inner.range(range),
      batch: async (operations, options) => {
        batches.push({ operations, sync: options.sync })
        await new Promise<void>((resolve) => {
          release = resolve
        })
        await inner.batch(operations, options)
      },
    }
    const signer = await open(store)
    signer.sign(request(1n, 0, STEP_PREVOTE, A))
    signer.sign(request(1n, 0, STEP_PRECOMMIT, A, { locked: kept(0), valid: kept(0) }))
    expect(batches).toEqual([])
    let isWritten = false
    const pending = signer.flush().then(() => {
      isWritten = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isWritten).toBe(false)
    expect(signer.isComplete()).toBe(false)
    expect(batches.map(({ sync }) => sync)).toEqual([true])
    const names = batches[0]!.operations.map(({ key }) => String.fromCharCode(key[0]!))
    expect(names.sort()).toEqual(['F', 'I', 'L', 'M', 'M', 'V'])
    release()
    await pending
    expect(isWritten).toBe(true)
    expect((await open(inner)).restored(1n)?.signed).toHaveLength(2)
    // Nothing new: nothing to write.
    await signer.flush()
    expect(batches).toHaveLength(1)
  })

  it('signs nothing more when the store has failed, and says so each time', async () => {
    const store = createMemoryStore()
    const signer = await open({
      ...store,
      get: (key) => store.get(key),
      range: (range) => store.range(range),
      batch: async () => {
        throw new Error('disk full')
      },
    })
    signer.sign(request(1n, 0, STEP_PREVOTE, A))
    await expect(signer.flush()).rejects.toThrow('disk full')
    await expect(signer.flush()).rejects.toThrow('disk full')
    expect(() => signer.sign(request(1n, 0, STEP_PREVOTE, A))).toThrow('disk full')
    expect(() => signer.sign(request(2n, 0, STEP_PREVOTE, A))).toThrow('disk full')
    expect(signer.isComplete()).toBe(false)
    expect((await open(store)).last()).toBeNull()
  })

  it('is complete from the moment it was begun, by word or by signature', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    expect(signer.isComplete()).toBe(false)
    expect((await open(store)).isComplete()).toBe(false)
    await signer.begin(null)
    expect(signer.isComplete()).toBe(true)
    expect((await open(store)).isComplete()).toBe(true)
    expect((await open(store)).last()).toBeNull()

    const other = createMemoryStore()
    await sign(await open(other), request(1n, 0, STEP_PREVOTE, A))
    expect((await open(other)).isComplete()).toBe(true)
  })

  it('remembers everything of the height: votes, proposal, lock, polka', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    const message = new Uint8Array(100).fill(9)
    await sign(signer, request(3n, 0, STEP_PROPOSAL, A, { proposal: () => message }))
    await sign(signer, request(3n, 0, STEP_PREVOTE, A))
    await sign(signer, request(3n, 0, STEP_PRECOMMIT, A, { locked: kept(0), valid: kept(0) }))
    await sign(signer, request(3n, 1, STEP_PREVOTE, null, { locked: kept(0), valid: kept(0) }))
    const restored = (await open(store)).restored(3n)
    expect(restored?.signed.map(({ content: { round, step } }) => [round, step])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 1],
    ])
    expect(restored?.signed[0]?.proposal).toEqual(message)
    expect(restored?.locked).toEqual(kept(0))
    expect(restored?.valid).toEqual(kept(0))
    expect((await open(store)).restored(4n)).toBeNull()
  })

  it('forgets a height with the first signature of the next', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    await sign(signer, request(3n, 0, STEP_PRECOMMIT, A, { locked: kept(0), valid: kept(0) }))
    await sign(signer, request(4n, 0, STEP_PREVOTE, B))
    const reopened = await open(store)
    expect(reopened.restored(3n)).toBeNull()
    expect(reopened.restored(4n)).toMatchObject({ locked: null, valid: null })
    expect(reopened.restored(4n)?.signed.length).toBe(1)
    const left: string[] = []
    for await (const [key] of store.range({ from: new Uint8Array([0]), to: new Uint8Array([0xff]) })) {
      left.push(String.fromCharCode(key[0]!))
    }
    expect(left).toEqual(['F', 'I', 'M'])
  })

  it('keeps a lock that a batch of the same height does not repeat', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    const written: string[] = []
    const spied = await open({
      ...store,
      get: (key) => store.get(key),
      range: (range) => store.range(range),
      batch: (operations, options) => {
        written.push(operations.map(({ key }) => String.fromCharCode(key[0]!)).join(''))
        return store.batch(operations, options)
      },
    })
    expect(signer.last()).toBeNull()
    await sign(spied, request(3n, 0, STEP_PRECOMMIT, A, { locked: kept(0), valid: kept(0) }))
    await sign(spied, request(3n, 1, STEP_PREVOTE, null, { locked: kept(0), valid: kept(0) }))
    await sign(spied, request(3n, 1, STEP_PRECOMMIT, A, { locked: kept(1), valid: kept(1) }))
    expect(written).toEqual(['IMLVF', 'IM', 'IMLV'])
    expect((await open(store)).restored(3n)?.locked?.round).toBe(1)
  })

  it('takes a lock of its own height only', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    await sign(signer, request(4n, 0, STEP_PREVOTE, B))
    await store.batch([{ type: 'put', key: LOCKED_KEY, value: encodeKept(3n, kept(0)) }], { sync: true })
    expect((await open(store)).restored(4n)?.locked).toBeNull()
  })

  it("refuses another validator's or another chain's record", async () => {
    const store = createMemoryStore()
    await sign(await open(store), request(1n, 0, STEP_PREVOTE, A))
    await expect(openSigner({ store, key: KEY, genesisHash: A })).rejects.toThrow(`genesis ${'6e'.repeat(32)}`)
    const other = signingKey(new Uint8Array(32).fill(8))
    await expect(openSigner({ store, key: other, genesisHash: GENESIS })).rejects.toThrow('its own data directory')
  })

  it('refuses a damaged record instead of signing on', async () => {
    const store = createMemoryStore()
    await sign(await open(store), request(1n, 0, STEP_PREVOTE, A))
    for await (const [key, value] of store.range({ from: new Uint8Array([0x4d]), to: new Uint8Array([0x4e]) })) {
      await store.batch([{ type: 'put', key, value: value.slice(0, 50) }], { sync: true })
    }
    await expect(open(store)).rejects.toThrow()
  })

  it('is asked for nothing while it writes', async () => {
    const signer = await open(createMemoryStore())
    signer.sign(request(1n, 0, STEP_PREVOTE, A))
    const writing = signer.flush()
    expect(() => signer.sign(request(1n, 0, STEP_PRECOMMIT, A))).toThrow('asked to sign while it writes')
    await writing
    expect(signer.sign(request(1n, 0, STEP_PRECOMMIT, A)).ok).toBe(true)
  })

  it('signs nothing at a height that was closed, before and after a restart, and goes on above it', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    await sign(signer, request(4n, 0, STEP_PRECOMMIT, A))
    await signer.close(5n)
    for (const opened of [signer, await open(store)]) {
      expect(opened.restored(5n)).toBeNull()
      expect(await codeOf(opened, request(4n, 0, STEP_PRECOMMIT, A))).toBe('regression')
      expect(await codeOf(opened, request(5n, 3, STEP_PREVOTE, A))).toBe('regression')
      expect([opened.covers(5n, 9), opened.covers(6n, 0)]).toEqual([true, false])
    }
    expect(await codeOf(signer, request(6n, 0, STEP_PROPOSAL, A))).toBe('signed')
    // It does not open again.
    await signer.close(3n)
    expect((await open(store)).covers(5n, 0)).toBe(true)
  })

  it('reaches a height when the disk has a message of it or of the one before', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    expect(signer.reaches(1n)).toBe(false)
    signer.sign(request(4n, 0, STEP_PROPOSAL, A))
    expect([signer.reaches(4n), signer.covers(4n, 0)]).toEqual([false, false])
    signer.sign(request(4n, 0, STEP_PRECOMMIT, A))
    expect([signer.reaches(4n), signer.covers(4n, 0), signer.covers(4n, 1)]).toEqual([false, true, false])
    await signer.flush()
    for (const opened of [signer, await open(store)]) {
      expect([4n, 5n, 6n].map((height) => opened.reaches(height))).toEqual([true, true, false])
    }
  })
})

describe('what the record does not know of', () => {
  const disowned = (signer: Signer, height: bigint, round: number, step: SignedStep, hash: Uint8Array | null = A) =>
    signer.disowns(content(height, round, step, hash))

  it('is disowned above the height at which it began, at the newest height and above it', async () => {
    const signer = await open(createMemoryStore())
    await signer.begin(null)
    await sign(signer, request(4n, 0, STEP_PREVOTE, A))
    // At the height of its first signature it may lack others, of a time before the disk was lost.
    expect(disowned(signer, 4n, 0, STEP_PREVOTE, B)).toBe(false)
    expect(disowned(signer, 5n, 0, STEP_PREVOTE)).toBe(true)
    await sign(signer, request(6n, 0, STEP_PREVOTE, A))
    await sign(signer, request(6n, 2, STEP_PREVOTE, null))
    expect(disowned(signer, 6n, 0, STEP_PREVOTE)).toBe(false)
    expect(disowned(signer, 6n, 2, STEP_PREVOTE, null)).toBe(false)
    expect(disowned(signer, 6n, 0, STEP_PREVOTE, B)).toBe(true)
    expect(disowned(signer, 6n, 1, STEP_PREVOTE, null)).toBe(true)
    expect(disowned(signer, 6n, 2, STEP_PRECOMMIT)).toBe(true)
    expect(disowned(signer, 7n, 0, STEP_PROPOSAL)).toBe(true)
    // Of heights before the newest it remembers nothing.
    expect(disowned(signer, 5n, 0, STEP_PREVOTE)).toBe(false)
  })

  it('is not disowned while it has signed nothing', async () => {
    const signer = await open(createMemoryStore())
    expect(disowned(signer, 1n, 0, STEP_PREVOTE)).toBe(false)
    await signer.begin(null)
    expect(disowned(signer, 1n, 0, STEP_PREVOTE)).toBe(false)
  })

  it('is disowned after a restart above the height where it ends, and not where that was closed', async () => {
    const store = createMemoryStore()
    const signer = await open(store)
    await signer.begin(null)
    await sign(signer, request(8n, 0, STEP_PREVOTE, A))
    const again = await open(store)
    expect(disowned(again, 8n, 0, STEP_PRECOMMIT)).toBe(false)
    expect(disowned(again, 9n, 0, STEP_PRECOMMIT)).toBe(true)
    await again.close(9n)
    expect(disowned(again, 9n, 0, STEP_PRECOMMIT)).toBe(false)
    expect(disowned(again, 10n, 0, STEP_PRECOMMIT)).toBe(true)
  })

  it('is not disowned where a signature began the record, until it is known up to which height it may lack others', async () => {
    const store = createMemoryStore()
    const first = await open(store)
    await sign(first, request(3n, 0, STEP_PREVOTE, A))
    expect(disowned(first, 4n, 0, STEP_PREVOTE)).toBe(false)
    // The word for a key never used comes too late.
    const again = await open(store)
    await again.begin(null)
    expect(disowned(again, 4n, 0, STEP_PREVOTE)).toBe(false)
    expect(disowned(again, 3n, 0, STEP_PREVOTE, B)).toBe(false)
    await again.begin(9n)
    expect(disowned(again, 9n, 0, STEP_PREVOTE)).toBe(false)
    expect(disowned(again, 10n, 0, STEP_PREVOTE)).toBe(true)
    expect(await codeOf(again, request(9n, 0, STEP_PREVOTE, A))).toBe('regression')
    const last = await open(store)
    expect(disowned(last, 9n, 0, STEP_PREVOTE)).toBe(false)
    expect(disowned(last, 10n, 0, STEP_PREVOTE)).toBe(true)
  })
})
