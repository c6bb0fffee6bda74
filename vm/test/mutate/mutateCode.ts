/** Changes instructions of one body of a module and writes all lengths anew, so that the result still decodes. */
import { type FunctionBody, type Module, WORDS } from '../../src/binary/module.ts'
import { INSTRUCTIONS, type InstructionInfo, PREFIXED_BASE } from '../../src/binary/opcodes.ts'
import { Writer } from '../../src/binary/writer.ts'
import { DEFAULT_LIMITS } from '../../src/limits.ts'
import type { Random } from '../../testing/random.ts'
import type { Original } from './corpus.ts'
import { joinSections, readSize, splitSections } from './sections.ts'

const ALL = INSTRUCTIONS.filter((info): info is InstructionInfo => info !== undefined)

/** Instructions that fit in the place of another: the same immediates, and operands and result of the same types. */
const ALIKE: readonly (readonly InstructionInfo[])[] = INSTRUCTIONS.map((info) =>
  ALL.filter(
    (other) =>
      info !== undefined &&
      other.immediates === info.immediates &&
      JSON.stringify(other.signature) === JSON.stringify(info.signature) &&
      other.op < PREFIXED_BASE === info.op < PREFIXED_BASE,
  ),
)

/** The bytes after these matter more often than those after others. */
const CONTROL: readonly number[] = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x1a, 0x1b, 0x1c]

/** Stretches that take and leave nothing, so that the rest stays valid. */
const HARMLESS: readonly (readonly Uint8Array[])[] = [
  [[0x01]],
  [[0x02, 0x40], [0x0b]],
  [[0x03, 0x40], [0x0b]],
  [[0x41, 0x00], [0x04, 0x40], [0x05], [0x0b]],
  [
    [0x41, 0x01],
    [0x0d, 0x00],
  ],
  [[0x02, 0x40], [0x41, 0x05], [0x0e, 0x01, 0x00, 0x00], [0x0b]],
  [[0x02, 0x40], [0x0c, 0x00], [0x00], [0x0b]],
  [[0x20, 0x00], [0x1a]],
  [[0x42, 0x7f], [0x1a]],
  [
    [0x20, 0x00],
    [0x21, 0x00],
  ],
  [
    [0x23, 0x00],
    [0x24, 0x00],
  ],
  [[0x10, 0x00]],
  [[0x3f, 0x00], [0x1a]],
  [[0x00]],
  [[0x0f]],
].map((parts) => parts.map((bytes) => Uint8Array.from(bytes)))

const [block, loop, end, zero, brIf] = [[0x02, 0x40], [0x03, 0x40], [0x0b], [0x41, 0x00], [0x0d, 0x00]].map((bytes) =>
  Uint8Array.from(bytes),
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]

/**
 * A stretch that takes and leaves nothing, a little short of a limit of the profile, at it or beyond: what damages a module
 * by an instruction or a byte never gets there, as the limits are far from what compilers emit.
 */
function nearLimit(random: Random): Uint8Array[] {
  const { nesting, loopNesting, branchTableTargets, branchesToLabel } = DEFAULT_LIMITS
  const times = (limit: number): number => limit + random.below(9) - 4
  switch (random.below(4)) {
    case 0:
      return nest(block, end, times(nesting))
    case 1:
      return nest(loop, end, times(loopNesting))
    case 2: {
      const table = new Writer()
      const targets = times(branchTableTargets)
      table.byte(0x0e)
      table.u32(targets)
      table.raw(new Uint8Array(targets + 1))
      return [block, zero, table.finish(), end]
    }
    default:
      return [block, ...Array<Uint8Array[]>(times(branchesToLabel)).fill([zero, brIf]).flat(), end]
  }
}

function nest(open: Uint8Array, close: Uint8Array, depth: number): Uint8Array[] {
  return [...Array<Uint8Array>(depth).fill(open), ...Array<Uint8Array>(depth).fill(close)]
}

/** `from` has been decoded and has bodies. */
export function mutateCode(from: Original, donor: Original, random: Random): Uint8Array {
  const module = from.decoded!
  const index = random.below(module.bodies.length)
  const body = module.bodies[index]!
  let parts = instructions(module, body)
  for (let times = 1 + random.below(2); times > 0 && parts.length > 0; times--) parts = changed(parts, donor, random)
  return withBody(module, index, joined(locals(module, body, random), parts))
}

/** The bytes of each instruction. */
function instructions(module: Module, { code, offset, byteLength }: FunctionBody): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let i = 0; i < code.count; i++) {
    const start = code.words[i * WORDS + 1]!
    const end = i + 1 < code.count ? code.words[(i + 1) * WORDS + 1]! : offset + byteLength
    parts.push(module.bytes.subarray(start, end))
  }
  return parts
}

