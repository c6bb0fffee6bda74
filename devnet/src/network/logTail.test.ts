import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { lastErrors, lastLines } from './logTail.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-log-'))
afterAll(() => rmSync(folder, { recursive: true }))

const log = (...lines: (object | string)[]) => {
  const path = join(folder, 'node.log')
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}

it('says an error once, however many parts of the node have logged it', () => {
  const message = 'block 3 has a certificate but is invalid here: state root: header 0x1, ours 0x2'
  const path = log(
    { level: 30, msg: 'committed' },
    { level: 50, error: `Error in the execution worker: ${message}`, msg: 'the execution worker failed' },
    {
      level: 50,
      err: { message: `Error in the execution worker: ${message}`, stack: 'Error: ...' },
      msg: 'fatal: the node stops',
    },
    { level: 40, msg: 'a peer went away' },
    { level: 50, msg: 'a part of the node did not stop cleanly' },
  )
  expect(lastErrors(path, 8)).toEqual([message, 'a part of the node did not stop cleanly'])
})

it('has what Node prints of a crash, and the last lines when nobody says anything of an error', () => {
  expect(lastErrors(log({ level: 30, msg: 'x' }, 'FATAL ERROR: heap out of memory'), 8)).toEqual([
    'FATAL ERROR: heap out of memory',
  ])
  const quiet = log({ level: 30, msg: 'one' }, { level: 30, msg: 'two' })
  expect(lastErrors(quiet, 1)).toEqual(['{"level":30,"msg":"two"}'])
  expect(lastErrors(quiet, 1)).toEqual(lastLines(quiet, 1))
  expect(lastErrors(join(folder, 'none'), 3)).toEqual(['(no log)'])
})

it('finds the errors in a log for people, with their reasons below them', () => {
  const path = log(
    '2026-11-29T07:50:01.123Z INFO  node: started  port=8545',
    '2026-11-29T07:50:02.123Z ERROR fatal: the node stops',
    '    Error: Error in the execution worker: no room',
    '    at start (main.ts:1:1)',
    '2026-11-29T07:50:03.123Z WARN  a peer went away',
    '    Error: which nobody minds',
    'FATAL ERROR: heap out of memory',
  )
  expect(lastErrors(path, 8)).toEqual(['fatal: the node stops', 'no room', 'FATAL ERROR: heap out of memory'])
})

it('reads the end of a long log only, and no line by half', () => {
  const path = log(...Array.from({ length: 2_000 }, (_, at) => ({ level: 50, msg: `error ${at} of many` })))
  expect(lastErrors(path, 2)).toEqual(['error 1998 of many', 'error 1999 of many'])
  expect(lastErrors(path, 1_000)[0]).toMatch(/^error \d+ of many$/)
})
