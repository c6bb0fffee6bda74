/**
 * How noise finds the end of what it has read. libp2p's decoder asks for the length of the next message until there is
 * none, which it is told by an exception with a trace of the stack: one for each piece that a socket gives, an eighth of
 * the processor time of four networks that only say votes. Here it is told a length that is not there yet.
 */
import type { MessageStream } from '@libp2p/interface'
import { NOISE_PREFIX_BYTES, noiseLength } from '../framing/wholeFrames.ts'

/** The longest message: more than is left where not even a length is. */
const NOT_THERE = 0xffff

type LengthOf = (bytes: { readonly length: number; subarray(from: number, to: number): Uint8Array }) => number

/** Another stream than noise's is left as it is. */
export function readLengthsQuietly(secured: MessageStream): void {
  const { decoder } = secured as MessageStream & { readonly decoder?: { lengthDecoder?: LengthOf } }
  if (typeof decoder?.lengthDecoder !== 'function') return
  decoder.lengthDecoder = (bytes) => {
    if (bytes.length < NOISE_PREFIX_BYTES) return NOT_THERE
    return noiseLength(bytes.subarray(0, NOISE_PREFIX_BYTES))! - NOISE_PREFIX_BYTES
  }
}
