/**
 * The contract that `devnet deploy` is given, made ready: built when its source has changed, judged before it is paid for.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type CompileReason, changedSources, inspectModule, ValidationError } from '@touchstone/contracts'
import { hexToBytes } from 'viem'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'
import { type Deployable, readArtifactJson, readDeployable } from './artifact.ts'
import { buildFolder } from './buildFolder.ts'
import { requireDeployable } from './bytecode.ts'
import { readModuleFile } from './moduleFile.ts'

const entryFile = 'assembly/index.ts'
/** Of the paths of changed files, in a sentence. */
const MAX_PATHS = 3
const whyBuilt: Readonly<Record<CompileReason, string>> = {
  new: ', which is not built yet',
  source: ', whose source has changed',
  tool: ', whose artifact or build tool has changed',
  asked: '',
}

/**
 * A folder with sources is built, unless its artifacts are theirs. An artifact whose sources beside it have changed is
 * refused: which of the two is meant is for its author to say.
 * @throws CliError for what the chain would refuse, and for what cannot be read
 */
export async function prepareDeployable(
  terminal: Terminal,
  path: string,
  abiPath: string | undefined,
): Promise<Deployable> {
  if (existsSync(join(path, entryFile))) {
    await buildFolder(terminal, path, (reason) => terminal.note(`building ${path}${whyBuilt[reason]}`))
  }
  const deployable = readDeployable(path, abiPath)
  if (path.endsWith('.wasm')) requireModule(path)
  else {
    requireFresh(deployable.path)
    requireDeployable(hexToBytes(deployable.bytecode), `"bytecode" of ${deployable.path}`)
  }
  warnWithoutFunctions(terminal, path, deployable, abiPath)
  return deployable
}

function requireFresh(file: string): void {
  const folder = dirname(file)
  if (basename(folder) !== 'build') return
  const directory = dirname(folder)
  const changed = changedSources(readArtifactJson(file), directory)
  if (changed === null || changed.length === 0) return
  const names = changed.slice(0, MAX_PATHS).map((path) => printable(path))
  const more = changed.length > MAX_PATHS ? ` and ${changed.length - MAX_PATHS} more` : ''
  throw new CliError(`${file} is older than its source: ${names.join(', ')}${more} changed since it was built`, {
    hint: `deploy the folder, which builds it first: npx devnet deploy ${directory}; to deploy the old one, copy it elsewhere`,
  })
}

/** A module of somebody else's compiler: the chain's words without a transaction. */
function requireModule(path: string): void {
  const { wasm } = readModuleFile(resolve(path))
  try {
    const { accepted, refusal, abi } = inspectModule(wasm)
    if (accepted) return
    throw new CliError(`the chain would refuse ${path}: ${printable(refusal ?? 'see the problems', 600)}`, {
      hint: `npx devnet inspect ${path} shows everything that stands against it${abi.hint === null ? '' : `; ${abi.hint}`}`,
    })
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw new CliError(`${path}: ${error.problem} at byte ${error.offset ?? 0}`, { hint: error.hint })
  }
}

function warnWithoutFunctions(
  terminal: Terminal,
  path: string,
  { abi }: Deployable,
  abiPath: string | undefined,
): void {
  if (abi.some(({ type }) => type === 'function')) return
  if (path.endsWith('.wasm') && abiPath === undefined) {
    terminal.warn(`${path} is deployed without an ABI: none of its functions can be called by name`, [
      'deploy it with --abi FILE (an ABI as JSON, or a Solidity interface), or name that with each call',
    ])
    return
  }
  terminal.warn(`the ABI of ${abiPath ?? path} has no functions: nothing can be called by name`)
}
