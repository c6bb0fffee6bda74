/** Hex text: 0x and two lower-case digits per byte. */

import { revert } from './revert'

export function hexText(from: usize, length: i32): string {
  const text = changetype<string>(__new(<usize>(length + 1) << 2, idof<string>()))
  let to = changetype<usize>(text)
  store<u32>(to, 0x00780030)
  for (let i = 0; i < length; i++) {
    const byte = <u32>load<u8>(from + i)
    to += 4
    store<u16>(to, hexDigit(byte >> 4))
    store<u16>(to, hexDigit(byte & 15), 2)
  }
  return text
}

/** Reads exactly `length` bytes of hex after 0x; reverts on anything else. */
export function parseHex(text: string, to: usize, length: i32): void {
  if (text.length != 2 + 2 * length || !text.startsWith('0x')) revert('hex text of another length is expected')
  for (let i = 0; i < length; i++) {
    const high = hexValue(<u32>text.charCodeAt(2 + 2 * i))
    const low = hexValue(<u32>text.charCodeAt(3 + 2 * i))
    if ((high | low) < 0) revert('not a hex digit')
    store<u8>(to + i, (high << 4) | low)
  }
}

function hexDigit(value: u32): u32 {
  return value < 10 ? 0x30 + value : 0x57 + value
}

function hexValue(char: u32): i32 {
  if (char >= 0x30 && char <= 0x39) return char - 0x30
  const lower = char | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
