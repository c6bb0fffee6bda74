/** Brotli streams as RFC 7932 has them, dictionary included. */
import { type BrotliOutcome, decodeStream } from './decode.ts'
import { dictionaryWord } from './dictionary.ts'

/** Unpacks exactly `packed`, one stream, to at most `limit` bytes, without ever holding more than that. */
export function decompressBrotli(packed: Uint8Array, limit: number): BrotliOutcome {
  return decodeStream(packed, limit, dictionaryWord)
}
