/** Decodes element and data segments (core specification, 5.5.12 and 5.5.14). */

import { checkLimit } from '../validationError.ts'
import { type CodeContext, decodeExpression, type InstructionBuffer } from './decodeCode.ts'
import { decodeReferenceType } from './decodeTypes.ts'
import type { DataSegment, ElementSegment, InstructionList, SegmentMode } from './module.ts'
import type { Reader } from './reader.ts'

/**
 * Expressions of elements that a module has decoded, each kept once: three bytes of `ref.null func` would else take half a
 * kilobyte every time they occur, and a module may hold 300 000 of them. Offsets are those of the first, which is the
 * first that validation sees too.
 */
export class ElementExpressions {
  readonly #known = new Map<number, InstructionList>()

  /**
   * The list with the same instruction that was here before, or this one. Only lists of one instruction and `end` are kept.
   */
  once(list: InstructionList): InstructionList {
    if (list.count !== 2) return list
    const key = list.words[0]! * 2 ** 32 + (list.words[2]! >>> 0)
    // The reference's second immediate is 0; a constant of 64 bits, which no table takes, has one, and is left as it is.
    if (list.words[3] !== 0) return list
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#known.set(key, list)
    return list
  }
}

/**
 * The kind is three bits: 0 passive or declarative, 1 an explicit table (or, with bit 0, declarative), 2 elements are
 * expressions instead of function indices.
 */
export function decodeElementSegment(
  reader: Reader,
  context: CodeContext,
  buffer: InstructionBuffer,
  known: ElementExpressions,
): ElementSegment {
  const offset = reader.position
  const kind = reader.u32()
  if (kind > 7) reader.malformed('malformed:segment-kind', `${kind} is not a kind of element segment`, offset)
  const withExpressions = (kind & 4) !== 0
  let mode: SegmentMode
  if ((kind & 1) !== 0) mode = { kind: (kind & 2) !== 0 ? 'declarative' : 'passive' }
  else {
    const index = (kind & 2) !== 0 ? reader.u32() : 0
    mode = { kind: 'active', index, start: decodeExpression(reader, context, buffer) }
  }
  if ((kind & 3) !== 0) {
    if (withExpressions) decodeReferenceType(reader)
    else if (reader.byte() !== 0) {
      reader.malformed('malformed:segment-kind', 'the elements of a segment are not functions', reader.position - 1)
    }
  }
  const countOffset = reader.position
  const count = reader.u32()
  checkLimit('segmentElements', count, context.options.limits.segmentElements, reader.at(countOffset))
  if (!withExpressions) {
    const functions: number[] = []
    for (let i = 0; i < count; i++) functions.push(reader.u32())
    return { mode, functions, expressions: null, offset }
  }
  const expressions: InstructionList[] = []
  for (let i = 0; i < count; i++) expressions.push(known.once(decodeExpression(reader, context, buffer)))
  return { mode, functions: null, expressions, offset }
}

export function decodeDataSegment(reader: Reader, context: CodeContext, buffer: InstructionBuffer): DataSegment {
  const offset = reader.position
  const kind = reader.u32()
  if (kind > 2) reader.malformed('malformed:segment-kind', `${kind} is not a kind of data segment`, offset)
  let mode: SegmentMode = { kind: 'passive' }
  if (kind !== 1) {
    const index = kind === 2 ? reader.u32() : 0
    mode = { kind: 'active', index, start: decodeExpression(reader, context, buffer) }
  }
  return { mode, bytes: reader.take(reader.u32()), offset }
}
