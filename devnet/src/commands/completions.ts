/** `devnet completions SHELL`: a script that lets the shell complete a command line by asking for what may come next. */

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * Words go from the command to the shell as lines, never as text that a shell reads: names are chosen by whoever deployed
 * a contract. Where the command has nothing to offer, the shell offers files.
 */
const scripts: Readonly<Record<Shell, readonly string[]>> = {
  bash: [
    '_devnet() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's braces, not JavaScript's
    '  local word line="${COMP_LINE:0:COMP_POINT}"',
    // bash breaks words at @ and : too, and puts what it is given in the place of the last piece.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: likewise
    '  local last="${line##* }" piece="${COMP_WORDS[COMP_CWORD]}"',
    '  [ "$piece" = "@" ] && piece=""',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: likewise
    '  local before="${last%"$piece"}"',
    '  COMPREPLY=()',
    '  while IFS= read -r word; do',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: likewise
    '    COMPREPLY+=("${word#"$before"}")',
    '  done < <(devnet completions bash --line "$line" 2>/dev/null)',
    '}',
    'complete -o filenames -o default -F _devnet devnet',
  ],
  zsh: [
    'autoload -U +X compinit && compinit',
    '_devnet() {',
    '  local -a words_next',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: likewise
    '  words_next=(${(f)"$(devnet completions zsh --line "$LBUFFER" 2>/dev/null)"})',
    '  if (( $#words_next )); then compadd -- $words_next; else _files; fi',
    '}',
    'compdef _devnet devnet',
  ],
  fish: ["complete -c devnet -a '(devnet completions fish --line (commandline -cp) 2>/dev/null)'"],
}

export function completionScript(shell: Shell): string {
  return scripts[shell].join('\n')
}
