/** Text to binary with npm `wabt`. */
import wabtInit from 'wabt'

const FEATURES = {
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  extended_const: true,
  annotations: true,
  multi_memory: true,
  memory64: true,
  exceptions: true,
  function_references: true,
}

let wabt = await wabtInit()
const encoder = new TextEncoder()

export interface WatOptions {
  /** Write the name section. */
  readonly names?: boolean
}

/** @throws Error with wabt's words. */
export function watToWasm(text: string | Uint8Array, { names = false }: WatOptions = {}): Uint8Array {
  // wabt writes strings as Latin-1 and takes the whole underlying buffer: it gets an exactly sized copy of UTF-8.
  const bytes = (typeof text === 'string' ? encoder.encode(text) : text).slice()
  const module = wabt.parseWat('module.wat', bytes, FEATURES)
  try {
    return module.toBinary({ write_debug_names: names }).buffer.slice()
  } finally {
    module.destroy()
  }
}

/** As {@link watToWasm}; null for text that wabt cannot convert. A crash of wabt is survived by starting it anew. */
export async function tryWatToWasm(text: string | Uint8Array): Promise<Uint8Array | null> {
  try {
    return watToWasm(text)
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('parseWat failed'))) wabt = await wabtInit()
    return null
  }
}
