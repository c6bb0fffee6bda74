/** Data of traces as text, no more of it than an answer may have. */
import { toHex } from '../../../codec/hex.ts'
import { responseTooLarge } from '../../errors.ts'
import type { RpcLimits } from '../../limits.ts'
import type { Hex } from '../quantities.ts'

export type HexText = (bytes: Uint8Array) => Hex

/**
 * For all the traces of one answer together. A trace may hold several times as much as an answer, and a muxTracer shows it
 * several times: its text is made on the thread that consensus runs on, so it is given up where it gets too long, and not
 * when all of it is there. The text it gives throws RpcError.
 */
export function boundedHex({ maxResponseLength }: Pick<RpcLimits, 'maxResponseLength'>): HexText {
  let left = maxResponseLength
  return (bytes) => {
    left -= 2 * bytes.length
    if (left < 0) throw responseTooLarge(maxResponseLength)
    return toHex(bytes)
  }
}
