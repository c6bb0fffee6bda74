/**
 * A node remembers transactions that it could not execute over restarts and deaths, within a bound, until a person
 * deletes its file.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import { openExecutionMark } from './executionMarkFile.ts'
import { MAX_QUARANTINED, openQuarantine, recordExecution, recordStopping } from './quarantine.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-quarantine-'))
let created = 0
const fresh = () => join(root, String(created++))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const hash = (fill: number) => new Uint8Array(32).fill(fill)

/** The process ends while it executes; the next one begins. Strikes of transactions 1 and 2. */
function die(directory: string, which: Uint8Array, block = 7n): readonly number[] {
  recordExecution(directory).mark.begin(which, block)
  return begin(directory)
}

function begin(directory: string): readonly number[] {
  const { strikes } = recordExecution(directory)
  return [hash(1), hash(2)].map((which) => strikes.get(keyOf(which)) ?? 0)
}

describe('what is held', () => {
  test('is held after a restart, with its reason, until its file is deleted, also while the node runs', () => {
    const directory = fresh()
    openQuarantine(directory).hold(hash(1), 9n, 'RangeError: no memory')
    const quarantine = openQuarantine(directory)
    expect(quarantine.entries()).toEqual([
      { key: keyOf(hash(1)), block: 9n, strikes: 0, reason: 'RangeError: no memory' },
    ])
    expect(quarantine.reasonFor(hash(1))).toBe('RangeError: no memory')
    expect(quarantine.reasonFor(hash(2))).toBeNull()
    rmSync(join(directory, `${toHex(hash(1))}.json`))
    expect(quarantine.reasonFor(hash(1))).toBeNull()
    expect(quarantine.entries()).toEqual([])
    expect(openQuarantine(directory).entries()).toEqual([])
  })

  test('is not there when its file goes while the directory is read', () => {
    const directory = fresh()
    openQuarantine(directory)
    // Listed, and gone when it is opened.
    symlinkSync(join(directory, 'gone'), join(directory, `${toHex(hash(1))}.json`))
    expect(openQuarantine(directory).entries()).toEqual([])
  })

  test('is released by a final block that it is in', () => {
    const directory = fresh()
    const quarantine = openQuarantine(directory)
    quarantine.hold(hash(1), 9n, 'why')
    quarantine.hold(hash(2), 9n, 'why')
    quarantine.settle([{ hash: hash(1) }, { hash: hash(3) }])
    expect(
      openQuarantine(directory)
        .entries()
        .map(({ key }) => key),
    ).toEqual([keyOf(hash(2))])
  })

  test('is bounded: what only has a strike makes room first, then what is of the lowest block', () => {
    const directory = fresh()
    die(directory, hash(0xff), 1_000n)
    const quarantine = openQuarantine(directory)
    for (let fill = 0; fill < MAX_QUARANTINED; fill++) quarantine.hold(hash(fill), BigInt(500 + fill), 'why')
    expect(quarantine.entries()).toHaveLength(MAX_QUARANTINED)
    expect(quarantine.entries().every(({ reason }) => reason !== null)).toBe(true)
    quarantine.hold(hash(0xee), 9_999n, 'why')
    expect(quarantine.reasonFor(hash(0))).toBeNull()
    expect(quarantine.reasonFor(hash(1))).toBe('why')
    expect(readdirSync(directory).filter((name) => name.endsWith('.json'))).toHaveLength(MAX_QUARANTINED)
  })

  test.each(['', 'not JSON', '[]', '{"block":7,"strikes":0,"reason":null}', '{"block":"7","strikes":-1,"reason":"x"}'])(
    'stays held when its file says %j',
    (text) => {
      const directory = fresh()
      mkdirSync(directory)
      writeFileSync(join(directory, `${toHex(hash(1))}.json`), text)
      writeFileSync(join(directory, 'notes.txt'), 'not of ours')
      expect(openQuarantine(directory).reasonFor(hash(1))).toBe('its record cannot be read')
      expect(openQuarantine(directory).entries()).toHaveLength(1)
    },
  )

  test('a directory that cannot be used is refused with a sentence', () => {
    const file = fresh()
    writeFileSync(file, '')
    expect(() => recordExecution(file)).toThrow(
      expect.objectContaining({ name: 'StoreError', code: 'not-a-directory' }),
    )
  })
})

describe('strikes', () => {
  test('one for each death while a transaction is executed, by transaction; two hold it', () => {
    const directory = fresh()
    expect(die(directory, hash(1))).toEqual([1, 0])
    expect(openQuarantine(directory).reasonFor(hash(1))).toBeNull()
    die(directory, hash(2))
    expect(die(directory, hash(1))).toEqual([2, 1])
    expect(openQuarantine(directory).reasonFor(hash(1))).toBe(
      'the node ended 2 times while it executed the transaction',
    )
    expect(openQuarantine(directory).reasonFor(hash(2))).toBeNull()
  })

  test('none for a death while nothing is executed, for one that was asked for, or twice for one death', () => {
    const directory = fresh()
    const { mark } = recordExecution(directory)
    mark.begin(hash(1), 1n)
    mark.end()
    expect(begin(directory)).toEqual([0, 0])
    recordExecution(directory).mark.begin(hash(1), 1n)
    recordStopping(directory)
    expect(begin(directory)).toEqual([0, 0])
    die(directory, hash(1))
    expect(begin(directory)).toEqual([1, 0])
  })

  test('gone with the file, also for the worker that counted them', () => {
    const directory = fresh()
    die(directory, hash(1))
    const { strikes } = recordExecution(directory)
    expect(strikes.get(keyOf(hash(1)))).toBe(1)
    rmSync(join(directory, `${toHex(hash(1))}.json`))
    expect(strikes.get(keyOf(hash(1)))).toBeUndefined()
    expect(strikes.size).toBe(0)
  })

  test('gone once the transaction is in a final block: who is killed now and then blames nobody', () => {
    const directory = fresh()
    for (let round = 0; round < 5; round++) {
      expect(die(directory, hash(1))).toEqual([1, 0])
      openQuarantine(directory).settle([{ hash: hash(1) }])
    }
    expect(openQuarantine(directory).entries()).toEqual([])
  })
})

describe('a mark that cannot be written', () => {
  // Writing to it fails as on a full disk.
  test.runIf(existsSync('/dev/full'))('is a fault of the disk, not of the transaction', () => {
    const mark = openExecutionMark('/dev/full')
    expect(() => mark.begin(hash(1), 7n)).toThrow(expect.objectContaining({ name: 'StoreError', code: 'no-space' }))
    mark.end()
  })
})
