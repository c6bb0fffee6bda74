/** The files that can be deployed: artifacts as Solidity tools and `devnet build` write them, and Wasm modules. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { codeOf, initCodeOf, MAX_INSPECTED_BYTES } from '@touchstone/contracts'
import { type Abi, bytesToHex, type Hex } from 'viem'
import { CliError, usageError } from '../output/errors.ts'
import { checkAbi } from './abiCheck.ts'
import { bytesOfHex, hexOf } from './bytecode.ts'
import { MAX_ARTIFACT_BYTES, readInterface } from './interfaceFile.ts'
import { readModuleFile } from './moduleFile.ts'

export interface ContractArtifact {
  readonly contractName: string
  readonly abi: Abi
  readonly bytecode: Hex
}

export interface Deployable extends ContractArtifact {
  readonly path: string
  /** Whether the file has the ABI, so that it need not be kept elsewhere. */
  readonly holdsAbi: boolean
}

/**
 * An artifact, or a Wasm module with the ABI in `abiPath`. A module whose ABI has a constructor is constructed in its
 * creation, as the Stylus SDK's contracts are; any other is only stored, as `cargo stylus` does it.
 */
export function readDeployable(path: string, abiPath: string | undefined): Deployable {
  if (!path.endsWith('.wasm')) {
    if (abiPath !== undefined) {
      throw usageError(`--abi goes with a .wasm file; ${path} is to be an artifact, which has its ABI`)
    }
    return { ...readArtifact(path), holdsAbi: true }
  }
  const file = resolve(path)
  const { wasm } = readModuleFile(file, MAX_INSPECTED_BYTES)
  const abi = abiPath === undefined ? [] : readInterface(abiPath).abi
  const constructs = abi.some(({ type }) => type === 'constructor')
  return {
    contractName: basename(file, '.wasm'),
    abi,
    bytecode: bytesToHex(initCodeOf(codeOf(wasm), constructs ? 'construct' : 'store')),
    path: file,
    holdsAbi: false,
  }
}

/**
 * Reads an artifact: a JSON file with `contractName`, `abi`, `bytecode`, or a directory holding exactly one in its `build/`.
 */
export function readArtifact(path: string): ContractArtifact & { readonly path: string } {
  const file = artifactFile(resolve(path))
  const json = parseArtifact(file)
  if (!Array.isArray(json.abi)) throw notAnArtifact(file, 'it has no "abi" list')
  if (json.bytecode === undefined) throw notAnArtifact(file, 'it has no "bytecode"')
  const bytecode = hexOf(json.bytecode)
  return {
    contractName: typeof json.contractName === 'string' ? json.contractName : basename(file, '.json'),
    abi: abiOf(file, json.abi),
    // An abstract contract's is empty; its ABI is good all the same.
    bytecode: bytecode === null ? '0x' : bytesToHex(bytesOfHex(bytecode, `"bytecode" of ${file}`)),
    path: file,
  }
}

/** The whole JSON of an artifact's file. */
export function readArtifactJson(file: string): object {
  return parseArtifact(file)
}

function artifactFile(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) {
    throw new CliError(`there is no artifact at ${path}`, {
      hint: 'build it first: npx devnet build DIR (the folder with assembly/index.ts)',
    })
  }
  if (!stats.isDirectory()) {
    // Devices and pipes have no size to check, and may never end.
    if (!stats.isFile()) throw notAnArtifact(path, 'it is no ordinary file')
    if (stats.size > MAX_ARTIFACT_BYTES) throw notAnArtifact(path, `it is larger than ${MAX_ARTIFACT_BYTES} bytes`)
    return path
  }
  const build = join(path, 'build')
  const files = statSync(build, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(build).filter((name) => name.endsWith('.json'))
    : []
  if (files.length === 1) return join(build, files[0]!)
  throw new CliError(`${path} is a folder with ${files.length} artifacts in build/`, {
    hint:
      files.length === 0
        ? `build it first: npx devnet build ${path}`
        : `name one of them: ${files.map((name) => join(build, name)).join(', ')}`,
  })
}

function abiOf(file: string, items: readonly unknown[]): Abi {
  try {
    return checkAbi(items)
  } catch (error) {
    throw notAnArtifact(file, `its "abi" is none: ${(error as Error).message}`)
  }
}

function parseArtifact(file: string): Partial<ContractArtifact> {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw notAnArtifact(file, (error as Error).message)
  }
  if (typeof json !== 'object' || json === null) throw notAnArtifact(file, 'it is not a JSON object')
  return json as Partial<ContractArtifact>
}

function notAnArtifact(file: string, why: string): CliError {
  return new CliError(`${file} is not a contract artifact: ${why}`, {
    hint: 'an artifact is JSON with "contractName", "abi" and "bytecode", as `devnet build` writes it',
  })
}
