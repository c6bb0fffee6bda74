/** Contract artifacts as Solidity tools and `devnet build` write them, and where to find the ABI of an address. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Abi, Hex } from 'viem'
import { CliError } from '../output/errors.ts'

export interface ContractArtifact {
  readonly contractName: string
  readonly abi: Abi
  readonly bytecode: Hex
}

const largestArtifactBytes = 32 * 1024 * 1024

/** Reads an artifact: a JSON file with `contractName`, `abi`, `bytecode`, or a directory holding exactly one in its `build/`. */
export function readArtifact(path: string): ContractArtifact & { readonly path: string } {
  const file = artifactFile(resolve(path))
  const json = parseArtifact(file)
  if (!Array.isArray(json.abi)) throw notAnArtifact(file, 'it has no "abi" list')
  if (typeof json.bytecode !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(json.bytecode)) {
    throw notAnArtifact(file, '"bytecode" is not a hex string that starts with 0x')
  }
  return {
    contractName: typeof json.contractName === 'string' ? json.contractName : basename(file, '.json'),
    abi: json.abi,
    bytecode: json.bytecode,
    path: file,
  }
}

function artifactFile(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) {
    throw new CliError(`there is no artifact at ${path}`, {
      hint: 'build it first: npx devnet build DIR (the folder with assembly/index.ts)',
    })
  }
  if (!stats.isDirectory()) {
    if (stats.size > largestArtifactBytes) throw notAnArtifact(path, `it is larger than ${largestArtifactBytes} bytes`)
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

function parseArtifact(file: string): Partial<ContractArtifact> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<ContractArtifact>
  } catch (error) {
    throw notAnArtifact(file, (error as Error).message)
  }
}

function notAnArtifact(file: string, why: string): CliError {
  return new CliError(`${file} is not a contract artifact: ${why}`, {
    hint: 'an artifact is JSON with "contractName", "abi" and "bytecode", as `devnet build` writes it',
  })
}
