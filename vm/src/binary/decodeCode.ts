/**
 * Decodes instructions and function bodies (core specification, 5.4 and 5.5.13) into flat lists, matching every `end`
 * with its block and refusing instructions outside the profile.
 */

import { checkLimit, refuse, ValidationError } from '../validationError.ts'
import type { DecodeOptions } from './decode.ts'
import { decodeValueType } from './decodeTypes.ts'
import { type FunctionBody, type InstructionList, WORDS } from './module.ts'
import {
  INSTRUCTIONS,
  type InstructionInfo,
  PREFIX,
  PREFIXED_BASE,
  PREFIXED_COUNT,
  REFUSED_OPCODES,
  VALUE_TYPES,
} from './opcodes.ts'
import type { Reader } from './reader.ts'
import type { ValueType } from './types.ts'

/** Block types in the word `a`: a type index, {@link EMPTY_BLOCK}, or {@link valueBlock} of a value type. */
export const EMPTY_BLOCK = -64

/** The value type of a block type in (-64, 0): -1 is the first of {@link VALUE_TYPES}. */
export function valueBlock(a: number): ValueType {
  return VALUE_TYPES[-1 - a]!
}

/** The facts of earlier sections that the decoder of code needs. */
export interface CodeContext {
  readonly typeCount: number
  readonly hasDataCount: boolean
  readonly options: DecodeOptions
}

/** A growing buffer, shared by all bodies of a module so that each list is allocated once, at its size. */
export class InstructionBuffer {
  words = new Int32Array(1024)
  count = 0
  labels: number[] = []

  push(op: number, offset: number, a: number, b: number): void {
    const at = this.count * WORDS
    if (at === this.words.length) {
      const wider = new Int32Array(this.words.length * 2)
      wider.set(this.words)
      this.words = wider
    }
    this.words[at] = op
    this.words[at + 1] = offset
    this.words[at + 2] = a
    this.words[at + 3] = b
    this.count++
  }

  take(): InstructionList {
    const list = {
      words: this.words.slice(0, this.count * WORDS),
      count: this.count,
      labels: Uint32Array.from(this.labels),
    }
    this.count = 0
    this.labels = []
    return list
  }
}

export function decodeBody(
  reader: Reader,
  context: CodeContext,
  buffer: InstructionBuffer,
  functionIndex: number,
): FunctionBody {
  reader.functionIndex = functionIndex
  const sizeOffset = reader.position
  const byteLength = reader.u32()
  const offset = reader.position
  if (byteLength > reader.end - offset) {
    reader.malformed('malformed:unexpected-end', 'a function body goes past the end of its section', sizeOffset)
  }
  checkLimit('bodyBytes', byteLength, context.options.limits.bodyBytes, reader.at(sizeOffset))
  const sectionEnd = reader.end
  reader.end = offset + byteLength
  const locals = decodeLocals(reader, context.options)
  const code = decodeExpression(reader, context, buffer)
  if (!reader.atEnd) reader.malformed('malformed:body-size', 'a function body has bytes after its end')
  reader.end = sectionEnd
  reader.functionIndex = null
  return { locals, code, offset, byteLength }
}

function decodeLocals(reader: Reader, options: DecodeOptions): readonly ValueType[] {
  const offset = reader.position
  const runs: [number, ValueType][] = []
  let total = 0
  const runCount = reader.u32()
  for (let i = 0; i < runCount; i++) {
    const count = reader.u32()
    total += count
    if (total > 0xffffffff) reader.malformed('malformed:local-count', 'more than 2^32 - 1 locals', offset)
    runs.push([count, decodeValueType(reader, options)])
  }
  checkLimit('locals', total, options.limits.locals, reader.at(offset))
  return runs.flatMap(([count, type]) => new Array<ValueType>(count).fill(type))
}

/** Decodes instructions up to the `end` that closes the expression, which is part of the list. */
export function decodeExpression(reader: Reader, context: CodeContext, buffer: InstructionBuffer): InstructionList {
  /** Positions of the open blocks and ifs, innermost last. */
  const open: number[] = []
  let loops = 0
  for (;;) {
    const offset = reader.position
    const info = decodeOpcode(reader, context)
    reader.instruction = info.name
    const at = buffer.count
    switch (info.op) {
      case 0x05: {
        // else
        const opener = open.at(-1)
        if (opener === undefined || buffer.words[opener * WORDS] !== 0x04 /* if */) {
          reader.malformed('malformed:block', 'else without an if', offset)
        }
        buffer.words[opener * WORDS + 3] = at
        open[open.length - 1] = at
        buffer.push(info.op, offset, buffer.words[opener * WORDS + 2]!, 0)
        break
      }
      case 0x0b: {
        // end
        buffer.push(info.op, offset, 0, 0)
        const opener = open.pop()
        if (opener === undefined) {
          reader.instruction = null
          return buffer.take()
        }
        buffer.words[opener * WORDS + 3] = at
        if (buffer.words[opener * WORDS] === 0x03 /* loop */) loops--
        break
      }
      default:
        decodeImmediates(reader, context, buffer, info, offset)
        if (info.immediates === 'block') {
          open.push(at)
          checkLimit('nesting', open.length, context.options.limits.nesting, reader.at(offset))
          if (info.op === 0x03 /* loop */) {
            checkLimit('loopNesting', ++loops, context.options.limits.loopNesting, reader.at(offset))
          }
        }
    }
    reader.instruction = null
  }
}

