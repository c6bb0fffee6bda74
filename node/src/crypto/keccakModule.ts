/**
 * Keccak-f[1600] (FIPS 202, section 3) as a module of WebAssembly, written out here instruction by instruction: engines have
 * 64-bit rotations for WebAssembly and none for JavaScript.
 *
 * The module exports its memory, one page, and `hash(blocks)`: absorbs so many blocks of {@link RATE} bytes at
 * {@link INPUT_OFFSET} into an empty state and leaves the first 32 bytes of it at {@link OUTPUT_OFFSET}. Padding is the
 * caller's.
 */

/** Bytes of a block of Keccak-256. */
export const RATE = 136
export const INPUT_OFFSET = 256
export const OUTPUT_OFFSET = 192
export const MEMORY_BYTES = 65_536

const LANES = 25
const ROUNDS = 24
const RATE_LANES = RATE / 8

// Locals of the function: the parameter, two counters, and lanes of 64 bits.
const BLOCKS = 0
const AT = 1
const ROUND = 2
/** The state, lane (x, y) at x + 5 y. */
const A = 3
/** After rho and pi. */
const B = A + LANES
/** Parities of the columns. */
const C = B + LANES
/** Effect of theta on a column. */
const D = C + 5

const op = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  load64: 0x29,
  store64: 0x37,
  const32: 0x41,
  const64: 0x42,
  less32: 0x49,
  add32: 0x6a,
  sub32: 0x6b,
  and64: 0x83,
  xor64: 0x85,
  rotateLeft64: 0x89,
} as const
const NO_RESULT = 0x40
const I32 = 0x7f
const I64 = 0x7e
/** Of a load or store, as a power of two: 8 bytes. */
const ALIGNMENT = 3

export function keccakModule(): Uint8Array<ArrayBuffer> {
  const type = [1, 0x60, 1, I32, 0]
  const exports = [2, ...name('memory'), 2, 0, ...name('hash'), 0, 0]
  const constants = roundConstants()
  const data = [1, 0, op.const32, 0, op.end, ...unsigned(constants.length), ...constants]
  const code = body()
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, type),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, 1, 1]),
    ...section(7, exports),
    ...section(10, [1, ...unsigned(code.length), ...code]),
    ...section(11, data),
  ])
}

function body(): number[] {
  const code: number[] = [2, 2, I32, 2 * LANES + 10, I64]
  const get = (local: number) => code.push(op.get, local)
  const set = (local: number) => code.push(op.set, local)
  const lane = (x: number, y: number) => (x % 5) + 5 * (y % 5)
  /** 64-bit word at the address on the stack, and so many bytes further. */
  const load = (further: number) => code.push(op.load64, ALIGNMENT, ...unsigned(further))

  code.push(op.loop, NO_RESULT)
  for (let i = 0; i < RATE_LANES; i++) {
    get(AT)
    load(INPUT_OFFSET + 8 * i)
    get(A + i)
    code.push(op.xor64)
    set(A + i)
  }
  get(AT)
  code.push(op.const32, ...signed(RATE), op.add32)
  set(AT)
  code.push(op.const32, 0)
  set(ROUND)

  code.push(op.loop, NO_RESULT)
  // Theta.
  for (let x = 0; x < 5; x++) {
    get(A + x)
    for (let y = 1; y < 5; y++) {
      get(A + lane(x, y))
      code.push(op.xor64)
    }
    set(C + x)
  }
  for (let x = 0; x < 5; x++) {
    get(C + ((x + 4) % 5))
    get(C + ((x + 1) % 5))
    code.push(op.const64, 1, op.rotateLeft64, op.xor64)
    set(D + x)
  }
  // Theta's effect, rho and pi at once: each lane is turned and takes its new place.
  const turns = rotations()
  for (let x = 0; x < 5; x++) {
    for (let y = 0; y < 5; y++) {
      get(A + lane(x, y))
      get(D + x)
      code.push(op.xor64)
      const by = turns[lane(x, y)]!
      if (by !== 0) code.push(op.const64, ...signed(by), op.rotateLeft64)
      set(B + lane(y, 2 * x + 3 * y))
    }
  }
  // Chi.
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 5; x++) {
      get(B + lane(x + 1, y))
      code.push(op.const64, ...signed(-1), op.xor64)
      get(B + lane(x + 2, y))
      code.push(op.and64)
      get(B + lane(x, y))
      code.push(op.xor64)
      set(A + lane(x, y))
    }
  }
  // Iota, by the constants at the beginning of the memory.
  get(ROUND)
  load(0)
  get(A)
  code.push(op.xor64)
  set(A)
  get(ROUND)
  code.push(op.const32, 8, op.add32, op.tee, ROUND, op.const32, ...signed(8 * ROUNDS), op.less32, op.brIf, 0, op.end)

  get(BLOCKS)
  code.push(op.const32, 1, op.sub32, op.tee, BLOCKS, op.brIf, 0, op.end)
  for (let i = 0; i < 4; i++) {
    code.push(op.const32, 0)
    get(A + i)
    code.push(op.store64, ALIGNMENT, ...unsigned(OUTPUT_OFFSET + 8 * i))
  }
  code.push(op.end)
  return code
}

/** By how much rho turns each lane: the triangular numbers along the path of pi. */
function rotations(): number[] {
  const turns = new Array<number>(LANES).fill(0)
  let [x, y] = [1, 0]
  for (let t = 0; t < LANES - 1; t++) {
    turns[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return turns
}

/** Bytes of the 24 constants of iota, from a shift register of 8 bits: bit 2^j - 1 of each is its next output. */
function roundConstants(): number[] {
  const bytes = new Array<number>(8 * ROUNDS).fill(0)
  let register = 1
  for (let round = 0; round < ROUNDS; round++) {
    for (let j = 0; j <= 6; j++) {
      const bit = 2 ** j - 1
      if ((register & 1) === 1) bytes[8 * round + (bit >> 3)]! |= 1 << (bit & 7)
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1
    }
  }
  return bytes
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function name(text: string): number[] {
  return [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))]
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest & 0x7f]
}
