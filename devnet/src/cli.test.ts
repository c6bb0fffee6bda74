/** The command as a process whose reader goes away. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('ends without a word when nobody reads any more', async () => {
  const cli = fileURLToPath(new URL('./cli.ts', import.meta.url))
  const child = spawn(process.execPath, [cli, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk: Uint8Array) => {
    stderr += new TextDecoder().decode(chunk)
  })
  const [code] = await once(child, 'close')
  expect([stderr, code]).toEqual(['', 0])
}, 30_000)

it.runIf(existsSync('/dev/full'))(
  'says that its result could not be written, and fails',
  async () => {
    const cli = fileURLToPath(new URL('./cli.ts', import.meta.url))
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [cli, 'config', '-q'], { stdio: ['ignore', full, 'pipe'] })
    let stderr = ''
    child.stderr!.on('data', (chunk: Uint8Array) => {
      stderr += new TextDecoder().decode(chunk)
    })
    const [code] = await once(child, 'close')
    closeSync(full)
    expect([stderr, code]).toEqual([expect.stringMatching(/^error: cannot write the output: ENOSPC.*\n$/), 1])
  },
  30_000,
)
