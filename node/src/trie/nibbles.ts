/** Paths of half bytes, one nibble per byte, and their hex-prefix encoding (Yellow Paper, appendix C). */

export type Nibbles = Uint8Array

export function nibblesOf(key: Uint8Array): Nibbles {
  const nibbles = new Uint8Array(key.length * 2)
  for (let i = 0, at = 0; i < key.length; i++) {
    const byte = key[i]!
    nibbles[at++] = byte >> 4
    nibbles[at++] = byte & 15
  }
  return nibbles
}

/** The key of a path of even length. */
export function keyOfNibbles(nibbles: Nibbles): Uint8Array {
  const key = new Uint8Array(nibbles.length >> 1)
  for (let i = 0; i < key.length; i++) key[i] = (nibbles[2 * i]! << 4) | nibbles[2 * i + 1]!
  return key
}

/** How many nibbles `path` shares with `key` from `offset` on. */
export function sharedPrefixLength(path: Nibbles, key: Nibbles, offset: number): number {
  const limit = Math.min(path.length, key.length - offset)
  let length = 0
  while (length < limit && path[length] === key[offset + length]) length++
  return length
}

export function joinNibbles(a: Nibbles, b: Nibbles): Nibbles {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a, 0)
  joined.set(b, a.length)
  return joined
}

export function prependNibble(nibble: number, path: Nibbles): Nibbles {
  const joined = new Uint8Array(path.length + 1)
  joined[0] = nibble
  joined.set(path, 1)
  return joined
}

/** The first nibble holds two flags, 2 for a leaf and 1 for odd length; even paths are padded with a zero nibble. */
export function hexPrefix(path: Nibbles, isLeaf: boolean): Uint8Array {
  const isOdd = (path.length & 1) === 1
  const out = new Uint8Array((path.length >> 1) + 1)
  out[0] = (isLeaf ? 0x20 : 0) | (isOdd ? 0x10 | path[0]! : 0)
  for (let i = 1, at = isOdd ? 1 : 0; i < out.length; i++, at += 2) out[i] = (path[at]! << 4) | path[at + 1]!
  return out
}

/** Null when the bytes are no hex-prefix encoding. */
export function parseHexPrefix(bytes: Uint8Array): { readonly path: Nibbles; readonly isLeaf: boolean } | null {
  const first = bytes[0]
  if (first === undefined || first > 0x3f) return null
  const isOdd = (first & 0x10) !== 0
  if (!isOdd && (first & 0x0f) !== 0) return null
  return { path: nibblesOf(bytes).subarray(isOdd ? 1 : 2), isLeaf: (first & 0x20) !== 0 }
}
