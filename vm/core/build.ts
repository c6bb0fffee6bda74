/**
 * Makes the interpreter's core: writes its source in AssemblyScript, compiles it, and puts the bytes where the engine
 * reads them, vm/src/engine/interpreter/core.ts.
 *
 *   node vm/core/build.ts [--check]      --check only compares
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEPTH, EXIT, FP, FUEL, MEMORY, MEMORY_SIZE, PC } from '../src/engine/interpreter/layout.ts'
import { NAMES } from '../src/engine/interpreter/operations.ts'
import { assemble } from '../testing/assemble.ts'
import { handlerOf } from './handlers.ts'

export const CORE = join(import.meta.dirname, '../src/engine/interpreter/core.ts')

export function coreSource(names: readonly string[] = NAMES): string {
  const cases = names.map((name, i) => `case ${i}: { ${handlerOf(name)} break; } // ${name}`)
  return `const EXIT: usize = ${EXIT};

function save(fp: usize, depth: u32, fuel: i64): void {
  store<u32>(${FP}, <u32>fp); store<u32>(${DEPTH}, depth); store<i64>(${FUEL}, fuel);
}

export function run(): void {
  let pc: usize = load<u32>(${PC});
  let fp: usize = load<u32>(${FP});
  let depth: u32 = load<u32>(${DEPTH});
  let fuel: i64 = load<i64>(${FUEL});
  const memoryBase: usize = load<u32>(${MEMORY});
  const memoryBytes: u64 = load<u64>(${MEMORY_SIZE});
  while (true) {
    switch (load<u32>(pc)) {
${cases.join('\n')}
default: unreachable();
    }
  }
}
`
}

export function compileCore(source: string): Promise<Uint8Array> {
  return assemble({ 'core.ts': source }, 'core.ts', ['-O3', '--runtime', 'stub', '--importMemory', '--noAssert'])
}

function coreFile(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,116}/g)!
  return `/** The interpreter's core as Wasm, in base64. Made by vm/core/build.ts; not to be edited. */
// biome-ignore format: lines as they were written
export const CORE_BASE64 = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`
}

if (import.meta.main) {
  const file = coreFile(await compileCore(coreSource()))
  if (!process.argv.includes('--check')) writeFileSync(CORE, file)
  else if (readFileSync(CORE, 'utf8') !== file) {
    console.error('vm/src/engine/interpreter/core.ts is not what its source makes: node vm/core/build.ts')
    process.exitCode = 1
  }
}
