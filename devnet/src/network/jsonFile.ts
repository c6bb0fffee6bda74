/**
 * JSON files of the devnet: written whole and for their owner alone (several hold keys), read with an error that says
 * what to do.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseExactJson } from '@touchstone/node/exact-json'
import { writePrivateFile } from '@touchstone/node/private-files'
import { CliError, systemError } from '../output/errors.ts'

/**
 * @throws CliError for more than `maxBytes`, before anything is written; the system's error, with the path, which one of a
 * full disk does not name.
 */
export function writeJsonFile(
  path: string,
  value: unknown,
  { maxBytes, hint }: { readonly maxBytes: number; readonly hint: string } = { maxBytes: Infinity, hint: '' },
): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes)
    throw new CliError(`${path} would have ${bytes} bytes, and at most ${maxBytes} can be read`, { hint })
  try {
    writePrivateFile(path, text)
  } catch (error) {
    throw withPath(error, path)
  }
}

/** The system's error with the path of the file, which one of a full disk does not name; any other as it is. */
export function withPath(error: unknown, path: string): unknown {
  const refused = systemError(error)
  if (refused === null || refused.message.includes(path)) return error
  const { code, syscall } = error as NodeJS.ErrnoException
  return Object.assign(new Error(`${refused.message} '${path}'`, { cause: error }), { code, syscall })
}

export interface JsonFileAdvice {
  /** The kind of error for a wrong file. */
  readonly kind?: 'failed' | 'usage'
  /** Advice for a file that is no JSON. */
  readonly hint: string
}

const ofNetwork: JsonFileAdvice = { hint: 'mend the file by hand, or start over with devnet up --reset' }

/** Null when the file does not exist. @throws CliError when it cannot be read or is not JSON. */
export function readJsonFile(path: string, { kind = 'failed', hint } = ofNetwork): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    if (code === 'ENOTDIR') {
      throw new CliError(`${dirname(path)} is no folder, or lies below a file (ENOTDIR)`, {
        hint: 'name a folder: --data DIR',
        cause: error,
      })
    }
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`, { kind, cause: error })
  }
  try {
    return parseExactJson(text)
  } catch (error) {
    throw new CliError(`${path} is not valid JSON: ${(error as Error).message}`, { kind, hint })
  }
}
