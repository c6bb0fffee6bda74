/**
 * Tendermint's state machine for one height: Algorithm 1 of Buchman, Kwon and Milosevic, "The latest gossip on BFT
 * consensus" (arXiv:1807.04938v3). Comments `L22` and so on are its lines.
 *
 * Pure: `step(state, input)` gives a new state and the effects the caller has to carry out; no clock, disk, network,
 * randomness or cryptography. Signatures were checked before a message gets here. `valid(v)` takes long (a block is
 * executed), so it is asked for by an effect, and the rules that need it wait for the answer.
 *
 * Differences from the paper, and why it is the same protocol:
 * - Powers instead of counts: see validatorSet.ts.
 * - L52-L54 (the next height) are the caller's: it commits the block, then makes a new state and starts it when the
 *   application has work. Until `start` only a decision (L49) can happen.
 * - The proposer has a propose timeout too. The paper takes getValue() for granted; ours may fail.
 * - L58 reads `step = prevote` in the paper, an erratum for `propose`.
 * - A value is new (L22) or re-proposed (L28) by a signed valid round; conflicting messages are kept and counted, and
 *   reported as evidence.
 * - Messages of rounds far ahead are bounded: see futureRounds.ts.
 */
import { noteFarRound } from './futureRounds.ts'
import { proposerIndex } from './proposer.ts'
import { EMPTY_ROUND, type RoundLog, roundPower, supportOf } from './roundLog.ts'
import { includesCorrect, isQuorum, powerOf, type ValidatorSet } from './validatorSet.ts'
import type { BlockId, Proposal, Step, Vote, VoteType } from './vote.ts'
import { addVote, powerFor, storedVote, useOfVote, type VoteUse, votesFor } from './voteSet.ts'

/** Proposals of rounds further ahead than this wait for the sender to repeat them: each may hold a block of megabytes. */
export const FUTURE_PROPOSAL_ROUNDS = 2
/** Two prove an equivocation; more are taken only for a value that f + 1 of the round's votes are for. */
export const MAX_PROPOSALS_PER_ROUND = 2

export interface RoundValue {
  readonly id: BlockId
  readonly round: number
}

export interface TendermintState {
  readonly height: bigint
  readonly validators: ValidatorSet
  /** Index of this node, null when it only follows. */
  readonly self: number | null
  /** -1 before `start`. */
  readonly round: number
  readonly step: Step
  readonly locked: RoundValue | null
  readonly valid: RoundValue | null
  readonly decision: RoundValue | null
  readonly rounds: ReadonlyMap<number, RoundLog>
  /** valid(v), as far as the caller has told. */
  readonly validity: ReadonlyMap<BlockId, boolean>
  /** Ids whose validity was asked for. */
  readonly asked: ReadonlySet<BlockId>
  /** Each validator's newest round beyond the window of futureRounds.ts. */
  readonly farRounds: ReadonlyMap<number, number>
}

export type Input =
  | { readonly kind: 'start' }
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'validity'; readonly id: BlockId; readonly valid: boolean }
  | { readonly kind: 'timeout'; readonly step: Step; readonly round: number }

export type Effect =
  /** Sign and broadcast a proposal; a null id means getValue(). */
  | { readonly kind: 'propose'; readonly round: number; readonly value: RoundValue | null }
  /** Sign, remember and broadcast a vote, then hand it back as an input. */
  | { readonly kind: 'vote'; readonly type: VoteType; readonly round: number; readonly id: BlockId | null }
  | { readonly kind: 'schedule'; readonly step: Step; readonly round: number }
  /** Answer with a `validity` input. */
  | { readonly kind: 'validate'; readonly id: BlockId }
  | { readonly kind: 'decide'; readonly value: RoundValue }
  | { readonly kind: 'new-round'; readonly round: number }
  | { readonly kind: 'conflicting-votes'; readonly first: Vote; readonly second: Vote }
  | { readonly kind: 'conflicting-proposals'; readonly first: Proposal; readonly second: Proposal }

export interface Transition {
  readonly state: TendermintState
  readonly effects: readonly Effect[]
}

