/**
 * The compression function F of BLAKE2b (RFC 7693, section 3.2) with a free number of rounds: EIP-152.
 * 64-bit words are pairs of 32-bit halves, low half first; BigInt would be some twenty times slower.
 */

/** rounds 4 || h 64 || m 128 || t 16 || final 1. */
export const BLAKE2F_INPUT_LENGTH = 213

/** Rounds asked for by an input of the right length: also its price in gas. */
export function blake2fRounds(input: Uint8Array): number {
  return new DataView(input.buffer, input.byteOffset, input.byteLength).getUint32(0, false)
}

/** EIP-152's input to its 64-byte output; null when the length or the final flag is wrong. */
export function blake2f(input: Uint8Array): Uint8Array | null {
  if (input.length !== BLAKE2F_INPUT_LENGTH) return null
  const final = input[212]!
  if (final > 1) return null
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const rounds = view.getUint32(0, false)
  const v = new Uint32Array(32)
  const m = new Uint32Array(32)
  for (let i = 0; i < 16; i++) v[i] = view.getUint32(4 + 4 * i, true)
  for (let i = 0; i < 32; i++) m[i] = view.getUint32(68 + 4 * i, true)
  v.set(INITIAL, 16)
  for (let i = 0; i < 4; i++) v[24 + i]! ^= view.getUint32(196 + 4 * i, true)
  if (final === 1) {
    v[28] = ~v[28]!
    v[29] = ~v[29]!
  }
  for (let round = 0; round < rounds; round++) {
    const s = SIGMA[round % 10]!
    mix(v, 0, 8, 16, 24, m, s[0]!, s[1]!)
    mix(v, 2, 10, 18, 26, m, s[2]!, s[3]!)
    mix(v, 4, 12, 20, 28, m, s[4]!, s[5]!)
    mix(v, 6, 14, 22, 30, m, s[6]!, s[7]!)
    mix(v, 0, 10, 20, 30, m, s[8]!, s[9]!)
    mix(v, 2, 12, 22, 24, m, s[10]!, s[11]!)
    mix(v, 4, 14, 16, 26, m, s[12]!, s[13]!)
    mix(v, 6, 8, 18, 28, m, s[14]!, s[15]!)
  }
  const out = new Uint8Array(64)
  const outView = new DataView(out.buffer)
  for (let i = 0; i < 16; i++) outView.setUint32(4 * i, view.getUint32(4 + 4 * i, true) ^ v[i]! ^ v[16 + i]!, true)
  return out
}

/** The mixing function G on the words at a, b, c, d (offsets of low halves) with message words x and y. */
function mix(v: Uint32Array, a: number, b: number, c: number, d: number, m: Uint32Array, x: number, y: number): void {
  let al = v[a]!
  let ah = v[a + 1]!
  let bl = v[b]!
  let bh = v[b + 1]!
  let cl = v[c]!
  let ch = v[c + 1]!
  let dl = v[d]!
  let dh = v[d + 1]!

  let low = al + bl + m[2 * x]!
  ah = (ah + bh + m[2 * x + 1]! + carry(low)) >>> 0
  al = low >>> 0
  // d = (d ^ a) >>> 32: the halves change places.
  let swap = (dl ^ al) >>> 0
  dl = (dh ^ ah) >>> 0
  dh = swap
  low = cl + dl
  ch = (ch + dh + carry(low)) >>> 0
  cl = low >>> 0
  // b = (b ^ c) >>> 24
  let el = bl ^ cl
  let eh = bh ^ ch
  bl = ((el >>> 24) | (eh << 8)) >>> 0
  bh = ((eh >>> 24) | (el << 8)) >>> 0

  low = al + bl + m[2 * y]!
  ah = (ah + bh + m[2 * y + 1]! + carry(low)) >>> 0
  al = low >>> 0
  // d = (d ^ a) >>> 16
  el = dl ^ al
  eh = dh ^ ah
  dl = ((el >>> 16) | (eh << 16)) >>> 0
  dh = ((eh >>> 16) | (el << 16)) >>> 0
  low = cl + dl
  ch = (ch + dh + carry(low)) >>> 0
  cl = low >>> 0
  // b = (b ^ c) >>> 63: one bit to the left.
  el = bl ^ cl
  eh = bh ^ ch
  swap = ((el << 1) | (eh >>> 31)) >>> 0
  bh = ((eh << 1) | (el >>> 31)) >>> 0
  bl = swap

  v[a] = al
  v[a + 1] = ah
  v[b] = bl
  v[b + 1] = bh
  v[c] = cl
  v[c + 1] = ch
  v[d] = dl
  v[d + 1] = dh
}

/** The carry of a sum of up to three 32-bit halves; exact, because it stays far below 2^53. */
function carry(sum: number): number {
  return sum >= 0x200000000 ? 2 : sum >= 0x100000000 ? 1 : 0
}

/** The initial vector, SHA-512's (RFC 7693, section 2.6), low half first. */
const INITIAL = Uint32Array.from([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a, 0xade682d1,
  0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
])

/** The message schedule (RFC 7693, section 2.7). */
const SIGMA: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]
