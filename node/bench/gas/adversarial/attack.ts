/**
 * The attacks that may fill a block, as data: one line of JSON tells a case, so that whatever the search finds can be
 * run again (`npm run bench:gas -- --case LINE`).
 */

/** A module by what it declares. */
export interface ModuleShape {
  /** Functions with a body of `statements` of a kind, and how many locals each has. */
  readonly functions: number
  readonly body: string
  readonly statements: number
  readonly locals: number
  /** How often such a function has them, one after the other, where they stand inside each other (nests.ts). */
  readonly nests: number
  /** Whether the entry calls every function once, so that the host compiles each. */
  readonly callsAll: boolean
  readonly tables: number
  readonly tableElements: number
  readonly segments: number
  readonly segmentElements: number
  readonly dataSegments: number
  readonly dataBytes: number
  readonly globals: number
  readonly exports: number
  readonly imports: number
  readonly pages: number
  /** The code of the entry besides. */
  readonly entry: string
  /** Stored as Brotli. */
  readonly packed: boolean
}

export type Attack =
  /** A contract that does the parts in turn, again and again, by their names in loopParts.ts. */
  | { readonly kind: 'loop'; readonly parts: readonly string[]; readonly pages: number }
  /** A contract that calls another again and again, with so much gas where it is named, else with all it may. */
  | { readonly kind: 'frames'; readonly module: ModuleShape; readonly gas?: number }
  /** A contract that calls so many of one shape but different code in turn, again and again: more than a pool keeps. */
  | { readonly kind: 'ring'; readonly module: ModuleShape; readonly codes: number }
  /** A contract that calls itself `depth` deep, again and again. */
  | { readonly kind: 'nest'; readonly module: ModuleShape; readonly depth: number }
  /**
   * Calls of many contracts of one shape but different code: so many in each transaction. With `warm`, as many of them
   * as there can be are warm by the state, which the node's cache need not know.
   */
  | { readonly kind: 'loads'; readonly module: ModuleShape; readonly each: number; readonly warm?: boolean }
  /** Creations by transactions, or by a contract in one. */
  | { readonly kind: 'creations'; readonly module: ModuleShape; readonly inside: boolean; readonly valid: boolean }
  /** Many transactions, each with so much data, such an access list, to such an account. */
  | {
      readonly kind: 'transactions'
      readonly to: 'new' | 'old' | 'self' | 'warm code' | `precompile ${number}`
      readonly value: number
      readonly zeros: number
      readonly nonzeros: number
      readonly addresses: number
      readonly keys: number
    }

export const PLAIN_MODULE: ModuleShape = {
  functions: 1,
  body: 'usual',
  statements: 1,
  locals: 2,
  nests: 1,
  callsAll: true,
  tables: 0,
  tableElements: 0,
  segments: 0,
  segmentElements: 0,
  dataSegments: 0,
  dataBytes: 0,
  globals: 0,
  exports: 0,
  imports: 0,
  pages: 1,
  entry: 'nothing',
  packed: false,
}

/** The family of a case, so that a list of the worst is not one case ten times. */
export function family(attack: Attack): string {
  switch (attack.kind) {
    case 'loop':
      return `loop ${[...new Set(attack.parts)].sort().join('+')}`
    case 'transactions':
      return `transactions to ${attack.to}${attack.zeros + attack.nonzeros > 0 ? ', data' : ''}${attack.addresses > 0 ? ', access list' : ''}`
    case 'creations':
      return `creations${attack.inside ? ' inside' : ''}${attack.valid ? '' : ', refused'} ${feature(attack.module)}`
    case 'frames':
      return `frames${attack.gas === undefined ? '' : ', little gas'} ${feature(attack.module)}`
    default:
      return `${attack.kind} ${feature(attack.module)}`
  }
}

/** The largest of what a module declares. */
function feature(module: ModuleShape): string {
  const parts: readonly [string, number][] = [
    [`functions of ${module.body}`, module.functions * (module.statements + module.locals + 4)],
    ['tables', module.tables * module.tableElements],
    ['elements', module.segments * module.segmentElements],
    ['data', module.dataSegments * (module.dataBytes + 10)],
    ['globals', module.globals * 4],
    ['exports', module.exports * 8],
    ['imports', module.imports * 8],
    ['pages', module.pages * 40],
  ]
  return parts.reduce((most, part) => (part[1] > most[1] ? part : most))[0]
}

/** A line that tells a case: of a module, what is not as in {@link PLAIN_MODULE}. */
export function caseLine(attack: Attack): string {
  if (!('module' in attack)) return JSON.stringify(attack)
  const plain = Object.entries(PLAIN_MODULE)
  const module = Object.fromEntries(
    Object.entries(attack.module).filter(
      ([key, value]) => !plain.some(([name, usual]) => name === key && usual === value),
    ),
  )
  return JSON.stringify({ ...attack, module })
}

/** @throws SyntaxError for what is no JSON. */
export function parseCase(line: string): Attack {
  const attack = JSON.parse(line) as Attack
  return 'module' in attack ? { ...attack, module: { ...PLAIN_MODULE, ...attack.module } } : attack
}
