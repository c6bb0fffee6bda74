/** The parameters every node of a chain must share. Its JSON form is documented in docs/protocol/genesis.md. */
export interface GenesisValidator {
  /** ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly power: bigint
  /** 20 bytes: where this validator's tips go. */
  readonly feeRecipient: Uint8Array
  /** 20 bytes: the account that votes on changes of the set. All validators of a genesis have one, or none has. */
  readonly operator?: Uint8Array
}

/** The identity of a chain. The genesis hash alone would do; the id is what wallets sign for. */
export interface ChainIdentity {
  readonly chainId: bigint
  /** Hash of block 0, 32 bytes: commits to the whole genesis. */
  readonly genesisHash: Uint8Array
}

export interface Genesis {
  readonly chainId: bigint
  /** Seconds since the Unix epoch. */
  readonly timestamp: bigint
  /** Block gas limit, constant for the chain. */
  readonly gasLimit: bigint
  /** Base fee of block 1, wei per gas. */
  readonly baseFeePerGas: bigint
  /** Name of the instruction schedule, see vm/src/metering/schedule.ts. */
  readonly schedule: string
  readonly validators: readonly GenesisValidator[]
  readonly alloc: readonly GenesisAccount[]
  /** Present: the chain is in dev mode (docs/protocol/dev.md). */
  readonly dev?: GenesisDev
}

/** An account of block 0. */
export interface GenesisAccount {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** Wei. */
  readonly balance: bigint
  /** 0 unless said. */
  readonly nonce?: bigint
  /** As an account holds it: what a creation would store (docs/protocol/artifacts.md, "Code"). */
  readonly code?: Uint8Array
  /** 32 bytes each; values other than zero. */
  readonly storage?: readonly { readonly slot: Uint8Array; readonly value: Uint8Array }[]
}

export interface GenesisDev {
  /** 20 bytes: address of the key that signs dev transactions. */
  readonly controller: Uint8Array
}

/** Whether the set can be changed by transactions: all validators have an operator. */
export function hasOperators({ validators }: Pick<Genesis, 'validators'>): boolean {
  return validators.every(({ operator }) => operator !== undefined)
}
