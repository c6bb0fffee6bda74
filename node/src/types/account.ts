/** RLP in the state trie: [nonce, balance, storageRoot, codeHash]. */
export interface Account {
  readonly nonce: bigint
  readonly balance: bigint
  readonly storageRoot: Uint8Array
  readonly codeHash: Uint8Array
}
