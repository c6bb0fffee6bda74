/** The messages between a command that debugs and the thread that executes. */
import type { RerunTask } from '@touchstone/node/rerun'
import type { Deployment } from '../contracts/deployments.ts'
import type { Move, Outcome, Question, Stop } from './protocol.ts'

export interface ThreadTask {
  readonly task: RerunTask
  /** Names by address, in lower case. */
  readonly names: ReadonlyMap<string, string>
  readonly deployments: readonly Deployment[]
  /** Words of {@link FLAGS}. */
  readonly flags: Int32Array
}

/** Places of shared words: how many messages were sent, and 1 while it is to stop. */
export const FLAGS = { sent: 0, pause: 1 } as const

export type ToThread =
  | { readonly kind: 'move'; readonly move: Move }
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'quit' }

export type FromThread =
  | { readonly kind: 'prepared'; readonly outcome: Outcome; readonly steps: number; readonly hasFault: boolean }
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'progress'; readonly step: number }
  /** It cannot be executed here. */
  | { readonly kind: 'refused'; readonly message: string }
