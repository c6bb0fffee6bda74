/**
 * How much work a Brotli stream may ask for. Its length says little: 39 bits describe a prefix code of 704 symbols, and
 * a whole stream may consist of such descriptions and unpack to nothing. So the decoder counts, in units that depend on
 * the stream alone, and refuses a stream that asks for more than its bytes, packed and unpacked, account for. The
 * figures are consensus (docs/protocol/execution.md, "Code"): a stream is refused on all nodes or on none.
 *
 * Why it is so: docs/rationale/replay.md.
 */
import { BrotliError } from './brotliError.ts'

/** Each meta-block, whatever it holds. */
export const META_BLOCK_WORK = 8
/** Each prefix code: the table it is decoded by. */
export const PREFIX_CODE_WORK = 32
/** Besides, for each symbol of the alphabet of a code that is described by the lengths of its words (section 3.5). */
export const CODE_LENGTH_WORK = 1
/** Each entry of a context map. */
export const CONTEXT_WORK = 1
/** Besides, for each entry of one that is written move to front. */
export const MOVE_TO_FRONT_WORK = 2
/** Each switch to another block type. */
export const BLOCK_SWITCH_WORK = 2
/** Each command. */
export const COMMAND_WORK = 1
/** Each word of the static dictionary, which a transform may reduce to nothing. */
export const WORD_WORK = 16

/**
 * Units that any stream may ask for. A unit takes some 20 ns; of 4 400 streams that real encoders made of real modules, none
 * asked for more than these and 1.5 for each byte.
 */
export const FREE_WORK = 8_192
/** Units more for each byte of the stream, and for each byte it has unpacked to so far. */
export const WORK_PER_BYTE = 4

/** The work that one stream has asked for so far. */
export class Work {
  readonly #packedBytes: number
  readonly #output: { readonly length: number }
  spent = 0

  constructor(packedBytes: number, output: { readonly length: number }) {
    this.#packedBytes = packedBytes
    this.#output = output
  }

  /** Called before what it counts is done. @throws BrotliError when the stream asks for more than it may. */
  add(units: number): void {
    this.spent += units
    if (this.spent > FREE_WORK + WORK_PER_BYTE * (this.#packedBytes + this.#output.length)) {
      throw new BrotliError('too-much-work', 'more work than the bytes of the stream account for')
    }
  }
}
