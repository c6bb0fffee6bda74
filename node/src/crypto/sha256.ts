import { slots } from './provider.ts'

/** SHA-256 (FIPS 180-4). 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return slots.sha256(data)
}
