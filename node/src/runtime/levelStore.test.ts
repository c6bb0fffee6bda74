import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Level } from 'level'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { joinLevelStore, openLevelStore } from './levelStore.ts'
import { storeErrorOf } from './storeError.ts'
import { keyValueStoreSuite } from './testing/keyValueStoreSuite.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-level-'))
let created = 0
const freshDirectory = () => join(root, String(created++))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const key = Uint8Array.of(1)
const value = Uint8Array.of(2)

/** The refusal that another process gets when it opens the directory; nothing when it gets in. */
function openedElsewhere(directory: string): { readonly stdout: string } {
  return spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { openLevelStore } from ${JSON.stringify(new URL('./levelStore.ts', import.meta.url).href)}
       await openLevelStore(${JSON.stringify(directory)}).catch((error) => console.log(error.code, error.message))`,
    ],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) },
  )
}

describe('level store', () => {
  keyValueStoreSuite(() => openLevelStore(freshDirectory()))

  test('keeps what was written across close and open', async () => {
    const directory = freshDirectory()
    const first = await openLevelStore(directory)
    await first.batch([{ type: 'put', key, value }], { sync: true })
    await first.close()
    const second = await openLevelStore(directory)
    expect(second.get(key)).toEqual(value)
    await second.close()
  })

  test('batches beside each other, of every size, and after one that was refused, are each written whole', async () => {
    const store = await openLevelStore(freshDirectory())
    const put = (at: number, bytes: number) =>
      ({ type: 'put', key: Uint8Array.of(at), value: new Uint8Array(bytes).fill(at) }) as const
    const sizes = [10, 2_000_000, 0, 300, 2_000_000, 5]
    await Promise.all(sizes.map((bytes, at) => store.batch([put(at, bytes)], { sync: at % 2 === 0 })))
    const wrong = { type: 'put', key: Uint8Array.of(9), value: null as unknown as Uint8Array } as const
    await expect(store.batch([put(8, 1), wrong], { sync: false })).rejects.toThrow()
    // And one that fails when it is half made.
    const values = [value]
    const lost = {
      type: 'put',
      key,
      get value() {
        const next = values.pop()
        if (next === undefined) throw new Error('gone')
        return next
      },
    } as const
    await expect(store.batch([put(8, 1), lost], { sync: false })).rejects.toThrow('gone')
    await store.batch([], { sync: true })
    await store.batch([{ type: 'del', key: Uint8Array.of(0) }, put(7, 3)], { sync: false })
    expect(store.get(Uint8Array.of(0))).toBeUndefined()
    for (const [at, bytes] of [...sizes.entries()].slice(1)) expect(store.get(Uint8Array.of(at))?.length).toBe(bytes)
    // Nothing of the refused one came along with the next.
    expect(store.get(Uint8Array.of(8))).toBeUndefined()
    expect(store.get(Uint8Array.of(7))).toEqual(Uint8Array.of(7, 7, 7))
    await store.close()
  })

  test('makes one native batch, which takes neither large writes nor those that come while it is written', async () => {
    const parts = Level.prototype as unknown as Record<'_chainedBatch' | '_batch', () => unknown>
    const native = vi.spyOn(parts, '_chainedBatch')
    const other = vi.spyOn(parts, '_batch')
    onTestFinished(() => void vi.restoreAllMocks())
    const store = await openLevelStore(freshDirectory())
    const write = (at: number, bytes: number) =>
      store.batch([{ type: 'put', key: Uint8Array.of(at), value: new Uint8Array(bytes).fill(at) }], { sync: false })
    const sizes = [10, 5_000_000, 20, 5_000_000, 300, 400]
    for (const [at, bytes] of sizes.entries()) await write(at, bytes)
    expect(other).toHaveBeenCalledTimes(2)
    await Promise.all(sizes.map((bytes, at) => write(10 + at, bytes)))
    expect(other).toHaveBeenCalledTimes(7)
    expect(native).toHaveBeenCalledTimes(1)
    for (const [at, bytes] of sizes.entries()) {
      for (const key of [at, 10 + at]) {
        // Vitest takes a second of processor for a look at five million bytes, and tells no more of those that differ.
        const isSame = Buffer.compare(store.get(Uint8Array.of(key))!, new Uint8Array(bytes).fill(key)) === 0
        expect({ key, isSame }).toEqual({ key, isSame: true })
      }
    }
    await store.close()
  })

  test('a batch brings nothing of the one before', async () => {
    const directory = freshDirectory()
    const store = await openLevelStore(directory, { shared: true })
    const other = await joinLevelStore(directory, { writes: true })
    await store.batch([{ type: 'put', key, value }], { sync: false })
    await other.batch([{ type: 'del', key }], { sync: false })
    await store.batch([{ type: 'put', key: Uint8Array.of(3), value }], { sync: false })
    expect(store.get(key)).toBeUndefined()
    await other.close()
    await store.close()
  })

  test('a directory in use is `locked`, in this process and from another', async () => {
    const directory = freshDirectory()
    const store = await openLevelStore(directory)
    // First here: LevelDB alone would give up its lock on the file at this attempt, and let the other process in.
    await expect(openLevelStore(`${directory}/.`)).rejects.toMatchObject({ code: 'locked' })
    const other = openedElsewhere(directory)
    expect(other.stdout).toContain('locked The database in')
    expect(other.stdout).toContain('another process')
    await store.close()
  })

  test('is joined by who reads what is written meanwhile, and other processes stay out, also when that one has left', async () => {
    const directory = freshDirectory()
    const store = await openLevelStore(directory, { shared: true })
    const joined = await joinLevelStore(directory)
    expect(joined.get(key)).toBeUndefined()
    await store.batch([{ type: 'put', key, value }], { sync: true })
    expect(joined.get(key)).toEqual(value)
    await expect(joined.batch([], { sync: false })).rejects.toThrow('for reading')
    const writing = await joinLevelStore(directory, { writes: true })
    await writing.batch([{ type: 'put', key, value: key }], { sync: true })
    expect(joined.get(key)).toEqual(key)
    await writing.close()
    await joined.close()
    expect(openedElsewhere(directory).stdout).toContain('locked')
    expect(store.get(key)).toEqual(key)
    await store.close()
    expect(openedElsewhere(directory).stdout).toBe('')
  })

  test('that nobody has open cannot be joined where there is none', async () => {
    await expect(joinLevelStore(freshDirectory())).rejects.toMatchObject({ name: 'StoreError' })
  })

  test('damaged files are `corrupt` and the message says what to do', async () => {
    const directory = freshDirectory()
    const store = await openLevelStore(directory)
    await store.batch([{ type: 'put', key, value }], { sync: true })
    await store.close()
    const manifest = join(directory, readdirSync(directory).find((name) => name.startsWith('MANIFEST'))!)
    const content = readFileSync(manifest)
    content[10]! ^= 0xff
    writeFileSync(manifest, content)
    await expect(openLevelStore(directory)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/is damaged\. Move the directory away/),
    })
  })

  test('a file in the way is `not-a-directory`', async () => {
    const file = freshDirectory()
    writeFileSync(file, 'a file')
    await expect(openLevelStore(file)).rejects.toMatchObject({ code: 'not-a-directory' })
    await expect(openLevelStore(join(file, 'below'))).rejects.toMatchObject({ code: 'not-a-directory' })
  })

  test.each([
    [{ code: 'EACCES', message: 'permission denied, mkdir' }, 'permission'],
    [{ code: 'LEVEL_IO_ERROR', message: 'IO error: /x/LOCK: Permission denied' }, 'permission'],
    [{ code: 'LEVEL_IO_ERROR', message: 'IO error: /x/000005.log: No space left on device' }, 'no-space'],
    [{ code: 'ENOSPC', message: 'no space left on device' }, 'no-space'],
    [{ code: 'LEVEL_IO_ERROR', message: 'IO error: /x/000005.ldb: Input/output error' }, 'io'],
  ] as const)('what the system reports as %o is `%s`', (reported, code) => {
    const cause = Object.assign(new Error(reported.message), { code: reported.code })
    const wrapped = Object.assign(new Error('Database failed to open', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' })
    const error = storeErrorOf(wrapped, '/data/node0')
    expect(error.code).toBe(code)
    expect(error.message).toContain('/data/node0')
    expect(error.message).toContain(reported.message)
  })
})
