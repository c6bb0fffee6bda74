/** An ordered key-value store with synchronous reads: LevelDB on a node, memory in tests, simulations and replay. */

export type StoreOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

export interface KeyRange {
  /** Inclusive. */
  readonly from: Uint8Array
  /** Exclusive. */
  readonly to: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

export interface KeyValueStore {
  /** Undefined when absent. */
  get(key: Uint8Array): Uint8Array | undefined
  /** The same of many keys, in their order, without keeping this thread. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  /** Ascending by bytes unless `reverse`. */
  range(range: KeyRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** All or nothing. With `sync`, on disk when the promise resolves. */
  batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void>
  close(): Promise<void>
}
