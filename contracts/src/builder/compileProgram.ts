/** From an author's sources to modules and artifacts; nothing is written. */

import { AbiError, compileContract, ValidationError } from '@touchstone/vm'
import { abiOf } from './abiJson.ts'
import { checkEvents } from './abiRecords.ts'
import { analyse } from './analyse.ts'
import type { Artifact } from './artifact.ts'
import { type CallGraph, callGraph } from './callGraph.ts'
import { asc, type BinaryenModule } from './compiler.ts'
import { type CompiledModule, CompilerFault, compileWasm } from './compileWasm.ts'
import { textHash } from './contentHash.ts'
import { checkEffects } from './effects.ts'
import { entrySource } from './generateContract.ts'
import { isAbstract } from './inheritance.ts'
import { codeOf, initCodeOf, toHex } from './initCode.ts'
import { layoutOf } from './layoutJson.ts'
import type { ContractModel, ProgramModel } from './model.ts'
import { type PackageSource, packageRefusal, packageText } from './packages.ts'
import { plainRecords } from './plainRecords.ts'
import { BuildError, type Problem, positionAt, withoutEchoes } from './problem.ts'
import { changeCompiler } from './replacements.ts'
import { rewrite } from './rewrite.ts'
import { fixedBytesModule, fixedLengthsModule } from './sdk.ts'
import { ownSourceMap } from './sourceMapFile.ts'
import { isPart, libraryName, loadSources, type ReadSource, SDK_IMPORT, type SourceFile } from './sources.ts'
import { errorLibrary } from './throws.ts'
import { uncalledMethods } from './uncalled.ts'
import { checkSources, type SourceCheck } from './words/checkSources.ts'
import { inWords } from './words/compilerProblems.ts'
import type { WordSources } from './words/compilerWords.ts'
import { refusalWords } from './words/refusalWords.ts'
import { sdkNames } from './words/sdkNames.ts'
import { declaredNames } from './words/tree.ts'

export interface BuiltModule {
  readonly artifact: Artifact
  readonly wasm: Uint8Array
  /** The text of `<Name>.wasm.map`. */
  readonly sourceMap: string
}

export interface CompiledProgram {
  readonly modules: readonly BuiltModule[]
  /** The compiler's input: rewritten sources and entry files by path; of several contracts each in a folder of its name. */
  readonly glue: ReadonlyMap<string, string>
}

const DEEP_HINT = 'split long expressions and deep blocks into methods'

/** The compiler's library is one for the process, and each contract has parts of its own in it: one after the other. */
let last: Promise<unknown> = Promise.resolve()

/** @throws BuildError with the author's files and lines. */
export function compileProgram(
  entry: string,
  read: ReadSource,
  sdk: ReadonlyMap<string, string>,
): Promise<CompiledProgram> {
  const compiled = last.then(() => compileNow(entry, read, sdk))
  const goOn = () => {}
  last = compiled.then(goOn, goOn)
  return compiled
}

async function compileNow(entry: string, read: ReadSource, sdk: ReadonlyMap<string, string>): Promise<CompiledProgram> {
  const packages: PackageSource[] = []
  const program = readProgram(entry, read, sdk, packages)
  const { files } = program
  const contracts = program.contracts.filter((contract) => !isAbstract(contract))
  for (const [path, text] of sdk) asc.libraryFiles[`${SDK_IMPORT}/${path}`] = text
  const texts = [...files, ...packages].map((file) => file.text)
  asc.libraryFiles[`${SDK_IMPORT}/fixedBytes`] = fixedBytesModule(sdk, texts)
  asc.libraryFiles[`${SDK_IMPORT}/fixedLengths`] = fixedLengthsModule(texts)
  asc.libraryFiles['rt/stub'] = sdk.get('allocator') ?? ''
  asc.libraryFiles['error'] = errorLibrary(asc.libraryFiles['error'] ?? '')
  const { libraryFiles } = asc
  const glue = new Map<string, string>()
  const words: WordSources = { files, sdk, sdkNames: sdkNames(sdk), declared: declaredNames }
  const records = plainRecords(program)
  const modules: BuiltModule[] = []
  const problems: Problem[] = []
  for (const contract of contracts) {
    const entryText = entrySource(contract)
    const texts = unlessDeep(entry, () => rewrite(program, contract))
    // Parts are the SDK's files to the compiler, and like the author's to the build.
    for (const [path, text] of texts) if (isPart(path)) libraryFiles[libraryName(path)] = text
    try {
      const calls: CallGraph[] = []
      const inspect = (module: BinaryenModule) => calls.push(callGraph(module.emitText()))
      const readRewritten = (path: string) => texts.get(path) ?? packageText(path, packages)
      const compiled = await compileWasm(entryText, [...files, ...packages], readRewritten, records, inspect)
      const { wasm } = compiled
      const [graph] = calls
      if (graph === undefined) throw new Error('the compiler showed no module')
      checkEffects(contract, graph)
      checkEvents(contract, program, graph)
      checkByVm(compiled, contract, files, packages)
      const artifact = artifactOf(contract, [...authorsOwn(files), ...packages], program, graph, wasm)
      modules.push({ wasm, artifact, sourceMap: ownSourceMap(compiled, contract.name, [...files, ...packages], calls) })
    } catch (error) {
      problems.push(...compilerProblems(error, contract, words))
    }
    const folder = contracts.length === 1 ? '' : `${contract.name}/`
    for (const [path, text] of texts) glue.set(folder + path, text)
    glue.set(`${folder}__${contract.name}.ts`, entryText)
  }
  // Last: a call that is still missing may be what the author writes next.
  if (problems.length === 0) problems.push(...uncalledMethods(program))
  if (problems.length > 0) throw new BuildError(problems)
  return { modules, glue }
}

