/** Compiles the kernels and the contract, AssemblyScript sources that export `run(n: i32): i64`, in memory. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The part of the compiler that is used. Its own types put `i32` and hundreds of other names into TypeScript's global
 * scope.
 */
interface Compiler {
  main(
    options: readonly string[],
    files: {
      readonly readFile: (name: string) => string | null
      readonly writeFile: (name: string, contents: string | Uint8Array) => void
      readonly listFiles: () => string[]
      readonly stderr: { readonly write: (text: unknown) => void }
    },
  ): Promise<{ readonly error: Error | null }>
}

/** Not a literal, so that TypeScript does not follow it. */
const compilerModule: string = 'assemblyscript/asc'
const asc = (await import(compilerModule)) as Compiler

const DIRECTORY = join(import.meta.dirname, 'kernels')

export interface Kernel {
  readonly name: string
  readonly bytes: Uint8Array
}

export async function buildKernels(): Promise<Kernel[]> {
  const kernels: Kernel[] = []
  for (const file of readdirSync(DIRECTORY).sort()) {
    if (!file.endsWith('.ts')) continue
    kernels.push({ name: file.replace(/\.ts$/, ''), bytes: await build(DIRECTORY, file, ['-O3', '--runtime', 'stub']) })
  }
  return kernels
}

/** A module of the size and shape of a contract: 23 KB, with runtime, strings and maps. Exports `run` as kernels do. */
export function buildContract(): Promise<Uint8Array> {
  return build(join(DIRECTORY, 'contract'), 'ledger.ts', ['-Os', '--use', 'abort='])
}

async function build(directory: string, file: string, options: readonly string[]): Promise<Uint8Array> {
  let bytes: Uint8Array | null = null
  const messages: string[] = []
  const { error } = await asc.main([file, ...options, '--outFile', 'module.wasm'], {
    readFile: (name) => (name === file ? readFileSync(join(directory, file), 'utf8') : null),
    writeFile: (_name, contents) => {
      bytes = contents as Uint8Array
    },
    listFiles: () => [],
    stderr: { write: (text) => void messages.push(String(text)) },
  })
  if (error !== null || bytes === null) throw new Error(`${file} does not compile: ${messages.join('')}`)
  return bytes
}
