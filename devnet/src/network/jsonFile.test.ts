/** Files of a network on a disk that is full, and whatever stands in them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePrivateFile } from '@touchstone/node/private-files'
import { afterAll, expect, it, vi } from 'vitest'
import { showError } from '../output/errors.ts'
import { createTerminal } from '../output/terminal.ts'
import { watchingOutput } from '../testing/runInProcess.ts'
import { readJsonFile, writeJsonFile } from './jsonFile.ts'

vi.mock('@touchstone/node/private-files', async (original) => ({
  ...(await original<object>()),
  writePrivateFile: vi.fn(),
}))

const folder = mkdtempSync(join(tmpdir(), 'touchstone-json-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('names the file that a full disk does not take', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
  vi.mocked(writePrivateFile).mockImplementation(() => {
    throw full
  })
  const terminal = createTerminal({ json: false, quiet: false, verbose: false, color: 'never' })
  let code = 0
  const { err } = await watchingOutput(() => {
    try {
      writeJsonFile('/data/running.json', {})
    } catch (error) {
      code = showError(terminal, error)
    }
  })
  expect([code, err]).toEqual([1, "error: ENOSPC: no space left on device, write '/data/running.json'\n"])
})

it('writes nothing that is longer than its reader takes', () => {
  const hint = 'prove fewer slots'
  vi.mocked(writePrivateFile).mockReset()
  expect(() => writeJsonFile('p.json', ['é'], { maxBytes: 10, hint })).toThrow(
    expect.objectContaining({ message: 'p.json would have 11 bytes, and at most 10 can be read', hint }),
  )
  expect(writePrivateFile).not.toHaveBeenCalled()
  writeJsonFile('p.json', ['é'], { maxBytes: 11, hint })
  expect(writePrivateFile).toHaveBeenCalledWith('p.json', '[\n  "é"\n]\n')
})

it('reads integers to the digit, and refuses what would be something else', () => {
  const file = join(folder, 'a.json')
  const read = (text: string) => {
    writeFileSync(file, text)
    return readJsonFile(file)
  }
  expect(read('{"a": 9007199254740993, "__proto__": {"b": 1}}')).toEqual(
    JSON.parse('{"a": 0, "__proto__": {"b": 1}}', (key, value) => (key === 'a' ? 9007199254740993n : value)),
  )
  expect(read('{}')).not.toHaveProperty('b')
  const named = (words: RegExp) => expect.objectContaining({ message: expect.stringMatching(words), kind: 'failed' })
  expect(() => read('{"a": 1, "a": 2}')).toThrow(named(/a\.json is not valid JSON: the key "a" is there twice/))
  expect(() => read('['.repeat(300) + ']'.repeat(300))).toThrow(
    named(/a\.json is not valid JSON: nested deeper than 256/),
  )
  expect(() => read('{')).toThrow(named(/a\.json is not valid JSON/))
})
