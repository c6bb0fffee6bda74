/**
 * Changes a module in ways that damaged files, wrong compilers and attackers do: bytes, integers in longer encodings,
 * whole sections, parts of other modules; and instruction by instruction with all lengths put right (mutateCode.ts), so
 * that most of these get past the decoder.
 */
import type { Random } from '../../testing/random.ts'
import type { Corpus, Original } from './corpus.ts'
import { mutateCode } from './mutateCode.ts'
import { joinSections, type Section, splitSections } from './sections.ts'

/** Bytes that mean something: opcodes, types, block types, prefixes, lengths. */
const TELLING: readonly number[] = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14,
  0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x36, 0x3f, 0x40, 0x41, 0x42, 0x45, 0x50,
  0x5e, 0x5f, 0x60, 0x63, 0x64, 0x69, 0x6a, 0x6e, 0x6f, 0x70, 0x71, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0xc0, 0xd0,
  0xd1, 0xd2, 0xd3, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
]

/** Most bytes of a piece that is copied or taken from elsewhere. */
const MOST_PIECE = 64

/** A changed module, and which one it was made of. */
export interface Mutant {
  readonly bytes: Uint8Array
  readonly of: string
}

export function mutant(corpus: Corpus, random: Random): Mutant {
  const from = pick(corpus, random)
  const donor = pick(corpus, random)
  let bytes = from.bytes
  const inCode = from.decoded !== null && from.decoded.bodies.length > 0 && random.below(5) > 0
  if (inCode) bytes = mutateCode(from, donor, random)
  if (!inCode || random.below(8) === 0) {
    for (let times = 1 + random.below(2); times > 0 && bytes.length > 8; times--) {
      bytes = mutateOnce(bytes, donor, random)
    }
  }
  return { bytes, of: from.name }
}

/** Programs are larger and fewer; one mutant in eight is made of one. */
function pick(corpus: Corpus, random: Random): Original {
  const { programs, small, broken } = corpus
  const kind = random.below(16)
  if (kind < 2 && programs.length > 0) return random.pick(programs)
  return random.pick(kind === 2 && broken.length > 0 ? broken : small)
}

function mutateOnce(bytes: Uint8Array, donor: Original, random: Random): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return mutateBytes(bytes, 8, donor, random)
    case 1:
      return mutateSections(bytes, donor, random)
    default: {
      // Inside one section, whose size is put right.
      const all = splitSections(bytes) ?? []
      const sections = all.filter(({ id }) => id !== 10)
      if (sections.length === 0) return mutateBytes(bytes, 8, donor, random)
      const chosen = random.pick(sections)
      if (chosen.content.length === 0) return bytes
      const content = mutateBytes(chosen.content, 0, donor, random)
      return joinSections(all.map((section) => (section === chosen ? { ...section, content } : section)))
    }
  }
}

/** The bytes before `first` are the same in every module; they are changed seldom. */
function mutateBytes(bytes: Uint8Array, first: number, donor: Original, random: Random): Uint8Array {
  const from = random.below(200) === 0 ? 0 : first
  const at = from + random.below(bytes.length - from)
  switch (random.below(11)) {
    case 0:
      return replaced(bytes, at, 1, [random.below(256)])
    case 1:
    case 2:
      return replaced(bytes, at, 1, [random.pick(TELLING)])
    case 3:
      return replaced(bytes, at, 1, [bytes[at]! ^ (1 << random.below(8))])
    case 4:
      return replaced(bytes, at, 1, [(bytes[at]! + (random.below(2) ? 1 : 255)) & 0xff])
    case 5:
      return replaced(bytes, at, 1 + random.below(4), [])
    case 6:
      return replaced(
        bytes,
        at,
        0,
        Array.from({ length: 1 + random.below(3) }, () => random.pick(TELLING)),
      )
    case 7:
      // The same integer, one byte longer.
      return bytes[at]! < 0x80 ? replaced(bytes, at, 1, [bytes[at]! | 0x80, bytes[at]! & 0x40 ? 0x7f : 0]) : bytes
    case 8:
      return replaced(bytes, at, random.below(MOST_PIECE), piece(bytes, random))
    case 9:
      return replaced(bytes, at, random.below(MOST_PIECE), piece(donor.bytes, random))
    default:
      return random.below(4) ? replaced(bytes, at, 4, huge(random)) : bytes.slice(0, at)
  }
}

/** Sizes that would be costly to believe. */
function huge(random: Random): number[] {
  return random.pick([
    [0xff, 0xff, 0xff, 0xff, 0x0f],
    [0xff, 0xff, 0xff, 0xff, 0x07],
    [0x80, 0x80, 0x80, 0x80, 0x08],
    [0xff, 0xff, 0x3f],
    [0x80, 0x80, 0x04],
  ])
}

function piece(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(bytes.length)
  return bytes.subarray(from, from + 1 + random.below(MOST_PIECE))
}

function mutateSections(bytes: Uint8Array, donor: Original, random: Random): Uint8Array {
  const sections = splitSections(bytes)
  if (sections === null || sections.length === 0) return bytes
  const at = random.below(sections.length)
  const chosen = sections[at]!
  switch (random.below(8)) {
    case 0:
      sections.splice(at, 1)
      break
    case 1:
      sections.splice(at, 0, chosen)
      break
    case 2: {
      const other = random.below(sections.length)
      sections[at] = sections[other]!
      sections[other] = chosen
      break
    }
    case 3:
      sections[at] = { ...chosen, id: random.below(15) }
      break
    case 4:
      sections.splice(at, 0, customSection(random))
      break
    case 5:
      sections[at] = { ...chosen, sizeError: random.pick([-1, 1, -2, 2, 100, -0x7fffffff]) }
      break
    default: {
      const foreign = splitSections(donor.bytes)
      if (foreign === null || foreign.length === 0) return bytes
      const taken = random.pick(foreign)
      const same = sections.findIndex(({ id }) => id === taken.id && id !== 0)
      if (same >= 0) sections[same] = taken
      else {
        const after = sections.findIndex(({ id }) => id > taken.id)
        sections.splice(after < 0 ? sections.length : after, 0, taken)
      }
    }
  }
  return joinSections(sections)
}

function customSection(random: Random): Section {
  const contents = random.pick<readonly number[]>([
    [0],
    [1, 0xff],
    [4, 0x6e, 0x61, 0x6d, 0x65],
    [4, 0x6e, 0x61, 0x6d, 0x65, 1, 3, 1, 0, 9],
    [5, 0x61, 0x62],
    [],
    [0x80, 0x00, 7],
  ])
  return { id: 0, content: Uint8Array.from(contents), sizeError: 0 }
}

function replaced(bytes: Uint8Array, at: number, count: number, by: ArrayLike<number>): Uint8Array {
  const end = Math.min(bytes.length, at + count)
  const changed = new Uint8Array(bytes.length - (end - at) + by.length)
  changed.set(bytes.subarray(0, at))
  changed.set(by, at)
  changed.set(bytes.subarray(end), at + by.length)
  return changed
}
