// Quicksort: recursion, loops that data ends.
const SIZE: i32 = 4096
const D = memory.data(16384)

// @ts-ignore: decorator
@inline
function at(i: i32): usize {
  return D + (<usize>i << 2)
}

function sort(low: i32, high: i32): void {
  if (low >= high) return
  const pivot = load<i32>(at((low + high) >> 1))
  let i = low
  let k = high
  while (i <= k) {
    while (load<i32>(at(i)) < pivot) i++
    while (load<i32>(at(k)) > pivot) k--
    if (i <= k) {
      const kept = load<i32>(at(i))
      store<i32>(at(i), load<i32>(at(k)))
      store<i32>(at(k), kept)
      i++
      k--
    }
  }
  sort(low, k)
  sort(i, high)
}

export function run(n: i32): i64 {
  let seed: u32 = 1
  let sum: i64 = 0
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < SIZE; i++) {
      seed = seed * 1664525 + 1013904223
      store<i32>(at(i), seed >> 1)
    }
    sort(0, SIZE - 1)
    sum += load<i32>(at(round & (SIZE - 1)))
  }
  return sum
}
