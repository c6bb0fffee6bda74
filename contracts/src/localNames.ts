/** Names of locals in a source map: `x_touchstone_locals` (docs/protocol/artifacts.md). */

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

interface Stretch {
  readonly local: number
  readonly from: number
  readonly to: number
  readonly variable: Variable
}

const NONE: readonly Stretch[] = []

export class LocalNames {
  readonly #stretches = new Map<number, Stretch[]>()
  readonly #variables: readonly Variable[]

  /** @throws SyntaxError when it is none of this version's tables */
  constructor(json: unknown, sources: readonly string[]) {
    const { variables, stretches } = json as Readonly<Record<string, unknown>>
    if (!Array.isArray(variables) || !Array.isArray(stretches))
      throw new SyntaxError('x_touchstone_locals has "variables" and "stretches"')
    const read = variables.map((one: unknown) => variableOf(one, sources))
    this.#variables = read
    for (const one of stretches as unknown[]) {
      if (!isNumbers(one) || one.length !== 5) throw new SyntaxError('a stretch of x_touchstone_locals is five numbers')
      const [functionIndex, local, from, to, place] = one as [number, number, number, number, number]
      const variable = read[place]
      if (variable === undefined) throw new SyntaxError(`x_touchstone_locals has no variable ${place}`)
      const list = this.#stretches.get(functionIndex)
      const stretch = { local, from, to, variable }
      if (list === undefined) this.#stretches.set(functionIndex, [stretch])
      else list.push(stretch)
    }
  }

  /** By local, before the instruction at an offset of a function, which comes from a line; several may have one value. */
  at(functionIndex: number, offset: number, place: SourceLine): ReadonlyMap<number, readonly NamedLocal[]> {
    const found = new Map<number, NamedLocal[]>()
    for (const { local, from, to, variable } of this.#stretches.get(functionIndex) ?? NONE) {
      if (offset < from || to < offset || !isInScope(variable, place)) continue
      const list = found.get(local)
      if (list === undefined) found.set(local, [variable])
      else list.push(variable)
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
