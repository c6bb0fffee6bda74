// Nested counted loops over words.
const N: i32 = 48

export function run(n: i32): i64 {
  const a = memory.data(9216)
  const b = memory.data(9216)
  const c = memory.data(9216)
  for (let i = 0; i < N * N; i++) {
    store<i32>(a + (<usize>i << 2), i * 7 + 1)
    store<i32>(b + (<usize>i << 2), i * 13 + 5)
  }
  let sum: i64 = 0
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) {
        let cell: i32 = 0
        for (let k = 0; k < N; k++) cell += load<i32>(a + (<usize>(i * N + k) << 2)) * load<i32>(b + (<usize>(k * N + j) << 2))
        store<i32>(c + (<usize>(i * N + j) << 2), cell)
      }
    }
    sum += load<i32>(c + (<usize>(round % (N * N)) << 2))
  }
  return sum
}
