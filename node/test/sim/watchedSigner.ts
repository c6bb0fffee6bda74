/** A signer that tells when it disowns a message, which nobody but a twin can have made: correct nodes have none. */
import type { Signer } from '../../src/consensus/signing/signer.ts'

/**
 * `onDisowned` is told of each. Null: the node is not correct and overlooks them, as a twin that stops when it hears the
 * other is no attacker.
 */
export function watchedSigner(signer: Signer, onDisowned: ((height: bigint) => void) | null): Signer {
  return {
    ...signer,
    disowns(content) {
      if (onDisowned === null || !signer.disowns(content)) return false
      onDisowned(content.height)
      return true
    },
  }
}
