/** `devnet replay` as a process: what it prints, how it ends, and what it loads. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateExport } from '../../node/test/hardware/generateExport.ts'

const cli = fileURLToPath(new URL('../bin/devnet.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-replay-'))
const file = join(folder, 'chain.export')
const loaded = join(folder, 'loaded.txt')

/** Notes every module and every native addon that is asked for, in this thread and its workers. */
const recorder = `
  import { appendFileSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  const note = (text) => appendFileSync(${JSON.stringify(loaded)}, text + '\\n')
  registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); note(found.url); return found } })
  const open = process.dlopen
  process.dlopen = (module, path, ...rest) => { note('native ' + path); return open.call(process, module, path, ...rest) }
`

function devnet(...args: string[]) {
  const hook = `data:text/javascript,${encodeURIComponent(recorder)}`
  // A bundle would hide which modules are loaded.
  const env = { ...process.env, TOUCHSTONE_TEST_BUNDLE: '' }
  return spawnSync(process.execPath, ['--import', hook, cli, ...args], { cwd: folder, encoding: 'utf8', env })
}

beforeAll(async () => {
  writeFileSync(file, (await generateExport({ blocks: 16, seed: 3 })).bytes)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('devnet replay', () => {
  it('ends with 0 and the digest when everything is equal, without native packages or network', () => {
    const { status, stdout, stderr } = devnet('replay', file, '--json', '--quiet')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, engine: 'mixed', blocks: '16', certificates: true })
    const modules = readFileSync(loaded, 'utf8').split('\n')
    expect(modules.some((url) => url.endsWith('node/src/replay/replay.ts'))).toBe(true)
    expect(modules.filter((url) => /^native |classic-level|libp2p|\/level\/|\/pino\//.test(url))).toEqual([])
  })

  it('ends with 1 and says where a file is damaged', () => {
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1]! ^= 1
    const damaged = join(folder, 'damaged.export')
    writeFileSync(damaged, bytes)
    const { status, stderr } = devnet('replay', damaged, '--engine', 'compiled')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^error: .*damaged\.export: The export is damaged: the checksum of a record .* at byte \d+/)
  })

  it('ends with 1 for what is no file, and with 2 for an engine there is not', () => {
    const missing = devnet('replay', join(folder, 'none'))
    expect(missing.status).toBe(1)
    expect(missing.stderr).toMatch(/cannot read .*none/)
    const directory = devnet('replay', folder)
    expect([directory.status, directory.stderr]).toEqual([
      1,
      `error: cannot read ${folder}: it is a folder\nhint:  name a file that \`devnet export\` wrote\n`,
    ])
    expect(devnet('replay', file, '--engine', 'fast').status).toBe(2)
  })
})
