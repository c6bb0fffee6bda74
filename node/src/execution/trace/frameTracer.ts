/**
 * The listener to the frames of a transaction while it runs. Explanations of an execution set one, decisions about
 * blocks never do.
 */
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
