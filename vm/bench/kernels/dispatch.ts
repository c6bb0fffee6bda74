// Function pointers: a small object system, one call through a table per turn.
function add(a: i32, b: i32): i32 {
  return a + b
}
function mix(a: i32, b: i32): i32 {
  return (a ^ b) * 0x5bd1e995
}
function turn(a: i32, b: i32): i32 {
  return rotl<i32>(a, b & 31)
}
function pick(a: i32, b: i32): i32 {
  return a > b ? a - b : b
}

const table: StaticArray<(a: i32, b: i32) => i32> = [add, mix, turn, pick]

export function run(n: i32): i64 {
  let x = 1
  let total: i64 = 0
  for (let i = 0; i < n; i++) {
    x = unchecked(table[(x ^ i) & 3])(x, i)
    total += x
  }
  return total
}
