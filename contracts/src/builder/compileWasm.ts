/** AssemblyScript to WebAssembly, in memory. Options are chosen for the chain: see docs/protocol/artifacts.md. */

import { asc, BINARYEN_NONE, type Binaryen, type BinaryenModule } from './compiler.ts'
import type { Diagnostic } from './internals.ts'
import { LanguageSession } from './language/index.ts'
import { LocalUses, type MarksByOffset } from './localUses.ts'
import { BuildError, type Problem } from './problem.ts'
import { changeCompiler } from './replacements.ts'
import { shortenNames } from './shortNames.ts'
import { OWN_CODE, problemOf, type ReadSource, SDK_IMPORT, type SourceFile } from './sources.ts'

const ENTRY = '__entry.ts'
const START_EXPORT = '__start'
/** AssemblyScript's internal name of the function that runs initialisers of globals and statements outside functions. */
export const START_FUNCTION = '~start'
/** Of the SDK's import that stands for it. */
export const START_IMPORT = `~lib/${SDK_IMPORT}/entry/start`

const MAP_FILE = 'module.wasm.map'
const NO_MAP = '{"sources":[],"mappings":""}'

const OPTIONS = [
  '--outFile',
  'module.wasm',
  '--runtime',
  'stub',
  '--exportStart',
  START_EXPORT,
  '--use',
  `abort=~lib/${SDK_IMPORT}/revert/onAbort`,
  // Function names stay in the module, so that traps can be read.
  '--debug',
  // Its address does not stay in the module, see shortNames.ts.
  '--sourceMap',
  MAP_FILE,
  '-O3',
  '--shrinkLevel',
  '1',
  '--disable',
  'nontrapping-f2i',
]

/** The compiler itself failed, at no place in the source. */
export class CompilerFault extends Error {
  override readonly name = 'CompilerFault'
  /** The compiler's words, on one line. */
  readonly fault: string

  constructor(message: string, log: string) {
    super(`the AssemblyScript compiler failed: ${message}\n${log}`)
    this.fault = message.split('\n')[0] ?? ''
  }
}

export interface CompiledModule {
  readonly wasm: Uint8Array
  /** Of byte offsets in the module, as the compiler wrote it: with the sources that it got. */
  readonly sourceMap: string
  /** The same module with the whole names of its functions. */
  readonly named: Uint8Array
  /** The places of its instructions in the source. */
  readonly marks: MarksByOffset
  /** Before it was optimised, when every variable of the author's is a local of its own. */
  readonly plain: { readonly wasm: Uint8Array; readonly marks: MarksByOffset }
  readonly compilation: LocalUses
}

/**
 * @param entry text of the entry file
 * @param files the author's files as written
 * @param read the same files, rewritten
 * @param records the compiler's names of classes whose objects the build knows to be only made: see plainRecords.ts
 * @param inspect sees the module before it is optimised, when every function of the author's is still one
 * @throws BuildError with the compiler's messages at the author's lines
 * @throws CompilerFault when it ends without any
 */
export async function compileWasm(
  entry: string,
  files: readonly SourceFile[],
  read: ReadSource,
  records: ReadonlySet<string> = new Set(),
  inspect: (module: BinaryenModule) => void = () => {},
): Promise<CompiledModule> {
  changeCompiler()
  const problems: Problem[] = []
  const rules = new LanguageSession(records)
  const compilation = new LocalUses()
  let wasm: Uint8Array | null = null
  let sourceMap = ''
  let plain: ReturnType<typeof emitted> = { binary: new Uint8Array(), sourceMap: NO_MAP }
  let log = ''
  const stream = {
    write(text: string) {
      log += text
    },
  }
  const { error } = await asc.main([ENTRY, ...OPTIONS], {
    stdout: stream,
    stderr: stream,
    readFile: (name) => (name === ENTRY ? entry : read(name)),
    writeFile: (name, contents) => {
      if (name === 'module.wasm' && typeof contents !== 'string') wasm = contents
      if (name === MAP_FILE && typeof contents === 'string') sourceMap = contents
    },
    listFiles: () => [],
    reportDiagnostic: (diagnostic) => {
      if (diagnostic.category === 3)
        problems.push(problemOf(diagnostic, files, read, rules.askedFrom(diagnostic as Diagnostic)))
    },
    transforms: [
      Unoptimised,
      ...[rules, compilation, { afterCompile: inspect }],
      { afterCompile: (module) => (plain = emitted(module)) },
      { afterCompile: (module) => startFromWithin(module) },
    ],
  })
  for (const { range, message, hint } of rules.findings) {
    problems.push({ ...problemOf({ range, message, code: OWN_CODE, category: 3 }, files, read), hint })
  }
  if (problems.length > 0) throw new BuildError(problems)
  if (error !== null || wasm === null) throw new CompilerFault(error?.message ?? 'it wrote no module', log)
  const marks = compilation.taken(plain.sourceMap).marks
  return {
    ...{ wasm: shortenNames(wasm), named: wasm, compilation, ...compilation.taken(sourceMap) },
    plain: { wasm: plain.binary, marks },
  }
}

/**
 * The options that binaryen keeps are those of the build before, which optimised, or of none. The module that is not
 * optimised has to come out the same behind either, as the names of locals are read off it.
 */
class Unoptimised {
  declare readonly binaryen: Binaryen

  afterInitialize(): void {
    this.binaryen.setOptimizeLevel(0)
    this.binaryen.setShrinkLevel(0)
    this.binaryen.setDebugInfo(true)
  }
}

function emitted(module: BinaryenModule): { readonly binary: Uint8Array; readonly sourceMap: string } {
  const { binary, sourceMap } = module.emitBinary(MAP_FILE)
  return { binary, sourceMap: sourceMap ?? NO_MAP }
}

/**
 * Stylus allows no start section, and a contract's globals need their initialisers. The SDK's entry point calls an import
 * in the place of the start function; here the import becomes that function.
 */
function startFromWithin(module: BinaryenModule): void {
  const hasStart = module.getExport(START_EXPORT) !== 0
  const body = hasStart ? module.call(START_FUNCTION, [], BINARYEN_NONE) : module.nop()
  module.removeFunction(START_IMPORT)
  module.addFunction(START_IMPORT, BINARYEN_NONE, BINARYEN_NONE, [], body)
  if (hasStart) module.removeExport(START_EXPORT)
}
