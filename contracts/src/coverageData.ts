/** The instructions and choices that tests executed, by module and byte offset. */

/** Of one module. */
export interface ModuleCoverage {
  /** How often each instruction ran, by its byte offset. */
  readonly places: ReadonlyMap<number, number>
  /** How often each way of a choice was taken, by the byte offset of the instruction that chooses. */
  readonly choices: ReadonlyMap<number, readonly number[]>
}

/** The parts of the node's profile (docs/protocol/rpc.md, "Traces") that coverage is made of. */
export interface ProfiledModule {
  readonly moduleHash: string
  readonly places: readonly (readonly [functionIndex: number, offset: number, count: number, ink: number])[]
  readonly choices: readonly (readonly [functionIndex: number, offset: number, ways: readonly number[]])[]
}

interface Counted {
  readonly places: Map<number, number>
  readonly choices: Map<number, number[]>
}

export class CoverageData {
  readonly #modules = new Map<string, Counted>()
  /** Executions that could not be profiled: the node gave them up. */
  missed = 0

  /** By the keccak256 of each module, in hex. */
  get modules(): ReadonlyMap<string, ModuleCoverage> {
    return this.#modules
  }

  add({ moduleHash, places, choices }: ProfiledModule): void {
    const counted = this.#of(moduleHash)
    for (const [, offset, count] of places) addPlace(counted, offset, count)
    for (const [, offset, ways] of choices) addWays(counted, offset, ways)
  }

  toJson(): string {
    const modules = Object.fromEntries(
      Array.from(this.#modules, ([hash, { places, choices }]) => [
        hash,
        { places: [...places], choices: [...choices] },
      ]),
    )
    return JSON.stringify({ version: 1, missed: this.missed, modules })
  }

  /** @throws SyntaxError when the text is none of {@link toJson} */
  addJson(text: string): void {
    const { version, missed, modules } = JSON.parse(text) as {
      readonly version: unknown
      readonly missed: number
      readonly modules: Readonly<
        Record<string, { readonly places: [number, number][]; readonly choices: [number, number[]][] }>
      >
    }
    if (version !== 1) throw new SyntaxError('it is no coverage of this version')
    this.missed += missed
    for (const [hash, { places, choices }] of Object.entries(modules)) {
      const counted = this.#of(hash)
      for (const [offset, count] of places) addPlace(counted, offset, count)
      for (const [offset, ways] of choices) addWays(counted, offset, ways)
    }
  }

  #of(hash: string): Counted {
    const known = this.#modules.get(hash)
    if (known !== undefined) return known
    const made = { places: new Map(), choices: new Map() }
    this.#modules.set(hash, made)
    return made
  }
}

function addPlace({ places }: Counted, offset: number, count: number): void {
  places.set(offset, (places.get(offset) ?? 0) + count)
}

function addWays({ choices }: Counted, offset: number, ways: readonly number[]): void {
  const before = choices.get(offset)
  choices.set(offset, before === undefined ? [...ways] : before.map((count, way) => count + (ways[way] ?? 0)))
}
