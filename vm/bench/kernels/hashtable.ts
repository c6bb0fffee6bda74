// Open addressing: unpredictable loads, short loops that data ends, a small function per access.
const BITS: u32 = 12
const MASK: u32 = (1 << BITS) - 1
const T = memory.data(32768)

function slot(key: u32): usize {
  let i: u32 = (key * 0x9e3779b1) >> (32 - BITS)
  let found = load<u32>(T + (<usize>i << 3))
  while (found != key && found != 0) {
    i = (i + 1) & MASK
    found = load<u32>(T + (<usize>i << 3))
  }
  return T + (<usize>i << 3)
}

export function run(n: i32): i64 {
  memory.fill(T, 0, 32768)
  let seed: u32 = 7
  let sum: i64 = 0
  for (let i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223
    const at = slot(((seed >> 9) & 2047) + 1)
    store<u32>(at, ((seed >> 9) & 2047) + 1)
    store<u32>(at, load<u32>(at, 4) + i, 4)
    sum += load<u32>(at, 4)
  }
  return sum
}
