/**
 * What a page has its reader do, in order: commands with the lines under them (`    $ npx devnet ...`, `    $ npm ...`),
 * and files to write (a fenced text with its path behind the language). And whether a command says what they say.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'vitest'
import { runInProcess } from '../../src/testing/runInProcess.ts'

export interface ShownCommand {
  /** Set before the command. */
  readonly environment: Readonly<Record<string, string>>
  /** `devnet`, or `npm`. */
  readonly program: string
  readonly words: readonly string[]
  /** Of the process: 0 unless `# exit code N` stands behind the command. */
  readonly exitCode: number
  readonly lines: readonly string[]
}

export interface ShownFile {
  readonly path: string
  readonly text: string
}

/** Stands for any lines, at the beginning or at the end. */
const ANY_LINES = '...'
/** A fenced text, or a block of indented lines, which an empty line may interrupt. */
const PARTS = /^```(.*)\n([\s\S]*?)^```$|(?:^ {4}.*\n)+/gm
const COMMAND = /^\$ ((?:[A-Z_]+=\S+ )*)(?:npx )?(devnet|npm) (.*)$/
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

export function stepsOf(document: string): readonly (ShownCommand | ShownFile)[] {
  return [...document.matchAll(PARTS)].flatMap(([block, info, text]): readonly (ShownCommand | ShownFile)[] => {
    if (info === undefined) return commandsOf(block.replace(/^ {4}/gm, ''))
    const path = info.split(' ')[1]
    return path === undefined ? [] : [{ path, text: text! }]
  })
}

export function shownCommands(document: string): readonly ShownCommand[] {
  return stepsOf(document).filter((step): step is ShownCommand => 'words' in step)
}

function commandsOf(block: string): readonly ShownCommand[] {
  return block
    .split(/^(?=\$ )/m)
    .filter((text) => text.startsWith('$ '))
    .map((text) => {
      const [line, ...lines] = text.trimEnd().split('\n')
      const [command, comment = '0'] = line!.split(' # exit code ')
      const parsed = COMMAND.exec(command!)
      if (parsed === null) throw new Error(`no command that the test of the page can run: ${command}`)
      const [, variables, program, rest] = parsed
      return {
        environment: Object.fromEntries(
          [...variables!.matchAll(/(\S+?)=(\S+)/g)].map(([, name, value]) => [name, value]),
        ),
        program: program!,
        words: [...rest!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!),
        ...{ exitCode: Number(comment), lines: lines.map((shown) => shown.trimEnd()) },
      }
    })
}

/** Runs the command, or writes the file, in the folder of this process; fails when it says something else. */
export async function expectStep(step: ShownCommand | ShownFile): Promise<void> {
  if ('words' in step) return expectShown(step)
  mkdirSync(dirname(step.path), { recursive: true })
  writeFileSync(step.path, step.text)
}

async function expectShown(command: ShownCommand): Promise<void> {
  const { words, exitCode, lines } = command
  const { code, out, err } = await run(command)
  expect([words, code, code === exitCode ? '' : `${out}${err}`]).toEqual([words, exitCode, ''])
  // What is said beside the result is not shown, but for what went wrong.
  const said = (exitCode === 0 ? out : `${out}${err}`).trimEnd().split('\n')
  if (!lines.some((line) => line.trim() === ANY_LINES)) expect([words, said.length]).toEqual([words, lines.length])
  expectLines(said, lines)
}

/** `devnet` in this process, which takes less time; npm as the reader's. */
async function run({
  environment,
  program,
  words,
}: ShownCommand): Promise<{ code: number | null; out: string; err: string }> {
  if (program === 'devnet') return runInProcess(...words, '--color', 'never')
  const { status, stdout, stderr } = spawnSync('npm', [...words], {
    env: { ...environmentOfReader(), NO_COLOR: '1', ...environment },
    encoding: 'utf8',
    timeout: HANGS_AFTER_MS,
  })
  return { code: status, out: stdout, err: stderr }
}

/** What programs need, and what is ours. Runners of tests and of CI tell their programs that they are no person. */
const OF_READERS =
  /^(PATH|PATHEXT|HOME|USERPROFILE|(LOCAL)?APPDATA|SystemRoot|ComSpec|TE?MP|TMPDIR|XDG_.+|npm_config_.+|DEVNET_.+|TOUCHSTONE_.+)$/i

/** Of this process, as a person at a terminal has it. */
function environmentOfReader(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_READERS.test(name)))
}

/** Fails when they are others than the document shows. */
export function expectLines(said: readonly string[], lines: readonly string[]): void {
  const shown = lines.filter((line) => line.trim() !== ANY_LINES)
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
