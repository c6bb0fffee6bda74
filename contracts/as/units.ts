/** Amounts of ether and lengths of time, as Solidity's units. */

import { U256 } from './math/u256'
import { panic, PanicCode } from './revert'

/** So many ether, in wei: `require(msg.value >= ether(1), 'too little')`. */
export function ether(n: u64): U256 {
  return U256.from(n) * U256.from(1_000_000_000_000_000_000)
}

/** So many gwei, in wei. */
export function gwei(n: u64): U256 {
  return U256.from(n) * U256.from(1_000_000_000)
}

/** So many minutes, in seconds. */
export function minutes(n: u64): u64 {
  return times(n, 60)
}

/** So many hours, in seconds. */
export function hours(n: u64): u64 {
  return times(n, 3_600)
}

/** So many days of 24 hours, in seconds. */
export function days(n: u64): u64 {
  return times(n, 86_400)
}

/** So many weeks of seven days, in seconds. */
export function weeks(n: u64): u64 {
  return times(n, 604_800)
}

@inline
function times(n: u64, seconds: u64): u64 {
  if (n > u64.MAX_VALUE / seconds) panic(PanicCode.overflow)
  return n * seconds
}
