/** Why code is refused at its creation. The author is to blame; the message is the creation's error, told in full. */

export type CodeErrorCode =
  /** Neither WebAssembly nor init code this chain knows. */
  | 'unknown-format'
  | 'init-code-too-large'
  | 'code-too-large'
  | 'length-mismatch'
  | 'unsupported-version'
  | 'unsupported-dictionary'
  | 'unsupported-code-format'
  | 'bad-compression'
  /** Of a contract in fragments: the root, what it names, or a fragment where a contract has to be. */
  | 'bad-fragments'
  | 'module-too-large'
  /** The module breaks a rule of the VM (ValidationError). */
  | 'invalid-module'
  /** The module is valid, but not a contract (AbiError). */
  | 'not-a-contract'

export interface CodeError {
  readonly code: CodeErrorCode
  readonly message: string
}

/** Bytes shown of what was not understood. */
const SHOWN_BYTES = 8

/** The first bytes as hex, for a message. */
export function shownBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing'
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `0x${shown}${bytes.length > SHOWN_BYTES ? '...' : ''}`
}
