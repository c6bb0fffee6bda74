/** JSON files of the devnet: written whole (to a neighbour, then renamed), read with an error that says what to do. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { CliError } from '../output/errors.ts'

export function writeJsonFile(path: string, value: unknown): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(temporary, path)
}

/** Null when the file does not exist. @throws CliError when it cannot be read or is not JSON. */
export function readJsonFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError(`${path} is not valid JSON: ${(error as Error).message}`, {
      hint: 'mend the file by hand, or start over with --reset',
    })
  }
}