function decodeOpcode(reader: Reader, context: CodeContext): InstructionInfo {
  const offset = reader.position
  const code = reader.byte()
  let op = code
  if (code === PREFIX) {
    const sub = reader.u32()
    if (sub >= PREFIXED_COUNT) {
      // 0xFC 19..22 are 128-bit arithmetic, which no engine ships; no refusal of its own.
      reader.malformed('malformed:opcode', `0xfc ${sub} is not an instruction`, offset)
    }
    op = PREFIXED_BASE + sub
  } else if (code >= PREFIXED_BASE) op = -1
  const info = INSTRUCTIONS[op]
  if (info === undefined) {
    const refused = REFUSED_OPCODES.get(code)
    if (refused !== undefined) {
      reader.instruction = refused.name
      refuse(refused.feature, 'an instruction', reader.at(offset))
    }
    return reader.malformed('malformed:opcode', `0x${code.toString(16)} is not an instruction`, offset)
  }
  if (info.feature === 'float' && context.options.floats === 'reject') {
    reader.instruction = info.name
    refuse('float', 'an instruction', reader.at(offset))
  }
  return info
}

function decodeImmediates(
  reader: Reader,
  context: CodeContext,
  buffer: InstructionBuffer,
  info: InstructionInfo,
  offset: number,
): void {
  let a = 0
  let b = 0
  switch (info.immediates) {
    case 'none':
      break
    case 'block':
      a = decodeBlockType(reader, context)
      break
    case 'label':
    case 'function':
    case 'local':
    case 'global':
    case 'table':
    case 'element':
      a = reader.u32()
      break
    case 'data':
      a = reader.u32()
      requireDataCount(reader, context, offset)
      break
    case 'labels': {
      b = reader.u32()
      checkLimit('branchTableTargets', b, context.options.limits.branchTableTargets, reader.at(offset))
      a = buffer.labels.length
      for (let i = 0; i <= b; i++) buffer.labels.push(reader.u32())
      break
    }
    case 'type-table':
    case 'table-table':
    case 'element-table':
      a = reader.u32()
      b = reader.u32()
      break
    case 'types': {
      const count = reader.u32()
      if (count !== 1) {
        const hint = 'a typed select chooses between values of exactly one type'
        const problem = `a select lists ${count} types`
        throw new ValidationError('invalid:select-type', problem, hint, reader.at(offset), null)
      }
      a = VALUE_TYPES.indexOf(decodeValueType(reader, context.options))
      break
    }
    case 'memory-argument':
      b = reader.u32()
      if (b >= 0x40 && b < 0x80) refuse('multi-memory', 'an instruction', reader.at(offset))
      if (b >= 0x40) reader.malformed('malformed:memory-argument', `0x${b.toString(16)} is not an alignment`, offset)
      a = reader.u32()
      break
    case 'memory':
      decodeMemoryIndex(reader, offset)
      break
    case 'memory-memory':
      decodeMemoryIndex(reader, offset)
      decodeMemoryIndex(reader, offset)
      break
    case 'data-memory':
      a = reader.u32()
      decodeMemoryIndex(reader, offset)
      requireDataCount(reader, context, offset)
      break
    case 'i32':
      a = reader.s32()
      break
    case 'i64': {
      const [low, high] = reader.s64()
      a = low
      b = high
      break
    }
    case 'f32':
      a = reader.word()
      break
    case 'f64':
      a = reader.word()
      b = reader.word()
      break
    case 'heap-type':
      decodeHeapType(reader)
      break
  }
  buffer.push(info.op, offset, a, b)
}

function requireDataCount(reader: Reader, context: CodeContext, offset: number): void {
  if (!context.hasDataCount) {
    reader.malformed('malformed:data-count', 'a data segment is used without a data count section', offset)
  }
}

function decodeMemoryIndex(reader: Reader, offset: number): void {
  if (reader.u32() !== 0) refuse('multi-memory', 'an instruction', reader.at(offset))
}

/** Block types are a single negative byte (0x40 empty, or a value type) or a non-negative type index. */
function decodeBlockType(reader: Reader, context: CodeContext): number {
  const offset = reader.position
  const first = reader.byte()
  if (first === 0x40) return EMPTY_BLOCK
  reader.position = offset
  if ((first & 0xc0) === 0x40) return -1 - VALUE_TYPES.indexOf(decodeValueType(reader, context.options))
  const index = reader.s33()
  if (index < 0) reader.malformed('malformed:type', 'a block type is neither a value type nor a type index', offset)
  if (index >= context.typeCount) {
    const hint = `the module has ${context.typeCount} types`
    throw new ValidationError('invalid:unknown-type', `unknown type ${index}`, hint, reader.at(offset), null)
  }
  return index
}

function decodeHeapType(reader: Reader): void {
  const offset = reader.position
  const heapType = reader.s33()
  if (heapType === -0x10) return
  if (heapType === -0x11) refuse('externref', 'ref.null extern', reader.at(offset))
  if (heapType >= 0 || (heapType >= -0x17 && heapType <= -0x0c)) refuse('gc', 'ref.null', reader.at(offset))
  reader.malformed('malformed:reference-type', 'ref.null of something that is not a heap type', offset)
}
