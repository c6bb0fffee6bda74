/** The words of a command line, before and after commander has read them. */
import type { Command, CommanderError } from 'commander'

/**
 * Options that stand before the command belong to it: `devnet --json status` is `devnet status --json`. As they are where
 * there is no command.
 */
export function commandFirst(program: Command, args: readonly string[]): string[] {
  const valued = optionsWithValues(program)
  let at = 0
  while (at < args.length && args[at] !== '--' && args[at]!.startsWith('-')) at += valued.has(args[at]!) ? 2 : 1
  const command = args[at]
  if (at === 0 || command === undefined || command === '--') return [...args]
  return [command, ...args.slice(0, at), ...args.slice(at + 1)]
}

/** Whether one of these flags is given, and not as the value of an option. */
export function hasFlag(program: Command, line: readonly string[], ...flags: readonly string[]): boolean {
  const valued = optionsWithValues(program)
  for (let at = 0; at < line.length && line[at] !== '--'; at += valued.has(line[at]!) ? 2 : 1) {
    if (flags.includes(line[at]!)) return true
  }
  return false
}

function optionsWithValues(program: Command): ReadonlySet<string | undefined> {
  const options = program.commands.flatMap((command) => command.options)
  return new Set(options.flatMap(({ required, short, long }) => (required ? [short, long] : [])))
}

/** Where the rest is told: by the help of the command that was used wrongly, or of all. `command`: undefined for none. */
export function whereHelpIs(command: string | undefined): string {
  return command === undefined ? 'devnet --help lists the commands' : `devnet ${command} --help shows how it is used`
}

/** The mistake that commander found, and its guess at what was meant; null where it has none. */
export function wordsOf({ message }: CommanderError): { readonly message: string; readonly meant: string | null } {
  const [, sentence, meant] = /^(?:error: )?([\s\S]*?)(?:\n\((Did you mean [\s\S]*)\))?$/.exec(message.trim())!
  return { message: sentence!, meant: meant ?? null }
}