/**
 * All that can be said of sources without compiling them.
 * @param packages gets the files of npm packages that they import
 * @throws BuildError with the author's files and lines.
 */
export function readProgram(
  entry: string,
  read: ReadSource,
  sdk: ReadonlyMap<string, string>,
  packages: PackageSource[] = [],
): ProgramModel {
  // The parser is among what is changed.
  changeCompiler()
  const program = unlessDeep(entry, () => {
    const files = loadSources(entry, read, sdk, packages)
    return analysed(files, checkSources(files, sdk, new Set(packages.map(({ path }) => path))))
  })
  if (!program.contracts.some((contract) => !isAbstract(contract))) {
    const hint = 'write @contract before export class'
    throw new BuildError([{ file: entry, line: 1, column: 1, message: 'no class is marked @contract', hint }])
  }
  return program
}

/** Every part of the build follows the nesting of the source with its own stack. */
function unlessDeep<T>(entry: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const message = 'the source is nested too deeply for the compiler'
    throw new BuildError([{ file: entry, line: 1, column: 1, message, hint: DEEP_HINT }], { cause: error })
  }
}

/**
 * A finding of the analysis at the same place, or of a name that is not imported, follows from a mistake that was told
 * already.
 */
function analysed(files: readonly SourceFile[], { problems, namesAreMissing }: SourceCheck): ProgramModel {
  let found: readonly Problem[] = []
  try {
    const program = analyse(files)
    if (problems.length === 0) return program
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    found = error.problems
  }
  throw new BuildError(namesAreMissing ? problems : withoutEchoes(problems, found))
}

/** The problems in an error of the compiler's; a failure of its own is told at the contract. */
function compilerProblems(error: unknown, contract: ContractModel, words: WordSources): readonly Problem[] {
  const { file, name, node } = contract
  if (error instanceof BuildError) return inWords(error.problems, words, { file, name, start: node.name.range.start })
  const fault = faultOf(error)
  if (fault === null) throw error
  const isDeep = error instanceof RangeError || fault.includes('Maximum call stack')
  return [
    {
      file: file.path,
      ...positionAt(file.text, node.name.range.start),
      length: name.length,
      message: isDeep
        ? `${name} is nested too deeply for the compiler`
        : `the AssemblyScript compiler (${asc.version}) fails at ${name}: ${fault}`,
      hint: isDeep
        ? DEEP_HINT
        : "the fault is the compiler's: leave out parts of the contract until it builds, and write the last one otherwise",
    },
  ]
}

/** The words the compiler itself failed with; null for an error of ours. */
function faultOf(error: unknown): string | null {
  if (error instanceof CompilerFault) return error.fault
  return error instanceof RangeError ? error.message : null
}

/** A module that the chain would refuse at deployment (floats, say) is an error of the build. */
function checkByVm(
  { wasm, sourceMap }: CompiledModule,
  contract: ContractModel,
  files: readonly SourceFile[],
  packages: readonly PackageSource[],
): void {
  try {
    compileContract(wasm)
  } catch (error) {
    if (!(error instanceof ValidationError || error instanceof AbiError)) throw error
    const ofPackage =
      error instanceof ValidationError ? packageRefusal(error, contract.name, sourceMap, packages) : null
    throw new BuildError([ofPackage ?? refusalWords(error, contract, files, sourceMap)])
  }
}

function artifactOf(
  contract: ContractModel,
  sources: readonly Pick<SourceFile, 'path' | 'text'>[],
  program: ProgramModel,
  graph: CallGraph,
  wasm: Uint8Array,
): Artifact {
  const code = codeOf(wasm)
  return {
    contractName: contract.name,
    sourceName: contract.file.path,
    abi: abiOf(contract, program, graph),
    sources: Object.fromEntries(sources.map(({ path, text }) => [path, textHash(text)])),
    bytecode: toHex(initCodeOf(code)),
    deployedBytecode: toHex(code),
    linkReferences: {},
    deployedLinkReferences: {},
    wasmSize: wasm.length,
    storageLayout: layoutOf(contract, 'storage'),
    transientStorageLayout: layoutOf(contract, 'transient'),
    compiler: `assemblyscript ${asc.version}`,
  }
}

function authorsOwn(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.filter(({ path }) => !isPart(path))
}
