/** `devnet build DIR`: compiles the contracts of a folder to artifacts. */
import { relative } from 'node:path'
import { buildContract } from '@touchstone/contracts'
import { groupDigits } from '../contracts/values.ts'
import { formatTable } from '../output/table.ts'
import type { CommandContext } from './context.ts'

export async function buildCommand(context: CommandContext, directory: string): Promise<void> {
  const { terminal } = context
  terminal.note(`building ${directory}`)
  const artifacts = await buildContract(directory)
  const rows = artifacts.map((artifact) => ({
    contractName: artifact.contractName,
    artifact: relative('.', artifact.path),
    wasmBytes: artifact.wasmBytes,
    codeBytes: (artifact.deployedBytecode.length - 2) / 2,
  }))
  if (terminal.json) return terminal.printJson(rows)
  terminal.print(
    formatTable(
      ['contract', 'artifact', 'wasm', 'on chain'],
      rows.map((row) => [
        row.contractName,
        row.artifact,
        `${groupDigits(row.wasmBytes)} B`,
        `${groupDigits(row.codeBytes)} B`,
      ]),
    ),
  )
}
