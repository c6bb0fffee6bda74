/**
 * Damaged modules: nothing crashes, hangs or is accepted that V8 refuses, and what V8 accepts is refused here only as
 * a feature or by a limit.
 */
import { describe, expect, it } from 'vitest'
import { type Random, seeded } from '../../test/random.ts'
import { sampleModules } from '../../test/sampleModules.ts'
import { v8Validates } from '../../test/v8.ts'
import { decode } from '../binary/decode.ts'
import { encode } from '../binary/encode.ts'
import { compile } from '../compile.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { ValidationError } from '../validationError.ts'

const ROUNDS = 6_000
/** Bytes that mean something: opcodes, types, block types, prefixes, lengths. */
const TELLING = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0f, 0x10, 0x11, 0x12, 0x1a, 0x1b, 0x1c, 0x20]
const MORE_TELLING = [0x21, 0x23, 0x40, 0x41, 0x42, 0x6a, 0x70, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0xd0, 0xd2, 0xfc, 0xff]

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const list = [...bytes]
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = 8 + random.below(list.length - 8)
    switch (random.below(5)) {
      case 0:
        list[at] = random.below(256)
        break
      case 1:
        list[at] = random.pick([...TELLING, ...MORE_TELLING])
        break
      case 2:
        list[at] = list[at]! ^ (1 << random.below(8))
        break
      case 3:
        list.splice(at, 1 + random.below(3))
        break
      default:
        list.splice(at, 0, random.pick([...TELLING, ...MORE_TELLING]))
    }
  }
  return Uint8Array.from(list)
}

function verdict(bytes: Uint8Array): string {
  try {
    compile(bytes)
    return 'accepted'
  } catch (error) {
    if (error instanceof ValidationError) return error.code
    throw error
  }
}

/** V8 takes `global.get` of the module's own constants in constant expressions: a part of a later proposal. */
const LATER_PROPOSAL = 'invalid:unknown-global'

describe('damaged modules', () => {
  it.each(sampleModules().map((bytes, i) => [i, bytes] as const))('made from sample %i', (seed, sample) => {
    const random = seeded(0x7053 + seed)
    const counts = { accepted: 0, refused: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = mutate(sample, random)
      const ours = verdict(bytes)
      const theirs = v8Validates(bytes)
      const agree = theirs
        ? ours === 'accepted' || /^(refused|limit):/.test(ours) || ours === LATER_PROPOSAL
        : ours !== 'accepted'
      if (!agree) {
        const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
        expect(`round ${round}: ${ours} here, V8 ${theirs ? 'accepts' : 'refuses'}: ${hex}`).toBe('agreement')
      }
      if (ours !== 'accepted') counts.refused++
      else {
        counts.accepted++
        const decoded = decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS })
        expect(v8Validates(encode(decoded))).toBe(true)
      }
    }
    // The mutations are neither all harmless nor all deadly.
    expect(counts.accepted).toBeGreaterThan(ROUNDS / 50)
    expect(counts.refused).toBeGreaterThan(ROUNDS / 4)
  })
})
