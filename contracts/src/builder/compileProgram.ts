/** From an author's sources to modules and artifacts; nothing is written. */

import { AbiError, compileContract, ValidationError } from '@touchstone/vm'
import { abiOf } from './abiJson.ts'
import { analyse } from './analyse.ts'
import type { Artifact } from './artifact.ts'
import { type CallGraph, callGraph } from './callGraph.ts'
import { asc, type BinaryenModule, parser } from './compiler.ts'
import { compileWasm } from './compileWasm.ts'
import { checkEffects } from './effects.ts'
import { entrySource } from './generateContract.ts'
import { codeOf, initCodeOf, toHex } from './initCode.ts'
import type { ContractModel, ProgramModel } from './model.ts'
import { BuildError, positionAt } from './problem.ts'
import { rewrite } from './rewrite.ts'
import { fixedBytesModule } from './sdk.ts'
import { loadSources, type ReadSource, SDK_IMPORT } from './sources.ts'
import { errorLibrary } from './throws.ts'

export interface CompiledProgram {
  readonly modules: readonly { readonly artifact: Artifact; readonly wasm: Uint8Array }[]
  /** Paths of the author's files. */
  readonly sources: readonly string[]
  /** What the compiler got: rewritten sources and entry files by path. */
  readonly glue: ReadonlyMap<string, string>
}

/** @throws BuildError with the author's files and lines. */
export async function compileProgram(
  entry: string,
  read: ReadSource,
  sdk: ReadonlyMap<string, string>,
): Promise<CompiledProgram> {
  const files = loadSources(entry, read)
  const program = analyse(files)
  const contracts = program.contracts.filter((contract) => !isAbstract(contract))
  if (contracts.length === 0) {
    throw new BuildError([{ file: entry, line: 1, column: 1, message: 'no class is marked @contract' }])
  }
  for (const [path, text] of sdk) asc.libraryFiles[`${SDK_IMPORT}/${path}`] = text
  const texts = files.map((file) => file.text)
  asc.libraryFiles[`${SDK_IMPORT}/fixedBytes`] = fixedBytesModule(sdk, texts)
  asc.libraryFiles['rt/stub'] = sdk.get('allocator') ?? ''
  asc.libraryFiles['error'] = errorLibrary(asc.libraryFiles['error'] ?? '')
  const glue = new Map(rewrite(program))
  const modules: { artifact: Artifact; wasm: Uint8Array }[] = []
  for (const contract of contracts) {
    const entryText = entrySource(contract)
    const calls: CallGraph[] = []
    const inspect = (module: BinaryenModule) => calls.push(callGraph(module.emitText()))
    const wasm = await compileWasm(entryText, files, (path) => glue.get(path) ?? null, inspect)
    for (const graph of calls) checkEffects(contract, program, graph)
    checkByVm(wasm, contract)
    modules.push({ wasm, artifact: artifactOf(contract, program, wasm) })
    glue.set(`__${contract.name}.ts`, entryText)
  }
  return { modules, sources: files.map((file) => file.path), glue }
}

/** What the chain would refuse at deployment, floats for one, is an error of the build. */
function checkByVm(wasm: Uint8Array, contract: ContractModel): void {
  try {
    compileContract(wasm)
  } catch (error) {
    if (!(error instanceof ValidationError || error instanceof AbiError)) throw error
    const { file, node, name } = contract
    const place = { file: file.path, ...positionAt(file.text, node.name.range.start) }
    throw new BuildError([{ ...place, message: `the chain would refuse ${name}: ${error.message}` }])
  }
}

function artifactOf(contract: ContractModel, program: ProgramModel, wasm: Uint8Array): Artifact {
  const code = codeOf(wasm)
  return {
    contractName: contract.name,
    sourceName: contract.file.path,
    abi: abiOf(contract, program),
    bytecode: toHex(initCodeOf(code)),
    deployedBytecode: toHex(code),
    wasmSize: wasm.length,
    compiler: `assemblyscript ${asc.version}`,
  }
}

function isAbstract(contract: ContractModel): boolean {
  return (contract.node.flags & (parser.CommonFlags['Abstract'] as number)) !== 0
}
