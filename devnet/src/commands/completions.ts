/** `devnet completions SHELL`: a script that lets the shell complete commands and options. */
import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: command.options.flatMap(({ long }) => (long ? [long] : [])),
  }))
  if (shell === 'fish') {
    return [
      `complete -c devnet -f -n "not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}"`,
      ...commands.map(
        ({ name, description }) =>
          `complete -c devnet -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", '')}'`,
      ),
      ...commands.flatMap(({ name, flags }) =>
        flags.map((flag) => `complete -c devnet -n "__fish_seen_subcommand_from ${name}" -l ${flag.slice(2)}`),
      ),
    ].join('\n')
  }
  const cases = commands.map(({ name, flags }) => `    ${name}) words="${flags.join(' ')}" ;;`)
  const script = [
    '_devnet() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's braces, not JavaScript's
    '  local words="" current="${COMP_WORDS[COMP_CWORD]}"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: likewise
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac',
    `  [ "$COMP_CWORD" -eq 1 ] && words="${commands.map(({ name }) => name).join(' ')}"`,
    '  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))',
    '}',
    'complete -o filenames -F _devnet devnet',
  ]
  return (shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit', ...script] : script).join('\n')
}
