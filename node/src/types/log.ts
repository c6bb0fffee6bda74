export interface Log {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** 0 to 4 of 32 bytes. */
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}
