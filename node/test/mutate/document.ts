/** The list of mutants and their killers in docs/mutants.md: between two markers, written by `--write`. */
import type { Mutant } from './mutant.ts'

const BEGIN = '<!-- mutants: written by npm run mutate:consensus -- --write -->\n'
const END = '<!-- end of mutants -->\n'

export interface Row {
  readonly rule: string
  readonly file: string
  readonly mutant: string
  /** File and name of the test. */
  readonly killer: string
}

export function rowOf({ rule, file, name }: Mutant, killer: string): Row {
  return { rule, file, mutant: name, killer }
}

export function writeRows(document: string, rows: readonly Row[]): string {
  const [before, , after] = cut(document)
  const lines = rows.map(({ rule, file, mutant, killer }) => `| ${rule} | \`${file}\` | ${mutant} | ${killer} |\n`)
  return `${before}${BEGIN}\n| rule | file | a node that ... | killed by |\n|---|---|---|---|\n${lines.join('')}\n${END}${after}`
}

export function readRows(document: string): readonly Row[] {
  const lines = cut(document)[1]
    .split('\n')
    .filter((line) => line.startsWith('| '))
  return lines.slice(1).map((line) => {
    const [, rule, file, mutant, ...killer] = line.split('|').map((cell) => cell.trim())
    return { rule: rule!, file: file!.replaceAll('`', ''), mutant: mutant!, killer: killer.slice(0, -1).join('|') }
  })
}

function cut(document: string): readonly [string, string, string] {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`docs/mutants.md lacks the markers of the mutants: ${BEGIN}`)
  return [document.slice(0, begin), document.slice(begin + BEGIN.length, end), document.slice(end + END.length)]
}
