/**
 * How many function types the host is given. V8 numbers the types of all modules so that calls through tables can compare
 * them; it keeps each for the life of the process, 200 to 400 bytes, for all threads, and ends the process at 2 000 000
 * ("too many canonicalized types"). A module of 1 MB may have 10 000 that no other has, so an author of modules could
 * end the process, or fill its memory.
 *
 * So unusual types are counted. Those that are not, of few integers and few results, are {@link USUAL_TYPES} altogether.
 * A module whose types do not fit into what is left runs on the interpreter, which gives the same.
 */
import type { FunctionType, ValueType } from '../../binary/types.ts'
import { MAX_HOST_TYPES, MAX_KNOWN_HOST_TYPE_VALUES } from '../../limits.ts'

/** Of a rewritten function: those of real source have up to 12 and 1, and fuel and stack bytes come on top. */
const USUAL_PARAMS = 14
const USUAL_RESULTS = 2
/** How many types of up to so many i32 and i64 there are. */
export const USUAL_TYPES = (2 ** (USUAL_PARAMS + 1) - 1) * (2 ** (USUAL_RESULTS + 1) - 1)

const LETTERS: Readonly<Record<ValueType, string>> = { i32: 'i', i64: 'I', f32: 'f', f64: 'F', funcref: 'r' }

/** Of this thread alone, until it is told otherwise. */
let given = new Int32Array(1)
let place = 0
let most = MAX_HOST_TYPES
/**
 * Of the counted types, those this thread gave: a program that leaves a cache and comes back brings nothing new. There are
 * never more of them than `most`, and each is short.
 */
let known = new Set<string>()

/**
 * From now on types are counted at a place of `counts`, which threads may share, and `limit` of them are given at most.
 * To be called before the first module is run.
 */
export function boundHostTypes(counts: Int32Array<SharedArrayBuffer | ArrayBuffer>, at: number, limit: number): void {
  given = counts as Int32Array<ArrayBuffer>
  place = at
  most = limit
  known = new Set()
}

/**
 * Counts the unusual ones of a module's types that this thread has not given before; false, and nothing is counted,
 * where that would be too many.
 */
export function takeHostTypes(types: readonly FunctionType[]): boolean {
  const fresh = new Set<string>()
  let long = 0
  for (const type of types) {
    if (isUsual(type)) continue
    if (type.params.length + type.results.length > MAX_KNOWN_HOST_TYPE_VALUES) {
      long++
      continue
    }
    const key = keyOf(type)
    if (!known.has(key)) fresh.add(key)
  }
  const unusual = fresh.size + long
  if (unusual === 0) return true
  if (Atomics.add(given, place, unusual) + unusual > most) {
    Atomics.sub(given, place, unusual)
    return false
  }
  for (const key of fresh) known.add(key)
  return true
}

/** One character for each value, and one between parameters and results: equal for equal types only. */
function keyOf({ params, results }: FunctionType): string {
  return `${params.map((type) => LETTERS[type]).join('')}>${results.map((type) => LETTERS[type]).join('')}`
}

function isUsual({ params, results }: FunctionType): boolean {
  return (
    params.length <= USUAL_PARAMS &&
    results.length <= USUAL_RESULTS &&
    params.every(isInteger) &&
    results.every(isInteger)
  )
}

function isInteger(type: ValueType): boolean {
  return type === 'i32' || type === 'i64'
}
