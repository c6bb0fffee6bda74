// Nothing but calls.
function fib(n: i32): i64 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}

export function run(n: i32): i64 {
  return fib(n)
}
