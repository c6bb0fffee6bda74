/**
 * Reading an i32 from memory. The compiler marks the load as signed, which means nothing for four bytes into an i32.
 * Binaryen keeps the mark when it widens: it turns i64.extend_i32_u(i32.load), which is `<u64><u32>field`, into
 * i64.load32_s. Where the sign is to be extended it sets the mark itself.
 */

import type { Method, Module } from '../internals.ts'
import { internals as as } from '../internals.ts'

/** For `Module#load(bytes, signed, address, type, offset, align, memory)`. */
export function loadWithoutMark(original: Method): Method {
  return function (this: Module, bytes: number, signed: boolean, address: number, type: number, ...rest: unknown[]) {
    const means = !(bytes === 4 && type === as.TypeRef.I32)
    return original.call(this, bytes, signed && means, address, type, ...rest)
  }
}
