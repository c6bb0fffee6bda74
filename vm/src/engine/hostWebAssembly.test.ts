/** A host without WebAssembly: the reference engine runs, and the compiled one says what is missing. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

describe('a host without WebAssembly', () => {
  it('runs the reference engine, and refuses the compiled one, which is the default, by name', async () => {
    const bytes = watToWasm('(module (func (export "run") (result i32) (i32.const 7)))')
    vi.resetModules()
    vi.stubGlobal('WebAssembly', undefined)
    const { compile } = await import('../index.ts')
    expect(() => compile(bytes)).toThrow(/no WebAssembly.*engine: 'reference'/)
    expect(() => compile(bytes, { engine: 'compiled' })).toThrow(RangeError)
    const outcome = compile(bytes, { engine: 'reference' }).instantiate({ fuel: 10_000n }).invoke('run', [])
    expect(outcome).toMatchObject({ kind: 'return', values: [7] })
  })

  it('has the compiled engine as its default everywhere else', async () => {
    const { compile } = await import('../index.ts')
    expect(compile(watToWasm('(module)')).engine).toBe('compiled')
  })
})
