/** An ABI from whatever file has it: an artifact, an ABI as JSON, or a Solidity interface. */
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Abi } from 'viem'
import { CliError } from '../output/errors.ts'
import { checkAbi } from './abiCheck.ts'
import { abiOfSolidity } from './solidityInterface.ts'

export interface InterfaceFile {
  /** Of the artifact, or else of the file. */
  readonly name: string
  readonly abi: Abi
}

/** Artifacts hold the code besides the ABI. */
export const MAX_ARTIFACT_BYTES = 32 * 1024 * 1024
const hint =
  'name an artifact, a JSON file with the ABI (a list, or an object with "abi"), or a Solidity interface as `cargo stylus export-abi` prints it'

/** @throws CliError that says what the file is not. */
export function readInterface(path: string): InterfaceFile {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new CliError(`there is no file ${path}`, { hint })
  if (!stats.isFile()) throw new CliError(`${path} is not a file`, { hint })
  if (stats.size > MAX_ARTIFACT_BYTES)
    throw new CliError(`${path} is larger than ${MAX_ARTIFACT_BYTES} bytes`, { hint })
  const text = readFileSync(path, 'utf8')
  const name = basename(path).replace(/\.[^.]*$/, '')
  try {
    return /^\s*[[{]/.test(text) ? fromJson(JSON.parse(text), name) : { name, abi: abiOfSolidity(text) }
  } catch (error) {
    throw new CliError(`${path} has no ABI: ${(error as Error).message}`, { hint, cause: error })
  }
}

function fromJson(json: unknown, name: string): InterfaceFile {
  if (Array.isArray(json)) return { name, abi: checkAbi(json) }
  const { abi, contractName } = json as { readonly abi?: unknown; readonly contractName?: unknown }
  if (!Array.isArray(abi)) throw new Error('it is neither a list nor an object with a list "abi"')
  return { name: typeof contractName === 'string' ? contractName : name, abi: checkAbi(abi) }
}
