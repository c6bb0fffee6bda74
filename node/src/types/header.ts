/** Block header: the London fields and hash of Ethereum, with ommers empty, difficulty 0 and nonce 0. */
export interface Header {
  readonly parentHash: Uint8Array
  /** keccak256(rlp([])): there are no ommers. */
  readonly ommersHash: Uint8Array
  /** 20 bytes: the original proposer's fee recipient. */
  readonly miner: Uint8Array
  readonly stateRoot: Uint8Array
  readonly transactionsRoot: Uint8Array
  readonly receiptsRoot: Uint8Array
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly difficulty: bigint
  readonly number: bigint
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Seconds since the Unix epoch; at least the parent's. */
  readonly timestamp: bigint
  /** 32 bytes: hash of the validator set that decides this height. */
  readonly extraData: Uint8Array
  /**
   * 32 zero bytes when the same validators decide the next height, else the hash of those who do; in block 0 the hash of
   * the chain's parameters (docs/protocol/genesis.md).
   */
  readonly mixHash: Uint8Array
  /** 8 zero bytes. */
  readonly nonce: Uint8Array
  /** Wei per gas. */
  readonly baseFeePerGas: bigint
}
