/**
 * Builds contracts from the command line: `node cli.ts [DIR...] [--keep-glue] [--force] [--json]`. Without a directory, all
 * examples are built, and what a devnet has from its start.
 */

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildContract, readSourceText } from './buildContract.ts'
import { BuildError, problemJson, SourceError } from './problem.ts'
import { type Paint, problemLines } from './problemText.ts'
import { shownPath, visible } from './visible.ts'

const OWN = ['examples', 'predeploys'].map((name) => fileURLToPath(new URL(`../../${name}/`, import.meta.url)))
const OPTIONS = ['--keep-glue', '--force', '--json']
/** Select Graphic Rendition of ECMA-48. */
const COLOURS = { place: '1', error: '1;31', message: '1', mark: '31', dim: '2' } as const

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const directories =
  named.length > 0 ? named : OWN.flatMap((folder) => readdirSync(folder).map((name) => `${folder}${name}`))
const json = options.includes('--json')
const results: object[] = []

// https://no-color.org
const coloured = process.stderr.isTTY === true && !process.env['NO_COLOR']
const paint: Paint = (style, text) => (coloured ? `\u001b[${COLOURS[style]}m${text}\u001b[0m` : text)

const unknown = options.find((option) => !OPTIONS.includes(option))
if (unknown === undefined) for (const directory of directories) await build(directory)
else {
  console.error(`${paint('error', 'error:')} there is no option ${visible(unknown)}; there are ${OPTIONS.join(', ')}`)
  process.exitCode = 2
}
if (json) console.log(JSON.stringify(results, null, 2))

async function build(directory: string): Promise<void> {
  try {
    const keepGlue = options.includes('--keep-glue')
    const artifacts = await buildContract(directory, { keepGlue, force: options.includes('--force') })
    const contracts = artifacts.map(({ contractName, wasmSize, deployedBytecode }) => ({
      contractName,
      wasmBytes: wasmSize,
      codeBytes: (deployedBytecode.length - 2) / 2,
    }))
    results.push({ directory, contracts, problems: [] })
    if (json) return
    for (const { contractName, wasmBytes, codeBytes } of contracts) {
      const sizes = `${wasmBytes} bytes of Wasm, ${codeBytes} bytes on the chain`
      console.log(`${shownPath(directory)}: ${visible(contractName)}, ${sizes}`)
    }
  } catch (error) {
    process.exitCode = 1
    tell(directory, error)
  }
}

function tell(directory: string, error: unknown): void {
  if (error instanceof SourceError) {
    results.push({ directory, contracts: [], problems: [], message: error.message, hint: error.hint })
    if (json) return
    console.error(`${paint('error', 'error:')} ${visible(error.message)}`)
    if (error.hint !== null) console.error(`${paint('dim', 'hint:')}  ${visible(error.hint)}`)
    return
  }
  if (!(error instanceof BuildError)) {
    // The system's: a folder that may not be written, a full disk. Anything else is a fault of ours, with its stack.
    const { syscall, message } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    results.push({ directory, contracts: [], problems: [], message, hint: null })
    if (!json) console.error(`${paint('error', 'error:')} ${visible(message)}`)
    return
  }
  results.push({ directory, contracts: [], problems: error.problems.map(problemJson) })
  if (json) return
  const read = (path: string) => readSourceText(directory, path)
  for (const line of problemLines(error.problems, { directory, read }, paint)) console.error(line)
}
