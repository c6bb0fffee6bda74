/** Commands of a document with the lines under them, as `    $ npx devnet ...`, and whether a command says what they say. */
import { expect } from 'vitest'
import { runInProcess } from '../../src/testing/runInProcess.ts'

export interface ShownCommand {
  readonly words: readonly string[]
  /** Of the process: 0 unless `# exit code N` stands behind the command. */
  readonly exitCode: number
  readonly lines: readonly string[]
}

/** Stands for any lines, at the beginning or at the end. */
const ANY_LINES = '...'

export function shownCommands(document: string): ShownCommand[] {
  const blocks = document.match(/(?:^ {4}.*\n)+/gm)!.map((block) => block.replace(/^ {4}/gm, ''))
  return blocks.flatMap((block) =>
    block
      .split(/^\$ npx devnet /m)
      .slice(1)
      .map((text) => {
        const [line, ...lines] = text.trimEnd().split('\n')
        const [command, comment = '0'] = line!.split(' # exit code ')
        const words = [...command!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)
        return { words, exitCode: Number(comment), lines }
      }),
  )
}

/** Runs it in this process; fails when it says something else. */
export async function expectShown({ words, exitCode, lines }: ShownCommand): Promise<void> {
  const { code, out, err } = await runInProcess(...words, '--color', 'never')
  expect([words, code, err]).toEqual([words, exitCode, err])
  // What is said beside the result is not shown, but for what went wrong.
  const said = (exitCode === 0 ? out : `${out}${err}`).trimEnd().split('\n')
  if (!lines.includes(ANY_LINES)) expect([words, said.length]).toEqual([words, lines.length])
  expectLines(said, lines)
}

/** Fails when they are others than the document shows. */
export function expectLines(said: readonly string[], lines: readonly string[]): void {
  const shown = lines.filter((line) => line !== ANY_LINES)
  const compared = lines[0] === ANY_LINES ? said.slice(said.length - shown.length) : said
  for (const [at, line] of shown.entries()) expect(compared[at]).toMatch(pattern(line))
}

/** `…` is anything, and so is a shortened hash; everything else is what it is. */
function pattern(line: string): RegExp {
  const parts = line
    .replace(/0x[0-9a-f]{8}…[0-9a-f]{6}/g, '0x…')
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
