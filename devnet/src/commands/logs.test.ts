import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { devMnemonic } from '../network/accounts.ts'
import { runInProcess } from '../testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-logs-'))
const logOf = (node: number) => join(folder, `node-${node}/node.log`)
const line = (time: number, msg: string, more: object = {}) =>
  `${JSON.stringify({ level: 30, time: 1_700_000_000_000 + time, name: 'node', part: 'consensus', msg, ...more })}\n`

beforeAll(() => {
  writeFileSync(join(folder, 'network.json'), JSON.stringify({ version: 1, nodes: 2, mnemonic: devMnemonic }))
  for (const node of [1, 2]) mkdirSync(join(folder, `node-${node}`))
  writeFileSync(logOf(1), line(1, 'one') + line(3, 'three', { height: 7, text: 'a\u001b[2J' }))
  const err = { message: 'no room', stack: 'Error: no room\n    at here (main.ts:1:1)' }
  writeFileSync(logOf(2), `2023-11-14T22:13:20.002Z WARN  rpc: two  port=8545\n${line(4, 'fatal', { level: 50, err })}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

const logs = (...words: string[]) => runInProcess('logs', '--data', folder, ...words)

describe('devnet logs', () => {
  it('shows what all nodes wrote, by time, whatever the form of their logs', async () => {
    expect(await logs()).toEqual({
      code: 0,
      out: [
        '2023-11-14T22:13:20.001Z node 1 INFO  consensus: one',
        '2023-11-14T22:13:20.002Z node 2 WARN  rpc: two  port=8545',
        '2023-11-14T22:13:20.003Z node 1 INFO  consensus: three  height=7 text="a\\u001b[2J"',
        '2023-11-14T22:13:20.004Z node 2 ERROR consensus: fatal',
        '    Error: no room',
        '    at here (main.ts:1:1)',
        '',
      ].join('\n'),
      err: '',
    })
  })

  it('shows the last lines of one node, from a level on', async () => {
    expect((await logs('1', '--lines', '1')).out).toMatch(/^\S+ INFO {2}consensus: three {2}height=7 .*\n$/)
    expect((await logs('--level', 'warn')).out).toMatch(/^\S+ node 2 WARN .*\n\S+ node 2 ERROR /)
    expect(await logs('1', '--level', 'error')).toMatchObject({
      code: 0,
      out: '',
      err: 'no line of level error or above\n',
    })
  })

  it('has colours when it is told so, and JSON for scripts', async () => {
    expect((await logs('1', '--color', 'always')).out).toContain('\u001b[32mINFO \u001b[39m')
    const found = JSON.parse((await logs('2', '--json')).out)
    expect(found[1]).toEqual({
      ...{ node: 2, time: 1_700_000_000_004, level: 'error', part: 'consensus', message: 'fatal' },
      ...{ fields: {}, error: 'no room', stack: ['Error: no room', 'at here (main.ts:1:1)'] },
    })
  })

  it('follows what comes, until Ctrl-C', async () => {
    const followed = logs('1', '--follow', '--lines', '1')
    const before = process.listenerCount('SIGINT')
    await vi.waitFor(() => expect(process.listenerCount('SIGINT')).toBeGreaterThan(before), { timeout: 30_000 })
    appendFileSync(logOf(1), line(5, 'five'))
    const shown = () => vi.mocked(process.stdout.write).mock.calls.flat().join('')
    await vi.waitFor(() => expect(shown()).toContain('five'), { timeout: 30_000 })
    process.emit('SIGINT')
    const { code, out } = await followed
    expect([code, out.match(/consensus: \w+/g)]).toEqual([0, ['consensus: three', 'consensus: five']])
  })

  it('says where it looked when there is no such network or node', async () => {
    expect(await logs('3')).toMatchObject({ code: 2, err: expect.stringContaining('there is no node 3') })
    const none = await runInProcess('logs', '--data', join(folder, 'none'))
    expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/there is no network in .*\n.*--data DIR/) })
  })
})
