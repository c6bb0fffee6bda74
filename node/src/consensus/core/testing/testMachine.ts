/** For tests: the state machine of validator 3 of four, driven by short calls, telling what it did in short words. */
import { type Effect, type Input, newHeight, step, type TendermintState } from '../tendermint.ts'
import { createValidatorSet } from '../validatorSet.ts'
import type { BlockId, Step, VoteType } from '../vote.ts'

export const HEIGHT = 4n
export const SELF = 3
export const VALIDATORS = createValidatorSet(
  [0, 1, 2, 3].map((index) => ({
    publicKey: new Uint8Array(32).fill(index + 1),
    power: 1n,
    feeRecipient: new Uint8Array(20),
  })),
)
export const SIGNATURE = new Uint8Array(64)

/** Drives a machine and remembers what it did since the last look. */
export class Machine {
  state: TendermintState
  #effects: Effect[] = []

  constructor(self: number | null = SELF) {
    this.state = newHeight(HEIGHT, VALIDATORS, self)
  }

  input(input: Input): this {
    const { state, effects } = step(this.state, input)
    this.state = state
    this.#effects.push(...effects)
    return this
  }

  start(): this {
    return this.input({ kind: 'start' })
  }

  proposal(round: number, id: BlockId, validRound = -1, more: { timely?: boolean; validator?: number } = {}): this {
    const { timely = true, validator = round % 4 } = more
    const statement = { height: HEIGHT, round, id, validRound, contentsHash: new Uint8Array(32) }
    const proposal = { ...statement, validator, signature: SIGNATURE, timely }
    return this.input({ kind: 'proposal', proposal })
  }

  votes(type: VoteType, round: number, id: BlockId | null, validators: readonly number[], height = HEIGHT): this {
    for (const validator of validators) {
      this.input({ kind: 'vote', vote: { type, height, round, id, validator, signature: SIGNATURE } })
    }
    return this
  }

  prevotes(round: number, id: BlockId | null, validators: readonly number[]): this {
    return this.votes('prevote', round, id, validators)
  }

  precommits(round: number, id: BlockId | null, validators: readonly number[]): this {
    return this.votes('precommit', round, id, validators)
  }

  valid(id: BlockId, valid = true): this {
    return this.input({ kind: 'validity', id, valid })
  }

  timeout(timed: Step, round: number): this {
    return this.input({ kind: 'timeout', step: timed, round })
  }

  /** Effects since the last call, as short words. */
  did(): string[] {
    const effects = this.#effects
    this.#effects = []
    return effects.map(word)
  }
}

function word(effect: Effect): string {
  switch (effect.kind) {
    case 'vote':
      return `${effect.type} ${effect.round} ${effect.id ?? 'nil'}`
    case 'propose':
      return effect.value === null
        ? `propose ${effect.round}`
        : `propose ${effect.round} ${effect.value.id}@${effect.value.round}`
    case 'schedule':
      return `schedule ${effect.step} ${effect.round}`
    case 'decide':
      return `decide ${effect.value.id}@${effect.value.round}`
    case 'validate':
      return `validate ${effect.id}`
    case 'new-round':
      return `round ${effect.round}`
    default:
      return effect.kind
  }
}