/** The memory of a height that was under way when the node stopped; see signer.ts. */
export interface RestoredHeight {
  readonly round: number
  readonly step: Step
  readonly locked: RoundValue | null
  readonly valid: RoundValue | null
}

/** L1-L9, or the state that was saved. */
export function newHeight(
  height: bigint,
  validators: ValidatorSet,
  self: number | null,
  restored: RestoredHeight | null = null,
): TendermintState {
  return {
    height,
    validators,
    self,
    round: restored?.round ?? -1,
    step: restored?.step ?? 'propose',
    locked: restored?.locked ?? null,
    valid: restored?.valid ?? null,
    decision: null,
    rounds: new Map(),
    validity: new Map(),
    asked: new Set(),
    farRounds: new Map(),
  }
}

export function step(state: TendermintState, input: Input): Transition {
  if (state.decision !== null) return { state, effects: [] }
  const effects: Effect[] = []
  let next = state
  switch (input.kind) {
    case 'start': // L10
      if (state.round < 0) next = startRound(state, 0, effects)
      break
    case 'proposal':
      next = recordProposal(state, input.proposal, effects)
      break
    case 'vote':
      next = recordVote(state, input.vote, effects)
      break
    case 'validity':
      next = { ...state, validity: new Map(state.validity).set(input.id, input.valid) }
      break
    case 'timeout':
      next = onTimeout(state, input.step, input.round, effects)
      break
  }
  return { state: applyRules(next, effects), effects }
}

export function proposerOf(state: TendermintState, round: number): number {
  return proposerIndex(state.validators, state.height, round)
}

export function roundLog(state: TendermintState, round: number): RoundLog {
  return state.rounds.get(round) ?? EMPTY_ROUND
}

/** Whether a vote would change anything: asked before its signature is checked, and again when it is recorded. */
export function useOfVoteIn(state: TendermintState, vote: Omit<Vote, 'signature'>): VoteUse {
  if (vote.height !== state.height) return 'excess'
  const log = roundLog(state, vote.round)
  const use = useOfVote(vote.type === 'prevote' ? log.prevotes : log.precommits, vote)
  if (use === 'new' && noteFarRound(state, vote.validator, vote.round) === null) return 'excess'
  return use
}

/** The counted vote of the same validator for the same value, step and round. */
export function storedVoteIn(state: TendermintState, vote: Omit<Vote, 'signature'>): Vote | undefined {
  if (vote.height !== state.height) return undefined
  const log = roundLog(state, vote.round)
  return storedVote(vote.type === 'prevote' ? log.prevotes : log.precommits, vote)
}

/** Whether a proposal would change anything. */
export function useOfProposalIn(
  state: TendermintState,
  proposal: { readonly round: number; readonly id: BlockId; readonly validRound: number },
): VoteUse {
  const { round, id } = proposal
  if (round > Math.max(state.round, 0) + FUTURE_PROPOSAL_ROUNDS) return 'excess'
  const log = roundLog(state, round)
  if (storedProposalIn(state, proposal) !== undefined) return 'duplicate'
  // One is enough of a round that is over: it may still be decided (L49).
  if (log.proposals.length < (round >= state.round ? MAX_PROPOSALS_PER_ROUND : 1)) return 'new'
  // A value that may have a quorum must get in, however many proposals a Byzantine proposer sent before.
  const known = log.proposals.some((other) => other.id === id)
  return !known && includesCorrect(state.validators, supportOf(log, id)) ? 'new' : 'excess'
}

/** The proposal that was taken in for the same round, value and valid round. */
export function storedProposalIn(
  state: TendermintState,
  { round, id, validRound }: { readonly round: number; readonly id: BlockId; readonly validRound: number },
): Proposal | undefined {
  return roundLog(state, round).proposals.find((known) => known.id === id && known.validRound === validRound)
}

// L11-L21
function startRound(state: TendermintState, round: number, effects: Effect[]): TendermintState {
  effects.push({ kind: 'new-round', round })
  if (proposerOf(state, round) === state.self) {
    effects.push({ kind: 'propose', round, value: state.valid }) // L15-L19
  }
  effects.push({ kind: 'schedule', step: 'propose', round }) // L21
  return { ...state, round, step: 'propose' } // L12-L13
}

