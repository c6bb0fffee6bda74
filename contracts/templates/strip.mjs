// A module without its custom sections: names and debug information, each byte of which would be paid for on the chain.
const HEADER_BYTES = 8
const CUSTOM_SECTION = 0

/** @param {Uint8Array} module */
export function stripped(module) {
  const parts = [module.subarray(0, HEADER_BYTES)]
  for (let at = HEADER_BYTES; at < module.length; ) {
    // The id of the section, its length (LEB128), its contents.
    let length = 0
    let contents = at + 1
    for (let scale = 1, goesOn = true; goesOn; scale *= 128) {
      const byte = module[contents++]
      length += (byte & 127) * scale
      goesOn = byte > 127
    }
    if (module[at] !== CUSTOM_SECTION) parts.push(module.subarray(at, contents + length))
    at = contents + length
  }
  return Buffer.concat(parts)
}
