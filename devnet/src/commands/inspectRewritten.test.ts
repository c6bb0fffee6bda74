/** `devnet inspect FILE --rewritten`, on the example of docs/protocol/metering.md, which shows what it prints. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watToWasm } from '@touchstone/node/testing/modules'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../program.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/protocol/metering.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'touchstone-rewritten-'))
afterAll(() => rmSync(folder, { recursive: true }))

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)\n\`\`\`$`, 'gm'))].map(([, text]) => text!)
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, watToWasm(text))
  return path
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text)
    return true
  })
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text)
    return true
  })
  const code = await runCli(['inspect', '--rewritten', ...args, '--color', 'never'])
  out.mockRestore()
  err.mockRestore()
  return { code, ...written }
}

describe('devnet inspect --rewritten', () => {
  it('prints what the page on metering shows', async () => {
    const [text] = blocks('wat')
    const { code, out } = await run(file('sum.wasm', text!))
    expect(code).toBe(0)
    const shown = blocks('text')
    expect(shown).toHaveLength(4)
    for (const block of shown) expect(`${out.trimEnd()}\n`).toContain(`${block}\n`)
  })

  it('gives the same as JSON, and leaves functions out unless all are asked for', async () => {
    const many = '(func)'.repeat(30)
    const path = file(
      'many.wasm',
      `(module (memory (export "memory") 1) ${many} (func (export "user_entrypoint") (param i32) (result i32) (local.get 0)))`,
    )
    const some = JSON.parse((await run(path, '--json')).out)
    expect([some.functions.length, some.functionsLeftOut]).toEqual([10, 21])
    const all = JSON.parse((await run(path, '--json', '--all')).out)
    expect([all.functions.length, all.functionsLeftOut]).toEqual([31, 0])
    expect(all.functions[30].rewritten.code).toContain('local.get 0')
  })

  it('rewrites nothing that the chain refuses', async () => {
    const { code, out, err } = await run(file('none.wasm', '(module (func (export "f")))'))
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^error: the chain would refuse /)
    expect(err).toContain('without --rewritten')
  })
})
