import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openLogFile } from './logFile.ts'

const root = mkdtempSync(join(tmpdir(), 'log-file-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const line = (number: number) => `${String(number).padStart(9, '0')}\n`
const numbers = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n').map(Number)

describe('a log file', () => {
  it('keeps so many bytes and so many files, with every line of them in order', () => {
    const path = join(root, 'node.log')
    const file = openLogFile(path, { maxBytes: 100, kept: 2 })
    for (let number = 0; number < 57; number++) file.write(line(number))
    expect(readdirSync(root).sort()).toEqual(['node.log', 'node.log.1', 'node.log.2'])
    const kept = [`${path}.2`, `${path}.1`, path].flatMap(numbers)
    expect(kept).toEqual(Array.from({ length: 27 }, (_, at) => 30 + at))
  })

  it('goes on where it was, and counts what is there', () => {
    const path = join(root, 'again.log')
    for (let number = 0; number < 12; number++) openLogFile(path, { maxBytes: 100, kept: 1 }).write(line(number))
    expect(numbers(`${path}.1`)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(numbers(path)).toEqual([10, 11])
  })

  it('is the file that others append to also after it was full', () => {
    const path = join(root, 'shared.log')
    const file = openLogFile(path, { maxBytes: 20, kept: 0 })
    for (let number = 0; number < 3; number++) file.write(line(number))
    appendFileSync(path, line(99))
    expect(numbers(path)).toEqual([2, 99])
    expect(existsSync(`${path}.1`)).toBe(false)
  })

  it('says later how many lines were lost while it could not be written', () => {
    const path = join(root, 'lost.log')
    const file = openLogFile(path, { maxBytes: 10, kept: 1 })
    file.write(line(1))
    mkdirSync(`${path}.1`)
    file.write(line(2))
    file.write(line(3))
    rmdirSync(`${path}.1`)
    file.write(line(4))
    expect(numbers(`${path}.1`)).toEqual([1])
    expect(readFileSync(path, 'utf8')).toMatch(/^\{"level":40,"lost":2,.*\}\n000000004\n$/)
  })
})
