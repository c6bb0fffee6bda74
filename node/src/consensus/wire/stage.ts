/**
 * The height of a message, by the first fields of its encoding (messages.ts): the network asks for it before anything is
 * decoded. A node sends a proposal or a vote of its own height alone, as it passes on none of another. A certificate says
 * nothing of its sender, which passes it on when it is behind, too.
 */
import type { Topic } from '../../network/network.ts'

const LIST = 0xc0
/** The longest integer that a number holds whatever its bytes are. */
const MAX_INTEGER_BYTES = 6

/** Null for all but proposals and votes, and from height 2 ** 48 on. Of what is no message the answer means nothing. */
export function stageOf(topic: Topic, message: Uint8Array): number | null {
  if (topic !== 'consensus') return null
  const [list] = lengths(message, 0)
  const attempt = list + 1
  const [prefix, content] = lengths(message, attempt)
  return integer(message, attempt + prefix + content)
}

/** Bytes of the prefix of the item at `at`, and of what it holds. */
function lengths(bytes: Uint8Array, at: number): readonly [prefix: number, content: number] {
  const first = bytes[at] ?? 0
  if (first < 0x80) return [0, 1]
  const short = first - (first >= LIST ? LIST : 0x80)
  if (short < 56) return [1, short]
  let length = 0
  for (let i = 1; i <= short - 55; i++) length = length * 256 + (bytes[at + i] ?? 0)
  return [1 + short - 55, length]
}

function integer(bytes: Uint8Array, at: number): number | null {
  const [prefix, length] = lengths(bytes, at)
  if (length > MAX_INTEGER_BYTES || at + prefix + length > bytes.length || bytes[at]! >= LIST) return null
  let value = 0
  for (let i = at + prefix; i < at + prefix + length; i++) value = value * 256 + bytes[i]!
  return value
}
