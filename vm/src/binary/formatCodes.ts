/** Bytes of the binary format (core specification, chapter 5) that readers and writers share. Opcodes are in opcodes.ts. */

/** `\0asm`, and version 1. */
export const PREAMBLE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** Value types (5.3), those that are refused too. */
export const I32_CODE = 0x7f
export const I64_CODE = 0x7e
export const F32_CODE = 0x7d
export const F64_CODE = 0x7c
export const V128_CODE = 0x7b
export const FUNCREF_CODE = 0x70
export const EXTERNREF_CODE = 0x6f

/** The form of a function type. */
export const FUNCTION_FORM = 0x60

/** Block type of a block without parameters and results. */
export const EMPTY_BLOCK_CODE = 0x40

/** Shorthands of heap types of the garbage-collection and exception proposals, and the prefixes `ref null` and `ref`. */
export function isTypedReference(code: number): boolean {
  return code === 0x63 || code === 0x64 || (code >= 0x69 && code <= 0x6e) || (code >= 0x71 && code <= 0x74)
}
