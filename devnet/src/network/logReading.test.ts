import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { endOfLog, linesAfter, MAX_LOG_BYTES_READ } from './logReading.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-logs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const line = (at: number, level = 30) => `{"level":${level},"time":${1_700_000_000_000 + at},"msg":"line ${at}"}\n`
const lines = (from: number, to: number, level = 30) =>
  Array.from({ length: to - from }, (_, at) => line(from + at, level)).join('')
const messages = (path: string, count: number, least: Parameters<typeof endOfLog>[2] = 'debug') =>
  endOfLog(path, count, least).entries.map(({ message }) => message)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `line ${from + at}`)

describe('the end of a log', () => {
  it('is read from as many files as it takes, whatever the pieces', () => {
    const path = join(folder, 'rotated.log')
    writeFileSync(`${path}.2`, lines(0, 4_000))
    writeFileSync(`${path}.1`, lines(4_000, 12_000))
    writeFileSync(path, lines(12_000, 12_010))
    expect(messages(path, 5)).toEqual(range(12_005, 12_010))
    expect(messages(path, 11)).toEqual(range(11_999, 12_010))
    // More than a piece, and more than a file.
    expect(messages(path, 9_000)).toEqual(range(3_010, 12_010))
    expect(messages(path, 20_000)).toEqual(range(0, 12_010))
    expect(endOfLog(path, 20_000, 'debug').isCut).toBe(false)
  })

  it('has the lines of a level only, with what no logger wrote', () => {
    const path = join(folder, 'levels.log')
    writeFileSync(path, `${line(0, 20)}${line(1, 40)}${line(2, 30)}FATAL ERROR: heap out of memory\n${line(3, 50)}`)
    expect(messages(path, 9, 'warn')).toEqual(['line 1', 'FATAL ERROR: heap out of memory', 'line 3'])
    expect(messages(path, 1, 'info')).toEqual(['line 3'])
    expect(messages(path, 0)).toEqual([])
    expect(messages(join(folder, 'none.log'), 9)).toEqual([])
  })

  it('is looked for within a bound, which is told', () => {
    const path = join(folder, 'long.log')
    const filler = lines(0, 20_000)
    for (let written = 0; written <= MAX_LOG_BYTES_READ; written += filler.length) appendFileSync(path, filler)
    writeFileSync(`${path}.1`, line(1, 50))
    appendFileSync(path, line(5, 50))
    expect(endOfLog(path, 2, 'error')).toMatchObject({ entries: [{ message: 'line 5' }], isCut: true })
  })

  it('has a line that is longer than a piece whole', () => {
    const path = join(folder, 'wide.log')
    const wide = `{"level":30,"msg":"${'x'.repeat(600_000)}"}`
    writeFileSync(path, `${line(0)}${wide}\n${line(1)}`)
    expect(messages(path, 9).map(({ length }) => length)).toEqual([6, 600_000, 6])
  })
})

describe('a followed log', () => {
  it('gives each line once it is whole, also where the file was full or is another one', () => {
    const path = join(folder, 'followed.log')
    writeFileSync(path, line(0))
    let { place } = endOfLog(path, 1, 'debug')
    const news = () => {
      const found = linesAfter(path, place)
      place = found.place
      return found.lines.map((text) => JSON.parse(text).msg)
    }
    expect(news()).toEqual([])
    appendFileSync(path, line(1) + line(2).slice(0, 20))
    expect(news()).toEqual(['line 1'])
    expect(news()).toEqual([])
    appendFileSync(path, line(2).slice(20))
    expect(news()).toEqual(['line 2'])
    // As runtime/logging/logFile.ts empties it.
    appendFileSync(path, line(3))
    writeFileSync(`${path}.1`, [0, 1, 2, 3].map((at) => line(at)).join(''))
    truncateSync(path)
    appendFileSync(path, line(4))
    expect(news()).toEqual(['line 3', 'line 4'])
    writeFileSync(`${path}.new`, line(5) + line(6))
    renameSync(`${path}.new`, path)
    expect(news()).toEqual(['line 5', 'line 6'])
    rmSync(path)
    expect(news()).toEqual([])
  })
})
