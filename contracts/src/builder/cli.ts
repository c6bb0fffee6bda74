/**
 * Builds contracts from the command line: `node cli.ts [DIR...] [--keep-glue] [--force]`. Without a directory, all
 * examples are built.
 */

import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContract } from './buildContract.ts'
import { BuildError } from './problem.ts'

/** What a terminal obeys or hides, as node/src/codec/visibleText.ts has it: a contract's source may be a stranger's. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
const visible = (text: string): string =>
  text.replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const directories = named.length > 0 ? named : readdirSync(EXAMPLES).map((name) => `${EXAMPLES}${name}`)

for (const directory of directories) {
  try {
    const keepGlue = options.includes('--keep-glue')
    const artifacts = await buildContract(directory, { keepGlue, force: options.includes('--force') })
    for (const { contractName, wasmSize, deployedBytecode } of artifacts) {
      const code = (deployedBytecode.length - 2) / 2
      const sizes = `${wasmSize} bytes of Wasm, ${code} bytes on the chain`
      console.log(visible(`${relative('.', directory)}: ${contractName}, ${sizes}`))
    }
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    console.error(visible(`${relative('.', directory)}:\n${error.message}`))
    process.exitCode = 1
  }
}