function changed(parts: readonly Uint8Array[], donor: Original, random: Random): Uint8Array[] {
  const copy = [...parts]
  // The last one ends the body; without it nothing is left to judge.
  const at = random.below(random.below(30) ? Math.max(1, parts.length - 1) : parts.length)
  const part = parts[at]!
  switch (random.below(13)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: {
      const alike = ALIKE[opOf(part)] ?? []
      if (alike.length > 0) copy[at] = withOp(part, random.pick(alike).op)
      return copy
    }
    case 5:
      copy[at] = instruction(random.pick(ALIKE[opOf(part)] ?? ALL), random)
      return copy
    case 6:
      copy.splice(at, 1)
      return copy
    case 7:
      copy.splice(at, 0, ...(random.below(2) ? [part] : random.pick(HARMLESS)))
      return copy
    case 8:
      copy.splice(at, 0, instruction(INSTRUCTIONS[random.pick(CONTROL)]!, random))
      return copy
    case 9:
      copy.splice(at, random.below(2), instruction(random.pick(ALL), random))
      return copy
    case 10: {
      // A stretch of other code, from this or another module.
      const bodies = donor.decoded?.bodies ?? []
      const source = bodies.length > 0 ? instructions(donor.decoded!, random.pick(bodies)) : parts
      const start = random.below(source.length)
      copy.splice(at, random.below(4), ...source.slice(start, start + 1 + random.below(8)))
      return copy
    }
    case 11:
      copy.splice(at, 0, ...(random.below(3) ? random.pick(HARMLESS) : nearLimit(random)))
      return copy
    default: {
      const other = Math.min(parts.length - 1, at + 1 + random.below(3))
      copy[at] = parts[other]!
      copy[other] = part
      return copy
    }
  }
}

function opOf(part: Uint8Array): number {
  return part[0] === 0xfc ? PREFIXED_BASE + part[1]! : part[0]!
}

function withOp(part: Uint8Array, op: number): Uint8Array {
  const copy = part.slice()
  if (op >= PREFIXED_BASE) copy[1] = op - PREFIXED_BASE
  else copy[0] = op
  return copy
}

/** An instruction with immediates that are mostly small. */
function instruction(info: InstructionInfo, random: Random): Uint8Array {
  const writer = new Writer()
  if (info.op >= PREFIXED_BASE) writer.byte(0xfc)
  writer.byte(info.op >= PREFIXED_BASE ? info.op - PREFIXED_BASE : info.op)
  const index = (): void => writer.u32(random.below(20) ? random.below(4) : random.below(2 ** 32))
  switch (info.immediates) {
    case 'none':
      break
    case 'block':
      writer.byte(random.pick([0x40, 0x40, 0x7f, 0x7e, 0x70, 0x7d, 0x00, 0x01, 0x02]))
      break
    case 'labels': {
      const targets = random.below(4)
      writer.u32(targets)
      for (let i = 0; i <= targets; i++) index()
      break
    }
    case 'types':
      writer.byte(random.below(20) ? 1 : random.below(3))
      writer.byte(random.pick([0x7f, 0x7e, 0x7d, 0x70, 0x6f]))
      break
    case 'memory-argument':
      writer.u32(random.below(6))
      index()
      break
    case 'memory':
      writer.byte(random.below(20) ? 0 : 1)
      break
    case 'memory-memory':
    case 'data-memory':
    case 'type-table':
    case 'table-table':
    case 'element-table':
      writer.u32(random.below(2))
      writer.u32(random.below(20) ? 0 : random.below(3))
      break
    case 'i32':
      writer.s32(random.pick([0, 1, -1, 64, 100, 65536, 0x7fffffff, -0x80000000]))
      break
    case 'i64':
      writer.s64(random.below(200), random.pick([0, -1, 5, 0x7fffffff, -0x80000000]))
      break
    case 'f32':
      writer.word(random.below(2 ** 32))
      break
    case 'f64':
      writer.word(random.below(2 ** 32))
      writer.word(random.below(2 ** 32))
      break
    case 'heap-type':
      writer.byte(random.pick([0x70, 0x70, 0x6f, 0x6e, 0x71, 0x00, 0x69]))
      break
    default:
      index()
  }
  return writer.finish()
}

/** The declarations of locals, now and then with one run more. */
function locals(module: Module, { code, offset }: FunctionBody, random: Random): Uint8Array {
  const bytes = module.bytes.subarray(offset, code.words[1]!)
  if (random.below(6) > 0) return bytes
  const runs = readSize(bytes, 0)!
  const writer = new Writer()
  writer.u32(runs.value + 1)
  writer.raw(bytes.subarray(runs.end))
  const counts = [random.below(3), random.below(3), random.below(2 ** 32), DEFAULT_LIMITS.locals - random.below(9) + 4]
  writer.u32(random.pick(counts))
  writer.byte(random.pick([0x7f, 0x7e, 0x7d, 0x70, 0x6f, 0x7b, 0x63]))
  return writer.finish()
}

function joined(first: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer()
  writer.raw(first)
  for (const part of parts) writer.raw(part)
  return writer.finish()
}

function withBody(module: Module, index: number, content: Uint8Array): Uint8Array {
  const sections = splitSections(module.bytes)!
  const at = sections.findIndex(({ id }) => id === 10)
  const { content: old } = sections[at]!
  const writer = new Writer()
  // Offsets of bodies are in the module; the section is a view of it.
  const start = old.byteOffset - module.bytes.byteOffset
  const before = index === 0 ? start + readSize(old, 0)!.end : bodyEnd(module.bodies[index - 1]!)
  writer.raw(module.bytes.subarray(start, before))
  writer.sized(content)
  writer.raw(module.bytes.subarray(bodyEnd(module.bodies[index]!), start + old.length))
  sections[at] = { id: 10, content: writer.finish(), sizeError: 0 }
  return joinSections(sections)
}

function bodyEnd({ offset, byteLength }: FunctionBody): number {
  return offset + byteLength
}
