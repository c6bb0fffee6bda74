/** Makes a mutated module smaller while it shows what it shows: bodies are emptied, then instructions are left out. */
import { decode } from '../../src/binary/decode.ts'
import { encode } from '../../src/binary/encode.ts'
import { type FunctionBody, type Module, WORDS } from '../../src/binary/module.ts'
import { DEFAULT_LIMITS } from '../../src/limits.ts'

const MOST_TRIALS = 2_000

/** `unreachable`, `end`: valid in a function of any type. */
const EMPTY = Int32Array.of(0x00, 0, 0, 0, 0x0b, 0, 0, 0)

export function shrinkBinary(bytes: Uint8Array, shows: (candidate: Uint8Array) => boolean): Uint8Array {
  let best: Module
  try {
    best = decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS })
  } catch {
    return bytes
  }
  let smallest = bytes
  let trials = 0
  const attempt = (index: number, words: Int32Array): boolean => {
    if (trials++ >= MOST_TRIALS) return false
    const candidate = withWords(best, index, words)
    const encoded = encode(candidate)
    if (!shows(encoded)) return false
    best = candidate
    smallest = encoded
    return true
  }
  for (const index of best.bodies.keys()) if (best.bodies[index]!.code.count > 2) attempt(index, EMPTY)
  for (const index of best.bodies.keys()) {
    for (let size = best.bodies[index]!.code.count >> 1; size >= 1; size >>= 1) {
      for (let at = 0; at + size < best.bodies[index]!.code.count; ) {
        const { words } = best.bodies[index]!.code
        const rest = new Int32Array(words.length - size * WORDS)
        rest.set(words.subarray(0, at * WORDS))
        rest.set(words.subarray((at + size) * WORDS), at * WORDS)
        if (!attempt(index, rest)) at += size
      }
    }
  }
  return smallest
}

function withWords(module: Module, index: number, words: Int32Array): Module {
  const bodies: FunctionBody[] = [...module.bodies]
  const body = bodies[index]!
  bodies[index] = { ...body, code: { ...body.code, words, count: words.length / WORDS } }
  return { ...module, bodies }
}
