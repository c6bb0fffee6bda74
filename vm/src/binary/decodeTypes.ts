/** Decodes types (core specification, 5.3) and refuses those outside the profile. */

import { checkLimit, refuse } from '../validationError.ts'
import type { DecodeOptions } from './decode.ts'
import {
  EXTERNREF_CODE,
  F32_CODE,
  F64_CODE,
  FUNCREF_CODE,
  FUNCTION_FORM,
  I32_CODE,
  I64_CODE,
  isTypedReference,
  V128_CODE,
} from './formatCodes.ts'
import type { GlobalType, MemoryType, TableType } from './module.ts'
import type { Reader } from './reader.ts'
import type { FunctionType, ValueType } from './types.ts'

const INTEGER_TYPES: ReadonlyMap<number, ValueType> = new Map([
  [I32_CODE, 'i32'],
  [I64_CODE, 'i64'],
])

export function decodeValueType(reader: Reader, options: DecodeOptions): ValueType {
  const offset = reader.position
  const code = reader.byte()
  const integer = INTEGER_TYPES.get(code)
  if (integer !== undefined) return integer
  if (code === FUNCREF_CODE) return 'funcref'
  if (code === F32_CODE || code === F64_CODE) {
    const type = code === F32_CODE ? 'f32' : 'f64'
    if (options.floats === 'reject') refuse('float', `type ${type}`, reader.at(offset))
    return type
  }
  if (code === V128_CODE) refuse('simd', 'type v128', reader.at(offset))
  if (code === EXTERNREF_CODE) refuse('externref', 'type externref', reader.at(offset))
  if (isTypedReference(code)) refuse('gc', `type 0x${code.toString(16)}`, reader.at(offset))
  return reader.malformed('malformed:type', `0x${code.toString(16)} is not a value type`, offset)
}

/** Consumes a reference type, of which only funcref exists here. */
export function decodeReferenceType(reader: Reader): void {
  const offset = reader.position
  const code = reader.byte()
  if (code === FUNCREF_CODE) return
  if (code === EXTERNREF_CODE) refuse('externref', 'type externref', reader.at(offset))
  if (isTypedReference(code)) refuse('gc', `reference type 0x${code.toString(16)}`, reader.at(offset))
  reader.malformed('malformed:reference-type', `0x${code.toString(16)} is not a reference type`, offset)
}

export function decodeFunctionType(reader: Reader, options: DecodeOptions): FunctionType {
  const offset = reader.position
  const form = reader.byte()
  if (form === 0x4e || form === 0x4f || form === 0x50 || form === 0x5e || form === 0x5f) {
    refuse('gc', `type form 0x${form.toString(16)}`, reader.at(offset))
  }
  if (form !== FUNCTION_FORM)
    reader.malformed('malformed:type', `0x${form.toString(16)} is not the form of a function type`, offset)
  const paramCount = reader.u32()
  checkLimit('params', paramCount, options.limits.params, reader.at(offset))
  const params: ValueType[] = []
  for (let i = 0; i < paramCount; i++) params.push(decodeValueType(reader, options))
  const resultCount = reader.u32()
  checkLimit('results', resultCount, options.limits.results, reader.at(offset))
  const results: ValueType[] = []
  for (let i = 0; i < resultCount; i++) results.push(decodeValueType(reader, options))
  return { params, results }
}

export function decodeTableType(reader: Reader): TableType {
  decodeReferenceType(reader)
  const offset = reader.position
  const flags = reader.byte()
  if (flags === 4 || flags === 5) refuse('memory64', 'table', reader.at(offset))
  if (flags > 1) reader.malformed('malformed:limits', `0x${flags.toString(16)} is not a kind of table limits`, offset)
  return { min: reader.u32(), max: flags === 1 ? reader.u32() : null }
}

export function decodeMemoryType(reader: Reader): MemoryType {
  const offset = reader.position
  const flags = reader.byte()
  if (flags >= 4 && flags <= 7) refuse('memory64', 'memory', reader.at(offset))
  if (flags === 2 || flags === 3) refuse('threads', 'memory', reader.at(offset))
  if (flags > 1) reader.malformed('malformed:limits', `0x${flags.toString(16)} is not a kind of memory limits`, offset)
  return { min: reader.u32(), max: flags === 1 ? reader.u32() : null }
}

export function decodeGlobalType(reader: Reader, options: DecodeOptions): GlobalType {
  const type = decodeValueType(reader, options)
  const offset = reader.position
  const mutability = reader.byte()
  if (mutability > 1) {
    reader.malformed('malformed:mutability', `0x${mutability.toString(16)} is neither immutable nor mutable`, offset)
  }
  return { type, mutable: mutability === 1 }
}
