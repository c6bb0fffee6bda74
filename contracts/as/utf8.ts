/**
 * Strings outside are UTF-8, inside AssemblyScript UTF-16. Strict both ways (RFC 3629): what is not valid UTF-8 is
 * refused when read, a lone surrogate is written as U+FFFD, so that text survives a round trip or fails loudly.
 */

/** Bytes a string takes in UTF-8. */
export function utf8Length(text: string): i32 {
  let length = 0
  for (let i = 0, k = text.length; i < k; i++) {
    const unit = <u32>text.charCodeAt(i)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (isHighSurrogate(unit) && i + 1 < k && isLowSurrogate(<u32>text.charCodeAt(i + 1))) {
      length += 4
      i++
    } else length += 3
  }
  return length
}

/** Writes a string in UTF-8 at `at`; returns the position after it. */
export function utf8Write(text: string, at: usize): usize {
  for (let i = 0, k = text.length; i < k; i++) {
    let code = <u32>text.charCodeAt(i)
    if (code < 0x80) {
      store<u8>(at++, code)
      continue
    }
    // Bits below those of the first byte, and the mark of a first byte with so many bytes after it.
    let bits: u32 = 6
    let mark: u32 = 0xc0
    if (code >= 0x800) {
      bits = 12
      mark = 0xe0
      if ((code & 0xf800) == 0xd800) {
        const low: u32 = i + 1 < k ? <u32>text.charCodeAt(i + 1) : 0
        if (isHighSurrogate(code) && isLowSurrogate(low)) {
          i++
          code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff)
          bits = 18
          mark = 0xf0
        } else code = 0xfffd
      }
    }
    store<u8>(at++, mark | (code >> bits))
    do {
      bits -= 6
      store<u8>(at++, 0x80 | ((code >> bits) & 63))
    } while (bits)
  }
  return at
}

/** Reads `length` bytes of UTF-8; null when they are not valid UTF-8. */
export function utf8Read(from: usize, length: i32): string | null {
  const text = changetype<string>(__new(<usize>length << 1, idof<string>()))
  const start = changetype<usize>(text)
  let to = start
  const end = from + length
  while (from < end) {
    const lead = <u32>load<u8>(from++)
    if (lead < 0x80) {
      store<u16>(to, lead)
      to += 2
      continue
    }
    const more: i32 = lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1
    if (more < 0 || from + more > end) return null
    let code = lead & (0x3f >> more)
    for (let i = 0; i < more; i++) {
      const next = <u32>load<u8>(from++)
      if ((next & 0xc0) != 0x80) return null
      code = (code << 6) | (next & 63)
    }
    if (more == 2 && (code < 0x800 || (code & 0xf800) == 0xd800)) return null
    if (more == 3) {
      if (code < 0x10000 || code > 0x10ffff) return null
      code -= 0x10000
      store<u16>(to, 0xd800 | (code >> 10))
      store<u16>(to, 0xdc00 | (code & 0x3ff), 2)
      to += 4
      continue
    }
    store<u16>(to, code)
    to += 2
  }
  // The string was made for one unit per byte; tell it its real size.
  store<u32>(start - 4, <u32>(to - start))
  return text
}

@inline
function isHighSurrogate(unit: u32): bool {
  return (unit & 0xfc00) == 0xd800
}

@inline
function isLowSurrogate(unit: u32): bool {
  return (unit & 0xfc00) == 0xdc00
}
