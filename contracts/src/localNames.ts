/** Names of locals in a source map: `x_touchstone_locals` (docs/protocol/artifacts.md). */

import { lastUpTo } from './lastUpTo.ts'

/** A local that is a variable of the author's. */
export interface NamedLocal {
  readonly name: string
  /** In the author's words. */
  readonly type: string
  /**
   * The local has an integer (the form is its type) or a `bool`; or the address of a value of the SDK (its class: `U256`,
   * `Address`, `Bytes4`), of a `string`, or of an `object` that is anything else.
   */
  readonly form: string
  /** A number in decimal: that of a constant, which is in no local. */
  readonly constant?: string
}

interface Variable extends NamedLocal {
  readonly file: string
  readonly first: number
  readonly last: number
}

/** Byte offsets of the first and the last instruction. */
interface Stretch {
  readonly from: number
  readonly to: number
}

interface Name {
  readonly variable: Variable
  readonly local: number
  /** Ascending. */
  readonly stretches: readonly Stretch[]
}

/** Of one function of the author's in one of the module. */
interface NamedCode {
  /** Ascending. There none of the names holds. */
  readonly gaps: readonly Stretch[]
  readonly names: readonly Name[]
}

const NONE: readonly NamedCode[] = []

export class LocalNames {
  readonly #code = new Map<number, NamedCode[]>()
  readonly #variables: readonly Variable[]

  /** @throws SyntaxError when it is none of this version's tables */
  constructor(json: unknown, sources: readonly string[]) {
    const { variables, code } = json as Readonly<Record<string, unknown>>
    if (!Array.isArray(variables) || !Array.isArray(code))
      throw new SyntaxError('x_touchstone_locals has "variables" and "code"')
    const read = variables.map((one: unknown) => variableOf(one, sources))
    this.#variables = read
    for (const one of code as unknown[]) {
      const [functionIndex, named] = codeOf(one, read)
      const list = this.#code.get(functionIndex)
      if (list === undefined) this.#code.set(functionIndex, [named])
      else list.push(named)
    }
  }

  /** By local, before the instruction at an offset of a function, which comes from a line; several may have one value. */
  at(functionIndex: number, offset: number, place: SourceLine): ReadonlyMap<number, readonly NamedLocal[]> {
    const found = new Map<number, NamedLocal[]>()
    for (const { gaps, names } of this.#code.get(functionIndex) ?? NONE) {
      if (isIn(gaps, offset)) continue
      for (const { variable, local, stretches } of names) {
        if (!isInScope(variable, place) || !isIn(stretches, offset)) continue
        const list = found.get(local)
        if (list === undefined) found.set(local, [variable])
        else list.push(variable)
      }
    }
    return found
  }

  /** The variables that the lines before it declare, and whose scope it is in. */
  scopeAt(place: SourceLine): readonly NamedLocal[] {
    return this.#variables.filter((variable) => isInScope(variable, place) && variable.first < place.line)
  }
}

/** From 1. */
interface SourceLine {
  readonly file: string
  readonly line: number
}

function isInScope({ file, first, last }: Variable, place: SourceLine): boolean {
  return file === place.file && first <= place.line && place.line <= last
}

function isIn(stretches: readonly Stretch[], offset: number): boolean {
  const before = lastUpTo(stretches, offset, ({ from }) => from)
  return before !== undefined && offset <= before.to
}

function codeOf(one: unknown, variables: readonly Variable[]): readonly [number, NamedCode] {
  const [functionIndex, gaps, names] = Array.isArray(one) && one.length === 3 ? (one as unknown[]) : []
  if (!isNumbers([functionIndex]) || !Array.isArray(names))
    throw new SyntaxError('code in x_touchstone_locals is a function, gaps and names')
  const read = names.map((name: unknown): Name => {
    if (!isNumbers(name) || name.length < 2)
      throw new SyntaxError('a name in x_touchstone_locals is a variable, a local and stretches')
    const [place, local, ...distances] = name as [number, number, ...number[]]
    const variable = variables[place]
    if (variable === undefined) throw new SyntaxError(`x_touchstone_locals has no variable ${place}`)
    return { variable, local, stretches: stretchesOf(distances) }
  })
  return [Number(functionIndex), { gaps: stretchesOf(gaps), names: read }]
}

/** Each number is the distance from the one before. */
function stretchesOf(distances: unknown): Stretch[] {
  if (!isNumbers(distances) || distances.length % 2 !== 0 || distances.some((distance) => distance < 0))
    throw new SyntaxError('stretches of x_touchstone_locals are pairs of distances')
  const stretches: Stretch[] = []
  let offset = 0
  for (let i = 0; i < distances.length; i += 2) {
    const from = offset + distances[i]!
    offset = from + distances[i + 1]!
    stretches.push({ from, to: offset })
  }
  return stretches
}

/** Digits of an integer of 64 bits. */
const CONSTANT = /^-?\d{1,20}$/

function variableOf(one: unknown, sources: readonly string[]): Variable {
  if (Array.isArray(one) && (one.length === 6 || (one.length === 7 && CONSTANT.test(String(one[6]))))) {
    const [name, type, form, source, first, last, constant] = one as unknown[]
    const file = sources[Number(source)]
    const areTexts = typeof name === 'string' && typeof type === 'string' && typeof form === 'string'
    if (areTexts && file !== undefined && isNumbers([first, last]))
      return {
        ...{ name, type, form, file, first: first as number, last: last as number },
        ...(constant === undefined ? {} : { constant: String(constant) }),
      }
  }
  throw new SyntaxError('a variable of x_touchstone_locals is three texts, a source, two lines and maybe a constant')
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one))
}
