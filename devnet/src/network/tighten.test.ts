import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeJsonFile } from './jsonFile.ts'
import { networkPaths } from './paths.ts'
import { setUpNetwork } from './setup.ts'
import { tightenNetwork } from './tighten.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-tighten-'))
afterAll(() => rmSync(folder, { recursive: true }))

const modeOf = (path: string) => statSync(path).mode & 0o777
const now = 1n

describe.runIf(process.platform !== 'win32')('the folder of a network', () => {
  it('is its owner’s alone from the beginning, files with keys too', async () => {
    const paths = networkPaths(join(folder, 'deep/new'))
    await setUpNetwork(paths, { nodes: 1, reset: false, now, predeploys: false })
    writeJsonFile(paths.control, { port: 1, token: 'x' })
    expect(modeOf(paths.root)).toBe(0o700)
    for (const path of [paths.manifest, paths.genesis, paths.control]) expect(modeOf(path)).toBe(0o600)
    expect(tightenNetwork(paths)).toBe(0)
  })

  it('that an earlier version made is tightened, once', () => {
    const paths = networkPaths(join(folder, 'old'))
    const { root, config, log } = paths.node(1)
    mkdirSync(root, { recursive: true })
    const files = [paths.manifest, paths.genesis, paths.deployments, config, log]
    for (const path of files) writeFileSync(path, '{}')
    for (const path of files) chmodSync(path, 0o644)
    for (const path of [paths.root, root]) chmodSync(path, 0o755)
    expect(tightenNetwork(paths)).toBe(7)
    expect(tightenNetwork(paths)).toBe(0)
    for (const path of files) expect(modeOf(path)).toBe(0o600)
    for (const path of [paths.root, root]) expect(modeOf(path)).toBe(0o700)
  })

  it('that holds other things too stays open, but for what is the network’s; links are not followed', () => {
    const paths = networkPaths(join(folder, 'shared'))
    mkdirSync(paths.root)
    chmodSync(paths.root, 0o755)
    for (const path of [paths.manifest, join(paths.root, 'holiday.jpg'), join(folder, 'elsewhere')]) {
      writeFileSync(path, '{}')
      chmodSync(path, 0o644)
    }
    symlinkSync(join(folder, 'elsewhere'), paths.deployments)
    expect(tightenNetwork(paths)).toBe(1)
    expect(modeOf(paths.root)).toBe(0o755)
    expect(modeOf(paths.manifest)).toBe(0o600)
    expect(modeOf(join(folder, 'elsewhere'))).toBe(0o644)
    expect(modeOf(join(dirname(paths.manifest), 'holiday.jpg'))).toBe(0o644)
  })
})
