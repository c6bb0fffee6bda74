/** Compiles the files of Solidity beside this one with a solc that is installed elsewhere. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Abi, Hex } from 'viem'
import type { StorageLayout } from '../../../contracts/src/builder/layoutJson.ts'
import type { ContractName } from './calls.ts'

/** All else is solc's default. */
const SETTINGS = { optimizer: { enabled: true, runs: 200 } }

export interface SolcContract {
  readonly abi: Abi
  readonly bytecode: Hex
  readonly storageLayout: StorageLayout
}

/**
 * @param home the folder in whose node_modules solc is
 * @returns null where it is not there
 * @throws Error with what solc says when the file does not compile
 */
export function compile(home: string, name: ContractName): SolcContract | null {
  if (!existsSync(join(home, 'node_modules/solc'))) return null
  const solc = createRequire(join(home, 'package.json'))('solc') as { compile(input: string): string }
  const file = `${name}.sol`
  const content = readFileSync(join(import.meta.dirname, file), 'utf8')
  const settings = { ...SETTINGS, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'storageLayout'] } } }
  const input = { language: 'Solidity', sources: { [file]: { content } }, settings }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput
  const contract = output.contracts?.[file]?.[name]
  if (contract === undefined) throw new Error(`${file}: ${JSON.stringify(output.errors)}`)
  const { abi, evm, storageLayout } = contract
  return { abi, bytecode: `0x${evm.bytecode.object}`, storageLayout }
}

interface SolcOutput {
  readonly errors?: unknown
  readonly contracts?: Record<string, Record<string, SolcOutputContract>>
}

interface SolcOutputContract {
  readonly abi: Abi
  readonly evm: { readonly bytecode: { readonly object: string } }
  readonly storageLayout: StorageLayout
}
