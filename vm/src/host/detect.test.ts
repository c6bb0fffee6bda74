/** Which modules are contracts, and what those that are not are told. */
import { describe, expect, it } from 'vitest'
import type { ExternalType, ModuleSummary } from '../binary/moduleSummary.ts'
import type { ValueType } from '../binary/types.ts'
import { AbiError } from './abi.ts'
import { detectAbi } from './detect.ts'
import { stylusAbi } from './vmHooks/stylusAbi.ts'

const fn = (params: ValueType[], results: ValueType[]): ExternalType => ({
  kind: 'function',
  type: { params, results },
})
const memory: ExternalType = { kind: 'memory', min: 1, max: null }
const entrypoint = { name: 'user_entrypoint', external: fn(['i32'], ['i32']) }

const contract: ModuleSummary = {
  imports: [{ module: 'vm_hooks', name: 'read_args', external: fn(['i32'], []) }],
  exports: [entrypoint, { name: 'memory', external: memory }],
  memory: { min: 1, max: null, imported: false },
  hasStart: false,
  functionCount: 1,
  tableElements: 0,
  segmentElements: 0,
  declaredLocals: 0,
  loops: 0,
  controlValues: 0,
  declarations: 0,
  byteLength: 100,
  customSections: [],
}

function errorOf(run: () => unknown): AbiError {
  try {
    run()
  } catch (error) {
    if (error instanceof AbiError) return error
    throw error
  }
  throw new Error('no AbiError')
}

describe('detectAbi', () => {
  it('knows a Stylus contract by its imports, or by its entry point when it imports nothing else', () => {
    expect(detectAbi(contract)).toBe(stylusAbi)
    expect(detectAbi({ ...contract, imports: [] })).toBe(stylusAbi)
    expect(detectAbi({ ...contract, exports: [] })).toBe(stylusAbi)
  })

  const foreign: [string, Partial<ModuleSummary>][] = [
    ['Substrate', { imports: [{ module: 'seal0', name: 'input', external: fn([], []) }] }],
    ['Internet Computer', { imports: [], exports: [{ name: 'canister_query get', external: fn([], []) }] }],
    ['Ewasm', { imports: [{ module: 'ethereum', name: 'finish', external: fn([], []) }] }],
    ['CosmWasm', { imports: [], exports: [{ name: 'interface_version_8', external: fn([], []) }] }],
    ['Antelope', { imports: [], exports: [{ name: 'apply', external: fn([], []) }] }],
    ['WASI', { imports: [{ module: 'wasi_snapshot_preview1', name: 'fd_write', external: fn([], []) }], exports: [] }],
    ['NEAR', { imports: [{ module: 'env', name: 'read_register', external: fn([], []) }], exports: [] }],
  ]
  for (const [name, parts] of foreign) {
    it(`names ${name}`, () => {
      const error = errorOf(() => detectAbi({ ...contract, ...parts }))
      expect(error.code).toBe('foreign-abi')
      expect(error.message).toContain(name)
      expect(error.hint).toContain('user_entrypoint')
    })
  }
  it('outlines a module it knows nothing about', () => {
    const exports = [{ name: 'add', external: fn([], []) }]
    expect(errorOf(() => detectAbi({ ...contract, imports: [], exports })).message).toContain('exports "add"')
  })
})

describe('the check of a Stylus contract', () => {
  const refused: [string, AbiError['code'], RegExp, Partial<ModuleSummary>][] = [
    [
      'without an entry point',
      'missing-export',
      /user_entrypoint/,
      { exports: [{ name: 'memory', external: memory }] },
    ],
    [
      'whose entry point has another type',
      'wrong-export',
      /\(\) -> \(i32\)/,
      {
        exports: [
          { name: 'user_entrypoint', external: fn([], ['i32']) },
          { name: 'memory', external: memory },
        ],
      },
    ],
    [
      'whose entry point is no function',
      'wrong-export',
      /is a memory/,
      {
        exports: [
          { name: 'user_entrypoint', external: memory },
          { name: 'memory', external: memory },
        ],
      },
    ],
    ['without a memory', 'memory', /no memory/, { memory: null }],
    ['that imports its memory', 'memory', /imports its memory/, { memory: { min: 1, max: null, imported: true } }],
    ['that hides its memory', 'missing-export', /does not export its memory/, { exports: [entrypoint] }],
    [
      'whose memory is something else',
      'wrong-export',
      /"memory" is a function/,
      { exports: [entrypoint, { name: 'memory', external: fn([], []) }] },
    ],
    ['with too large a memory', 'memory', /257 memory pages/, { memory: { min: 257, max: null, imported: false } }],
    ['with a start section', 'start-section', /start section/, { hasStart: true }],
    [
      'with an import from elsewhere',
      'unknown-import',
      /"env"."abort"/,
      { imports: [...contract.imports, { module: 'env', name: 'abort', external: fn([], []) }] },
    ],
    [
      'with an unknown function',
      'unknown-import',
      /"vm_hooks"."storage_load".*does not exist/,
      { imports: [{ module: 'vm_hooks', name: 'storage_load', external: fn([], []) }] },
    ],
    [
      'made for the testnet of 2023',
      'unknown-import',
      /rebuild it with stylus-sdk 0\.5 or later/,
      { imports: [{ module: 'vm_hooks', name: 'storage_store_bytes32', external: fn(['i32', 'i32'], []) }] },
    ],
    [
      'with a function of another type',
      'wrong-import-type',
      /as \(i64\) -> \(\).*it is \(i32\) -> \(\)/,
      { imports: [{ module: 'vm_hooks', name: 'read_args', external: fn(['i64'], []) }] },
    ],
    [
      'that prints floats',
      'unknown-import',
      /floats are not available/,
      { imports: [{ module: 'console', name: 'log_f64', external: fn(['f64'], []) }] },
    ],
  ]
  it('passes one in order', () => {
    expect(() => stylusAbi.check(contract, 'touchstone/1')).not.toThrow()
  })
  for (const [name, code, words, parts] of refused) {
    it(`refuses one ${name}`, () => {
      const error = errorOf(() => stylusAbi.check({ ...contract, ...parts }, 'touchstone/1'))
      expect(error.code).toBe(code)
      expect(error.message).toMatch(words)
    })
  }
})
