/** The constants of the sources by name, for pages that state their figures. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, sources, textOf } from './repository.ts'

/** Where each constant is declared: `const NAME = ...` at the start of a line. Tests and test support have none. */
const declared = new Map<string, string[]>()
for (const path of sources) {
  if (!/^(vm|node)\/src\//.test(path) || /\.test\.ts$|\/testing\//.test(path)) continue
  for (const [, name] of textOf(path).matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*)\b/gm)) {
    declared.set(name!, [...(declared.get(name!) ?? []), path])
  }
}

/**
 * The value of a constant: `NAME`, or `NAME.field`. Of several with one name it is the one whose file the page names.
 * One that is not exported must be a plain number.
 * @throws Error that says what is wrong with the name.
 */
export async function constantOf(name: string, page: string): Promise<number | bigint> {
  const [constant, ...fields] = name.split('.') as [string, ...string[]]
  const paths = declared.get(constant) ?? []
  const path = paths.length > 1 ? paths.filter((one) => page.includes(`\`${one}\``)) : paths
  if (path.length !== 1) throw new Error(`${name} is declared in ${paths.length} files: ${paths.join(', ')}`)
  const [file] = path as [string]
  const plain = new RegExp(`^const ${constant}(?:: \\w+)? = ([\\d_]+)n?$`, 'm').exec(textOf(file))
  if (plain !== null) return BigInt(plain[1]!.replaceAll('_', ''))
  let value = ((await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>)[constant]
  for (const field of fields) value = (value as Record<string, unknown> | undefined)?.[field]
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new Error(`${name} is no exported number of ${file}`)
  return value
}

/** A figure of a page beside a constant's name. */
export interface Figure {
  readonly text: string
  readonly name: string
}

const UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  s: 1_000,
  seconds: 1_000,
  min: 60_000,
}
/** These count seconds, all other times milliseconds. */
const IN_SECONDS = new Set(['MAX_CLOCK_DRIFT'])

/**
 * Figures of a page that say which constant they are: `16 faults (`MAX_FAULTS_PER_PEER`)` in a sentence, or the name in
 * the cell after the figure's. Up to four words may stand between.
 */
const FIGURE =
  /(?<![\d.,])(\d+(?: \d{3})*(?:\^\d+)?(?: - \d+)?(?:th)?(?: [A-Za-z%][\w-]*){0,4}) ?(?:\(|\|\s*)`([A-Z][A-Z0-9_]*(?:\.\w+)*)`/g

export function figuresIn(page: string): Figure[] {
  return [...page.replace(/\s+/g, ' ').matchAll(FIGURE)].map(([, text, name]) => ({ text: text!.trim(), name: name! }))
}

/**
 * Bounds of a page ("at most 16 of them") that do not say which constant they are; those of code blocks do not count.
 * @returns each with the words around it.
 */
export function unnamedBoundsIn(page: string): string[] {
  const prose = page
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/\s+/g, ' ')
    .replace(FIGURE, '')
  return [...prose.matchAll(/\bat most \d+(?: \d{3})*(?:[\^.]\d+)?(?: [\w%-]+){0,3}/gi)].map(([bound]) => bound)
}

/** Every constant that a page names. */
export function constantsIn(page: string): string[] {
  return [...page.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]*(?:\.\w+)*)`/g)].map(([, name]) => name!)
}

/** The value of a figure in the unit of its constant: bytes, milliseconds, or a number of something. */
export function readFigure({ text, name }: Figure): bigint {
  const [, digits, power, less, unit] = /^(\d+(?: \d{3})*)(?:\^(\d+))?(?: - (\d+))?(?:th)?(?: ([\w%-]+))?/.exec(text)!
  const base = BigInt(digits!.replaceAll(' ', ''))
  const number = (power === undefined ? base : base ** BigInt(power)) - BigInt(less ?? 0)
  const isTime = unit === 's' || unit === 'seconds'
  return isTime && IN_SECONDS.has(name) ? number : number * BigInt(UNITS[unit ?? ''] ?? 1)
}

/** The same of a constant: sizes of heaps and stacks are declared in MiB. */
export function inItsUnit(name: string, value: number | bigint): bigint {
  return BigInt(value) * (name.endsWith('_MB') ? 2n ** 20n : 1n)
}
