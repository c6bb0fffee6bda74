/**
 * Unpacking Brotli (RFC 7932) with a bound, behind a slot: the default is the one Node ships. What is accepted must not
 * depend on the implementation, so a provider says how much it read, and anything left over is refused here.
 */
import { brotliDecompressSync, constants } from 'node:zlib'

export type BrotliOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: 'malformed' | 'trailing-bytes' | 'too-long' }

/**
 * Unpacks the stream at the start of `packed`. `bytesRead` is its length. Refuses large windows (not in RFC 7932),
 * truncated streams, and output above `limit` bytes, without ever holding much more than that.
 */
export type BrotliProvider = (
  packed: Uint8Array,
  limit: number,
) =>
  | { readonly ok: true; readonly bytes: Uint8Array; readonly bytesRead: number }
  | { readonly ok: false; readonly code: 'malformed' | 'too-long' }

const zlibProvider: BrotliProvider = (packed, limit) => {
  try {
    // With `info` the result is { buffer, engine }, which the type declarations do not know.
    const result = brotliDecompressSync(packed, {
      maxOutputLength: Math.max(1, limit),
      params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 },
      info: true,
    } as Parameters<typeof brotliDecompressSync>[1]) as unknown as {
      readonly buffer: Uint8Array
      readonly engine: { readonly bytesWritten: number }
    }
    if (result.buffer.length > limit) return { ok: false, code: 'too-long' }
    // A copy as a plain array: Node's buffers come from a shared pool and slice differently.
    return { ok: true, bytes: Uint8Array.from(result.buffer), bytesRead: result.engine.bytesWritten }
  } catch (error) {
    const { code } = error as { readonly code?: string }
    return { ok: false, code: code === 'ERR_BUFFER_TOO_LARGE' ? 'too-long' : 'malformed' }
  }
}

let provider = zlibProvider

/** Puts in another implementation; it must agree with the default on every input. */
export function setBrotliProvider(replacement: BrotliProvider): void {
  provider = replacement
}

/** Unpacks exactly `packed` to at most `limit` bytes. */
export function decompressBrotli(packed: Uint8Array, limit: number): BrotliOutcome {
  const result = provider(packed, limit)
  if (!result.ok) return result
  if (result.bytesRead !== packed.length) return { ok: false, code: 'trailing-bytes' }
  return { ok: true, bytes: result.bytes }
}
