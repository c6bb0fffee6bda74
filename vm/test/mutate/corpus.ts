/**
 * Real modules to start mutations from: what the contract builder makes, the benchmark's kernels, modules that
 * dependencies ship, the official suite, and samples that hold every section. Always in the same order, but which there
 * are depends on what is built and checked out: a run says how many it had, and its digest.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildKernels } from '../../bench/buildKernels.ts'
import { decode } from '../../src/binary/decode.ts'
import type { Module } from '../../src/binary/module.ts'
import { DEFAULT_LIMITS } from '../../src/limits.ts'
import { ValidationError } from '../../src/validationError.ts'
import { tryWatToWasm } from '../../testing/wat.ts'
import { sampleModules } from '../sampleModules.ts'
import { DEFAULT_SUITE, loadSuite } from '../spec/suite.ts'
import { v8Validates } from '../v8.ts'

export interface Original {
  readonly name: string
  readonly bytes: Uint8Array
  /** Null for a module that cannot be decoded: its code is not mutated instruction by instruction. */
  readonly decoded: Module | null
}

export interface Corpus {
  /** Whole programs, most of them thousands of bytes. */
  readonly programs: readonly Original[]
  /** Samples and modules of the official suite that are valid in WebAssembly, most of them below a hundred bytes. */
  readonly small: readonly Original[]
  /** Modules of the suite that are not. */
  readonly broken: readonly Original[]
  /** Tells whether two runs started from the same modules. */
  readonly digest: string
}

const ROOT = resolve(import.meta.dirname, '../../..')
const PROGRAMS: readonly string[] = [
  'contracts/examples/*/build/*.wasm',
  'contracts/as/fixtures/*/build/*.wasm',
  'node_modules/@chainsafe/*/build/*.wasm',
  'node_modules/source-map*/lib/*.wasm',
]

/** Every n-th module of the official suite; 1 for all of them. */
export async function loadCorpus({ everySuiteModule = 1, kernels = true } = {}): Promise<Corpus> {
  const programs = PROGRAMS.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
    .sort()
    .map((path) => original(path, readFileSync(join(ROOT, path))))
  if (kernels) for (const { name, bytes } of await buildKernels()) programs.push(original(`kernel ${name}`, bytes))
  const samples = sampleModules().map((bytes, i) => original(`sample ${i}`, bytes))
  const suite = await suiteModules(everySuiteModule)
  const small = [...samples, ...suite.filter(({ bytes }) => v8Validates(bytes))]
  const broken = suite.filter(({ bytes }) => !v8Validates(bytes))
  const hash = createHash('sha256')
  for (const { bytes } of [...programs, ...small, ...broken]) hash.update(`${bytes.length} `).update(bytes)
  return { programs, small, broken, digest: hash.digest('hex').slice(0, 8) }
}

async function suiteModules(every: number): Promise<Original[]> {
  if (!existsSync(DEFAULT_SUITE)) return []
  const suite = await loadSuite(DEFAULT_SUITE)
  const found: Original[] = []
  let index = 0
  for (const { path, commands } of suite?.files ?? []) {
    for (const command of commands) {
      if (!('line' in command) || command.module === undefined || index++ % every !== 0) continue
      const { form, text, bytes } = command.module
      if (form === 'instance') continue
      const binary = form === 'text' ? await tryWatToWasm(text) : form === 'binary' ? bytes : null
      if (binary !== null && binary.length > 8) found.push(original(`${path}:${command.line}`, binary))
    }
  }
  return found
}

function original(name: string, from: Uint8Array): Original {
  const bytes = Uint8Array.from(from)
  let decoded: Module | null = null
  try {
    decoded = decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS })
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
  }
  return { name, bytes, decoded }
}
