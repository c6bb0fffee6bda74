// 256-bit multiplication modulo 2^256 - 189 in eight 32-bit limbs: carries and branches.
const A = memory.data(32)
const B = memory.data(32)
const P = memory.data(64)

function multiply(): void {
  memory.fill(P, 0, 64)
  for (let i = 0; i < 8; i++) {
    let carry: u64 = 0
    const x: u64 = load<u32>(A + (<usize>i << 2))
    for (let j = 0; j < 8; j++) {
      const at = P + (<usize>(i + j) << 2)
      const t: u64 = x * <u64>load<u32>(B + (<usize>j << 2)) + <u64>load<u32>(at) + carry
      store<u32>(at, <u32>t)
      carry = t >> 32
    }
    store<u32>(P + (<usize>(i + 8) << 2), <u32>carry)
  }
}

function reduce(): void {
  let high: u64 = 1
  while (high != 0) {
    let carry: u64 = 0
    for (let i = 0; i < 8; i++) {
      const at = P + (<usize>i << 2)
      const t: u64 = <u64>load<u32>(at) + 189 * <u64>load<u32>(at, 32) + carry
      store<u32>(at, <u32>t)
      store<u32>(at, 0, 32)
      carry = t >> 32
    }
    store<u32>(P, <u32>carry, 32)
    high = carry
  }
}

export function run(n: i32): i64 {
  for (let i = 0; i < 8; i++) {
    store<u32>(A + (<usize>i << 2), 0x9e3779b9 * (i + 1))
    store<u32>(B + (<usize>i << 2), 0x85ebca6b * (i + 3))
  }
  for (let i = 0; i < n; i++) {
    multiply()
    reduce()
    memory.copy(A, P, 32)
  }
  return load<i64>(A)
}
