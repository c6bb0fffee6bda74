// Tight loops over bytes.
const SIZE: i32 = 65536

export function run(n: i32): i64 {
  const base = memory.data(65536)
  let total: i64 = 0
  for (let round = 0; round < n; round++) {
    memory.fill(base, 1, SIZE)
    for (let i = 2; i * i < SIZE; i++) {
      if (load<u8>(base + i)) for (let k = i * i; k < SIZE; k += i) store<u8>(base + k, 0)
    }
    for (let i = 2; i < SIZE; i++) total += load<u8>(base + i)
  }
  return total
}