// L57-L67
function onTimeout(state: TendermintState, timed: Step, round: number, effects: Effect[]): TendermintState {
  if (round !== state.round) return state // L58, L62, L66
  if (timed === 'propose' && state.step === 'propose') return castVote(state, 'prevote', null, effects) // L59-L60
  if (timed === 'prevote' && state.step === 'prevote') return castVote(state, 'precommit', null, effects) // L63-L64
  if (timed === 'precommit') return startRound(state, round + 1, effects) // L67
  return state
}

function castVote(state: TendermintState, type: VoteType, id: BlockId | null, effects: Effect[]): TendermintState {
  if (state.self !== null) effects.push({ kind: 'vote', type, round: state.round, id })
  return { ...state, step: type }
}

function recordProposal(state: TendermintState, proposal: Proposal, effects: Effect[]): TendermintState {
  if (proposal.height !== state.height || proposal.validator !== proposerOf(state, proposal.round)) return state
  if (useOfProposalIn(state, proposal) !== 'new') return state
  const log = roundLog(state, proposal.round)
  const earlier = log.proposals[0]
  if (earlier !== undefined) effects.push({ kind: 'conflicting-proposals', first: earlier, second: proposal })
  return withRound(state, proposal.round, { ...log, proposals: [...log.proposals, proposal] })
}

function recordVote(before: TendermintState, vote: Vote, effects: Effect[]): TendermintState {
  if (useOfVoteIn(before, vote) !== 'new') return before
  const state = { ...before, ...noteFarRound(before, vote.validator, vote.round) }
  const log = roundLog(state, vote.round)
  const field = vote.type === 'prevote' ? 'prevotes' : 'precommits'
  const added = addVote(log[field], vote, powerOf(state.validators, vote.validator))
  if (added.conflicting !== null) {
    effects.push({ kind: 'conflicting-votes', first: added.conflicting, second: vote })
  }
  return withRound(state, vote.round, { ...log, [field]: added.set })
}

function withRound(state: TendermintState, round: number, log: RoundLog): TendermintState {
  return { ...state, rounds: new Map(state.rounds).set(round, log) }
}

type Rule = (state: TendermintState, effects: Effect[]) => TendermintState

/** Runs the "upon" rules until none applies. Each changes the state when it applies, and so ends by itself. */
function applyRules(start: TendermintState, effects: Effect[]): TendermintState {
  let state = start
  for (;;) {
    const before = state
    state = decide(state, effects)
    if (state.decision !== null) return state
    if (state.round >= 0) for (const rule of ROUND_RULES) state = rule(state, effects)
    if (state === before) return state
  }
}

/** valid(v): true, false, or asked for. */
function validity(state: TendermintState, id: BlockId, effects: Effect[]): [TendermintState, boolean | undefined] {
  const known = state.validity.get(id)
  if (known !== undefined || state.asked.has(id)) return [state, known]
  effects.push({ kind: 'validate', id })
  return [{ ...state, asked: new Set(state.asked).add(id) }, undefined]
}

// L49-L51: upon PROPOSAL(h, r, v, *) from proposer(h, r) and 2f + 1 PRECOMMIT(h, r, id(v)), for any round r
function decide(start: TendermintState, effects: Effect[]): TendermintState {
  let state = start
  for (const [round, log] of state.rounds) {
    for (const { id } of log.proposals) {
      if (!isQuorum(state.validators, powerFor(log.precommits, id))) continue
      const [asked, valid] = validity(state, id, effects)
      state = asked
      if (valid !== true) continue // L50
      const value = { id, round }
      effects.push({ kind: 'decide', value })
      return { ...state, decision: value } // L51
    }
  }
  return state
}

// L55-L56: upon f + 1 messages of a later round
const skipRound: Rule = (state, effects) => {
  let target = state.round
  for (const [round, log] of state.rounds) {
    if (round > target && includesCorrect(state.validators, roundPower(log, state.validators))) target = round
  }
  return target === state.round ? state : startRound(state, target, effects)
}

