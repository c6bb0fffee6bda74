// The permutation of Keccak: 64-bit lanes in memory, rotations, small counted loops.
const S = memory.data(200)
const C = memory.data(40)
const ROTATIONS = memory.data<u8>([1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44])
const LANES = memory.data<u8>([10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1])

// @ts-ignore: decorator
@inline
function lane(i: i32): usize {
  return S + (<usize>i << 3)
}

function round(constant: u64): void {
  for (let x = 0; x < 5; x++) {
    const column = load<u64>(lane(x)) ^ load<u64>(lane(x + 5)) ^ load<u64>(lane(x + 10)) ^ load<u64>(lane(x + 15)) ^ load<u64>(lane(x + 20))
    store<u64>(C + (<usize>x << 3), column)
  }
  for (let x = 0; x < 5; x++) {
    const d = load<u64>(C + (<usize>((x + 4) % 5) << 3)) ^ rotl<u64>(load<u64>(C + (<usize>((x + 1) % 5) << 3)), 1)
    for (let y = 0; y < 25; y += 5) store<u64>(lane(y + x), load<u64>(lane(y + x)) ^ d)
  }
  let moved = load<u64>(lane(1))
  for (let i = 0; i < 24; i++) {
    const to = <i32>load<u8>(LANES + i)
    const next = load<u64>(lane(to))
    store<u64>(lane(to), rotl<u64>(moved, load<u8>(ROTATIONS + i)))
    moved = next
  }
  for (let y = 0; y < 25; y += 5) {
    const a = load<u64>(lane(y)), b = load<u64>(lane(y + 1)), c = load<u64>(lane(y + 2))
    const d = load<u64>(lane(y + 3)), e = load<u64>(lane(y + 4))
    store<u64>(lane(y), a ^ (~b & c))
    store<u64>(lane(y + 1), b ^ (~c & d))
    store<u64>(lane(y + 2), c ^ (~d & e))
    store<u64>(lane(y + 3), d ^ (~e & a))
    store<u64>(lane(y + 4), e ^ (~a & b))
  }
  store<u64>(S, load<u64>(S) ^ constant)
}

export function run(n: i32): i64 {
  memory.fill(S, 0, 200)
  for (let i = 0; i < n; i++) {
    let constant: u64 = 0x8000000080008081
    for (let k = 0; k < 24; k++) {
      round(constant)
      constant = rotl<u64>(constant, 7) ^ k
    }
  }
  return load<i64>(S)
}
