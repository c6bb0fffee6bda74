/** AssemblyScript's compiler in memory: sources in, a module out. */

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
const COMPILER: string = 'assemblyscript/asc'

/** @throws Error with the compiler's words. */
export async function assemble(
  sources: Readonly<Record<string, string>>,
  entry: string,
  options: readonly string[],
): Promise<Uint8Array> {
  const asc = (await import(COMPILER)) as Compiler
  let bytes: Uint8Array | null = null
  const messages: string[] = []
  const { error } = await asc.main([entry, ...options, '--outFile', 'module.wasm'], {
    readFile: (name) => sources[name] ?? null,
    writeFile: (_name, contents) => {
      bytes = contents as Uint8Array
    },
    listFiles: () => [],
    stderr: { write: (text) => void messages.push(String(text)) },
  })
  if (error !== null || bytes === null) throw new Error(`${entry} does not compile: ${messages.join('')}`)
  return bytes
}
