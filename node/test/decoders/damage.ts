/** Damaged encodings: bytes flipped, cut or added, and RLP whose items were replaced by others of another shape or size. */
import type { Random } from '@touchstone/vm/testing/random'
import { CodecError, decodeRlp, encodeRlp, type RlpItem } from '../../src/codec/rlp.ts'

export function damaged(random: Random, sample: Uint8Array): Uint8Array {
  const kind = random.below(8)
  if (kind === 0) return random.bytes(random.below(300))
  if (kind === 1) return encodeRlp(replacement(random, 4))
  if (kind < 5) {
    const item = itemOf(sample)
    if (item !== null) return encodeRlp(withReplaced(random, item))
  }
  return withBytesChanged(random, sample)
}

function withBytesChanged(random: Random, sample: Uint8Array): Uint8Array {
  let bytes: Uint8Array = sample.slice()
  // Where lengths and shapes stand, or anywhere.
  const reach = random.below(2) === 0 ? Math.min(8, bytes.length) : bytes.length
  for (let i = random.below(4); i > 0 && reach > 0; i--)
    bytes[random.below(reach)] = random.pick([0, 1, 0x7f, 0xff, random.below(256)])
  if (random.below(4) === 0) bytes = bytes.subarray(0, random.below(bytes.length + 1))
  if (random.below(8) === 0) bytes = Uint8Array.from([...bytes, ...random.bytes(1 + random.below(40))])
  return bytes
}

/** Null for what is no RLP. */
function itemOf(bytes: Uint8Array): RlpItem | null {
  try {
    return decodeRlp(bytes)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return null
  }
}

/** One item somewhere inside, strings that hold RLP of their own included. */
function withReplaced(random: Random, item: RlpItem): RlpItem {
  if (item instanceof Uint8Array) {
    const inner = item.length > 1 && random.below(2) === 0 ? itemOf(item) : null
    return inner === null ? replacement(random, 2) : encodeRlp(withReplaced(random, inner))
  }
  const kind = random.below(10)
  if (item.length === 0 || kind === 0) return replacement(random, 2)
  const at = random.below(item.length)
  if (kind === 1) return item.filter((_, i) => i !== at)
  if (kind === 2) return [...item.slice(0, at), item[at]!, ...item.slice(at)]
  return item.map((member, i) => (i === at ? withReplaced(random, member) : member))
}

const LENGTHS = [0, 0, 1, 1, 2, 4, 8, 9, 19, 20, 21, 31, 32, 33, 64, 65, 256]

function replacement(random: Random, depth: number): RlpItem {
  if (depth > 0 && random.below(4) === 0) {
    return Array.from({ length: random.below(5) }, () => replacement(random, depth - 1))
  }
  const bytes = random.pick([random.bytes(random.pick(LENGTHS)), new Uint8Array(random.pick(LENGTHS)).fill(255)])
  return random.below(4) === 0 ? new Uint8Array(bytes.length) : bytes
}
