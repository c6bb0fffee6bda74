/** Notices of blocks to the parent process of a node, bounded where it does not read them. */
import { toHex, toQuantity } from './codec/hex.ts'
import type { NodeMessage } from './processMessages.ts'
import type { Block } from './types/block.ts'

/**
 * Blocks that wait for a parent which is paused perhaps, besides those that its channel holds. Of further ones it is told
 * the newest, once it has read those: the numbers say that some are missing.
 */
export const MAX_BLOCKS_UNREAD = 256

export class BlockNotices {
  readonly #send: (message: NodeMessage, onWritten: () => void) => void
  #unread = 0
  /** The newest that found no room. */
  #held: Block | null = null

  /** @param send calls `onWritten` once the channel has taken the message, or has ended */
  constructor(send: (message: NodeMessage, onWritten: () => void) => void) {
    this.#send = send
  }

  tell(block: Block): void {
    if (this.#held !== null || this.#unread === MAX_BLOCKS_UNREAD) {
      this.#held = block
      return
    }
    this.#unread++
    const { number, stateRoot, gasUsed } = block.header
    const notice = {
      number: toQuantity(number),
      hash: toHex(block.hash),
      stateRoot: toHex(stateRoot),
      gasUsed: toQuantity(gasUsed),
    }
    this.#send({ kind: 'block', ...notice }, () => this.#onWritten())
  }

  #onWritten(): void {
    this.#unread--
    const held = this.#held
    if (held === null || this.#unread > 0) return
    this.#held = null
    this.tell(held)
  }
}
