/** Libraries that a start does without: a bundle loads them when they are used, and they are what they are without it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, expect, it } from 'vitest'
import { root } from './bundlePrograms.ts'
import { lazyModules } from './lazyModules.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-lazy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = `
import { ed25519 } from '@noble/curves/ed25519.js'
import { WebSocket, WebSocketServer } from 'ws'
// With the client of ws comes that of HTTPS.
const isLoaded = () => process.moduleLoadList.includes('NativeModule https')
const before = isLoaded()
class Own extends WebSocket {}
const server = new WebSocketServer({ noServer: true, WebSocket: Own })
console.log(before, server instanceof WebSocketServer, Own.prototype instanceof WebSocket, WebSocket.OPEN, isLoaded())
console.log(ed25519.getPublicKey(new Uint8Array(32)).length, new ed25519.Point(0n, 1n, 1n, 0n).is0())`

it('are loaded at the first use, as values, functions and classes', async () => {
  const owner = join(root, 'node')
  const source = join(owner, 'src/program.mjs')
  const given = {
    name: 'given',
    resolveId: (id: string) => (id === source ? id : null),
    load: (id: string) => (id === source ? program : null),
  }
  const build = await rolldown({ input: source, platform: 'node', plugins: [given, lazyModules(owner)] })
  await build.write({ dir: folder, entryFileNames: 'bundle.mjs', format: 'esm', strictExecutionOrder: true })
  await build.close()
  const said = execFileSync(process.execPath, [join(folder, 'bundle.mjs')], { encoding: 'utf8' })
  expect(said).toBe('false true true 1 true\n32 true\n')
})
