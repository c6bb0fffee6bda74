/** Encodes instruction lists and function bodies. The opposite of decodeCode.ts. */

import { EMPTY_BLOCK, valueBlock } from './decodeCode.ts'
import { EMPTY_BLOCK_CODE, FUNCREF_CODE, I32_CODE } from './formatCodes.ts'
import { type FunctionBody, type InstructionList, WORDS } from './module.ts'
import { INSTRUCTIONS, PREFIX, PREFIXED_BASE, VALUE_TYPES } from './opcodes.ts'
import type { ValueType } from './types.ts'
import { Writer } from './writer.ts'

export function valueTypeCode(type: ValueType): number {
  return type === 'funcref' ? FUNCREF_CODE : I32_CODE - VALUE_TYPES.indexOf(type)
}

export function encodeBody({ locals, code }: FunctionBody): Uint8Array {
  const writer = new Writer()
  const runs: { type: ValueType; count: number }[] = []
  for (const type of locals) {
    const last = runs.at(-1)
    if (last?.type === type) last.count++
    else runs.push({ type, count: 1 })
  }
  writer.u32(runs.length)
  for (const { type, count } of runs) {
    writer.u32(count)
    writer.byte(valueTypeCode(type))
  }
  encodeExpression(writer, code)
  return writer.finish()
}

export function encodeExpression(writer: Writer, list: InstructionList): void {
  for (let i = 0; i < list.count; i++) encodeInstruction(writer, list, i)
}

function encodeInstruction(writer: Writer, { words, labels }: InstructionList, i: number): void {
  const op = words[i * WORDS]!
  const a = words[i * WORDS + 2]!
  const b = words[i * WORDS + 3]!
  if (op >= PREFIXED_BASE) {
    writer.byte(PREFIX)
    writer.u32(op - PREFIXED_BASE)
  } else writer.byte(op)
  switch (INSTRUCTIONS[op]!.immediates) {
    case 'none':
      break
    case 'block':
      if (a >= 0) writer.s32(a)
      else writer.byte(a === EMPTY_BLOCK ? EMPTY_BLOCK_CODE : valueTypeCode(valueBlock(a)))
      break
    case 'label':
    case 'function':
    case 'local':
    case 'global':
    case 'table':
    case 'element':
    case 'data':
      writer.u32(a)
      break
    case 'labels':
      writer.u32(b)
      for (let k = 0; k <= b; k++) writer.u32(labels[a + k]!)
      break
    case 'type-table':
    case 'table-table':
    case 'element-table':
      writer.u32(a)
      writer.u32(b)
      break
    case 'types':
      writer.byte(1)
      writer.byte(valueTypeCode(VALUE_TYPES[a]!))
      break
    case 'memory-argument':
      writer.u32(b)
      writer.u32(a)
      break
    case 'memory':
      writer.byte(0)
      break
    case 'memory-memory':
      writer.byte(0)
      writer.byte(0)
      break
    case 'data-memory':
      writer.u32(a)
      writer.byte(0)
      break
    case 'i32':
      writer.s32(a)
      break
    case 'i64':
      writer.s64(a, b)
      break
    case 'f32':
      writer.word(a)
      break
    case 'f64':
      writer.word(a)
      writer.word(b)
      break
    case 'heap-type':
      writer.byte(FUNCREF_CODE)
  }
}
