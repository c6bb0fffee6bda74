/**
 * Options of the scripts that npm runs (`npm run sim -- --seeds 9`). `--help` prints the comment at the head of the
 * script, and so does an option that it does not have.
 */
import { readFileSync } from 'node:fs'
import { type ParseArgsConfig, parseArgs } from 'node:util'

/**
 * As `parseArgs`, but that it ends the process with 0 after `--help`, and with 2 after a sentence about what is wrong.
 * @param script `import.meta.url` of the script, which begins with a comment on its usage
 */
export function readOptions<T extends ParseArgsConfig>(script: string, config: T): ReturnType<typeof parseArgs<T>> {
  helpIfAsked(script)
  try {
    return parseArgs(config)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code?.startsWith('ERR_PARSE_ARGS') !== true) throw error
    console.error(`error: ${message}\n\n${usageOf(script)}`)
    process.exit(2)
  }
}

/** For a script without options, or that reads them itself. */
export function helpIfAsked(script: string): void {
  if (!process.argv.slice(2).some((word) => word === '--help' || word === '-h')) return
  console.log(usageOf(script))
  process.exit(0)
}

/** The first comment of the file, without what makes it one. */
function usageOf(script: string): string {
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(new URL(script), 'utf8')) ?? []
  return comment.replace(/^[ \t]*\* ?/gm, '').trim()
}
