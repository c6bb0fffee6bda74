/**
 * Whether bytes are UTF-8 as Unicode defines it (table 3-7 of the standard: no overlong forms, no surrogates, nothing
 * above U+10FFFF). Our own, because a host's decoder tells by an exception, and a caller that catches that may catch a
 * failure of the machine with it.
 */
export function isUtf8(bytes: Uint8Array): boolean {
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at++]!
    if (lead < 0x80) continue
    const following = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0
    if (following === 0 || at + following > bytes.length) return false
    // The first following byte has narrower bounds after some leads.
    const second = bytes[at]!
    const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < least || second > most) return false
    for (let i = 1; i < following; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return false
    at += following
  }
  return true
}
