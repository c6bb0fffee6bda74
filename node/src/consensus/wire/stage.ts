/**
 * The height of a message, by the first fields of its encoding (messages.ts): the network asks for it before anything is
 * decoded. A node sends a proposal or a vote of its own height alone, as it passes on none of another. A certificate says
 * nothing of its sender, which passes it on when it is behind, too.
 */
import { bytesToBigint } from '../../codec/bytes.ts'
import { CodecError, decodeRlpFirstStrings } from '../../codec/rlp.ts'
import type { Topic } from '../../network/network.ts'

/** The longest integer that a number holds whatever its bytes are. */
const MAX_INTEGER_BYTES = 6

/** Null for all but proposals and votes, and from height 2 ** 48 on. Of what is no message the answer means nothing. */
export function stageOf(topic: Topic, message: Uint8Array): number | null {
  if (topic !== 'consensus') return null
  try {
    const [, , height] = decodeRlpFirstStrings(message, 3)
    return height!.length > MAX_INTEGER_BYTES ? null : Number(bytesToBigint(height!))
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return null
  }
}
