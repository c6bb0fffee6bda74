/** What hears the frames of a transaction while it runs. Set by who explains an execution, never where blocks are decided. */
import type { Creation } from '../creation.ts'
import type { Message } from '../message.ts'
import type { MessageResult } from '../transactionContext.ts'

export interface FrameTracer {
  /** A message begins, before its value moves. */
  enterMessage(message: Message): void
  enterCreation(creation: Creation): void
  /** The innermost frame ends; `logs` are those it has emitted, inner frames' among them, however it ends. */
  leave(result: MessageResult): void
}
