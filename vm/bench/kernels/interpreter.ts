// A little stack machine: a switch in a loop.
const CODE = memory.data<u8>([0, 1, 3, 2, 0, 4, 5, 1, 6, 2, 3, 0, 7, 4, 2, 8])
const STACK = memory.data(256)

export function run(n: i32): i64 {
  let sp: usize = STACK + 32
  let a: i64 = 1
  for (let i = 0; i < n; i++) {
    switch (load<u8>(CODE + (i & 15))) {
      case 0:
        a += i
        break
      case 1:
        store<i64>(sp, a)
        break
      case 2:
        a ^= load<i64>(sp)
        break
      case 3:
        a = a * 31 + 7
        break
      case 4:
        sp += a & 1 ? 8 : 0
        break
      case 5:
        a = rotl<i64>(a, 13)
        break
      case 6:
        if (a < 0) a = -a
        break
      case 7:
        sp = STACK + 32
        break
      default:
        a = a - (a >> 3)
    }
  }
  return a
}
