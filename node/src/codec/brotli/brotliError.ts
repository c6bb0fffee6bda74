/** A Brotli stream that is not one: where it came from is to blame. The message says what does not hold. */
export class BrotliError extends Error {
  override readonly name = 'BrotliError'
}