// L22-L27: upon PROPOSAL(h, round, v, -1) while step = propose
const prevoteNewValue: Rule = (start, effects) => {
  if (start.step !== 'propose') return start
  const proposal = roundLog(start, start.round).proposals.find((candidate) => candidate.validRound === -1)
  if (proposal === undefined) return start
  const [state, valid] = validity(start, proposal.id, effects)
  if (valid === undefined) return state
  const free = state.locked === null || state.locked.id === proposal.id
  const accepted = valid && proposal.timely && free // L23
  return castVote(state, 'prevote', accepted ? proposal.id : null, effects) // L24, L26, L27
}

// L28-L33: upon PROPOSAL(h, round, v, vr) and 2f + 1 PREVOTE(h, vr, id(v)) while step = propose and 0 <= vr < round
const prevoteReproposed: Rule = (start, effects) => {
  if (start.step !== 'propose') return start
  for (const { id, validRound } of roundLog(start, start.round).proposals) {
    if (validRound < 0 || validRound >= start.round) continue
    if (!isQuorum(start.validators, powerFor(roundLog(start, validRound).prevotes, id))) continue
    const [state, valid] = validity(start, id, effects)
    if (valid === undefined) return state
    const free = state.locked === null || state.locked.round <= validRound || state.locked.id === id
    return castVote(state, 'prevote', valid && free ? id : null, effects) // L29-L33
  }
  return start
}

// L34-L35: upon 2f + 1 PREVOTE(h, round, *) while step = prevote, for the first time
const schedulePrevoteTimeout: Rule = (state, effects) => {
  const log = roundLog(state, state.round)
  if (state.step !== 'prevote' || log.prevoteTimeout || !isQuorum(state.validators, log.prevotes.power)) return state
  effects.push({ kind: 'schedule', step: 'prevote', round: state.round })
  return withRound(state, state.round, { ...log, prevoteTimeout: true })
}

// L36-L43: upon PROPOSAL(h, round, v, *) and 2f + 1 PREVOTE(h, round, id(v)) while valid(v) and step >= prevote, once
const precommitPolka: Rule = (start, effects) => {
  const log = roundLog(start, start.round)
  if (start.step === 'propose' || log.polka) return start
  let state = start
  for (const { id } of log.proposals) {
    if (!isQuorum(state.validators, powerFor(log.prevotes, id))) continue
    const [asked, valid] = validity(state, id, effects)
    state = asked
    if (valid !== true) continue
    const value = { id, round: state.round }
    state = withRound(state, state.round, { ...log, polka: true })
    if (state.step === 'prevote') {
      state = castVote({ ...state, locked: value }, 'precommit', id, effects) // L38-L41
    }
    return { ...state, valid: value } // L42-L43
  }
  return state
}

// L44-L46: upon 2f + 1 PREVOTE(h, round, nil) while step = prevote
const precommitNil: Rule = (state, effects) => {
  if (state.step !== 'prevote') return state
  const { prevotes } = roundLog(state, state.round)
  return isQuorum(state.validators, powerFor(prevotes, null)) ? castVote(state, 'precommit', null, effects) : state
}

// L47-L48: upon 2f + 1 PRECOMMIT(h, round, *), for the first time
const schedulePrecommitTimeout: Rule = (state, effects) => {
  const log = roundLog(state, state.round)
  if (log.precommitTimeout || !isQuorum(state.validators, log.precommits.power)) return state
  effects.push({ kind: 'schedule', step: 'precommit', round: state.round })
  return withRound(state, state.round, { ...log, precommitTimeout: true })
}

const ROUND_RULES: readonly Rule[] = [
  skipRound,
  prevoteNewValue,
  prevoteReproposed,
  precommitPolka,
  precommitNil,
  schedulePrevoteTimeout,
  schedulePrecommitTimeout,
]

/** The prevotes for a value in a round: a polka certificate when they are a quorum. Ascending by validator. */
export function polkaOf(state: TendermintState, value: RoundValue): readonly Vote[] {
  return votesFor(roundLog(state, value.round).prevotes, value.id)
}

/** The precommits for a value in a round: what a commit certificate is made of. Ascending by validator. */
export function precommitsOf(state: TendermintState, value: RoundValue): readonly Vote[] {
  return votesFor(roundLog(state, value.round).precommits, value.id)
}
