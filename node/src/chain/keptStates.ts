/** Which of its blocks a node has the state of, and the error for the others. */
import type { Header } from '../types/header.ts'
import { ChainError } from './chainService.ts'

export interface KeptStates {
  /** Height of the oldest state that is whole, as are all from there on. */
  readonly oldest: bigint
  /** How many of the newest blocks keep their states; null: all of them, so that none goes. */
  readonly kept: bigint | null
  /** Trie nodes let go since the start. */
  readonly letGo: number
}

/** @throws ChainError `state-pruned` when the state of the block is older than the oldest there is. */
export function expectState(oldest: bigint, { number }: Pick<Header, 'number'>): void {
  if (number >= oldest) return
  throw new ChainError(
    'state-pruned',
    `missing trie node: historical state is not available, that of block ${number} was pruned: this node has the states from block ` +
      `${oldest} on; ask one that keeps all of them, which is one started with --archive`,
  )
}
