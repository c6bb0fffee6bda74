/** Signatures that cost next to nothing: a checksum under the public key. Anyone could forge one; actors do not. */
import { equalBytes } from '../../src/codec/bytes.ts'
import type { SigningKey } from '../../src/consensus/signing/signer.ts'
import { ed25519PublicKey } from '../../src/crypto/ed25519.ts'

const keys: SigningKey[] = []

/** The public key is a real one, as the validator registry demands; made once for all runs. */
export function simKey(index: number): SigningKey {
  const known = keys[index]
  if (known !== undefined) return known
  const publicKey = ed25519PublicKey(new Uint8Array(32).fill(index + 1))
  const key: SigningKey = { publicKey, sign: (message) => simSign(publicKey, message) }
  keys[index] = key
  return key
}

export function simVerify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return equalBytes(signature, simSign(publicKey, message))
}

/** Four lanes of FNV-1a over the message, started from the key. */
function simSign(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const lanes = [publicKey[0]! | (publicKey[1]! << 8) | (publicKey[2]! << 16), 0x811c9dc5, 0x01234567, 0x0badcafe]
  for (let index = 0; index < message.length; index++) {
    const lane = index & 3
    lanes[lane] = Math.imul((lanes[lane]! ^ message[index]!) + lanes[(lane + 1) & 3]!, 0x01000193) >>> 0
  }
  const signature = new Uint8Array(64)
  const view = new DataView(signature.buffer)
  for (const [index, lane] of lanes.entries()) view.setUint32(4 * index, lane, false)
  return signature
}
