/** `devnet build DIR`: compiles the contracts of a folder to artifacts. */
import { join } from 'node:path'
import { buildFolder } from '../contracts/buildFolder.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import type { CommandContext } from './context.ts'

export async function buildCommand(context: CommandContext, directory: string): Promise<void> {
  const { terminal } = context
  terminal.note(`building ${directory}`)
  const artifacts = await buildFolder(terminal, directory, () => {})
  const rows = artifacts.map((artifact) => ({
    contractName: artifact.contractName,
    artifact: join(directory, 'build', `${artifact.contractName}.json`),
    wasmBytes: artifact.wasmSize,
    codeBytes: (artifact.deployedBytecode.length - 2) / 2,
  }))
  if (terminal.json) return terminal.printJson(rows)
  terminal.printLines(
    formatTable(
      ['contract', 'artifact', 'wasm', 'on chain'],
      rows.map((row) => [
        printable(row.contractName),
        row.artifact,
        `${groupDigits(row.wasmBytes)} B`,
        `${groupDigits(row.codeBytes)} B`,
      ]),
    ),
  )
}
