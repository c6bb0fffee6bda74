/**
 * The validators of each height, and how they change: each validator of the genesis has an operator account, and a
 * change is in force from a stated height on once operators of more than two thirds of the power have approved it
 * (docs/protocol/consensus.md, "Changes of the validator set"). Pure: a registry and a call give a registry or a fault.
 *
 * A change is scheduled at least {@link MIN_NOTICE} heights before it takes effect. So the set of height h + 1 follows from
 * the state after block h - 1, and a header can commit to it before its block is executed.
 *
 * Why it is so: docs/rationale/consensus.md.
 */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import { isEd25519PublicKey } from '../../crypto/ed25519.ts'
import type { GenesisValidator } from '../../types/genesis.ts'
import { MAX_VALIDATOR_POWER, MAX_VALIDATORS } from '../../types/genesisCodec.ts'

/** Heights from the block that schedules a change to the first it counts for. */
export const MIN_NOTICE = 2n
/**
 * Heights from the block that proposes a change to the last it may be for: a change is decided by those whom it concerns.
 */
export const MAX_NOTICE = 1_000_000n
/** Scheduled and not in force yet. */
export const MAX_SCHEDULED = 64

export interface RegisteredValidator extends GenesisValidator {
  /** 20 bytes: the account that votes with the validator's power. */
  readonly operator: Uint8Array
}

export interface ValidatorChange {
  readonly id: bigint
  /** The validator as it is to be; without power it leaves. */
  readonly validator: RegisteredValidator
  /** The first height it counts for. */
  readonly height: bigint
  readonly proposer: Uint8Array
  /** Operators, in the order of their approval. */
  readonly approvals: readonly Uint8Array[]
  readonly isScheduled: boolean
}

export interface ValidatorRegistry {
  /** In force before any of the changes. */
  readonly validators: readonly RegisteredValidator[]
  /** Ascending by id. */
  readonly changes: readonly ValidatorChange[]
  readonly nextId: bigint
}

export type RegistryOutcome =
  | { readonly ok: true; readonly registry: ValidatorRegistry; readonly change: ValidatorChange }
  /** Why not, for the caller. */
  | { readonly ok: false; readonly reason: string }

/** Null when the genesis names no operators: then the set is fixed. */
export function initialRegistry(validators: readonly GenesisValidator[]): ValidatorRegistry | null {
  const registered = validators.flatMap(({ publicKey, power, feeRecipient, operator }) =>
    operator === undefined ? [] : [{ publicKey, power, feeRecipient, operator }],
  )
  return registered.length < validators.length ? null : { validators: registered, changes: [], nextId: 1n }
}

/** The set that decides `height`. */
export function validatorsAt(registry: ValidatorRegistry, height: bigint): readonly RegisteredValidator[] {
  return inOrder(registry.changes)
    .filter((change) => change.height <= height)
    .reduce(applied, registry.validators)
}

/** The heights after `height` at which a scheduled change takes effect, ascending. */
export function scheduledHeights(registry: ValidatorRegistry, height: bigint): readonly bigint[] {
  const heights = inOrder(registry.changes).flatMap((change) => (change.height > height ? [change.height] : []))
  return heights.filter((each, index) => each !== heights[index - 1])
}

/** Proposes a change and approves it. A validator's operator has one open proposal: another takes its place. */
export function propose(
  before: ValidatorRegistry,
  proposer: Uint8Array,
  validator: RegisteredValidator,
  effective: bigint,
  height: bigint,
): RegistryOutcome {
  const registry = settled(before, height)
  const current = validatorsAt(registry, height)
  const fault = proposalFault(current, proposer, validator, effective, height)
  if (fault !== null) return { ok: false, reason: fault }
  const change = {
    id: registry.nextId,
    validator,
    height: effective,
    proposer,
    approvals: [],
    isScheduled: false,
  }
  const others = registry.changes.filter((other) => other.isScheduled || !equalBytes(other.proposer, proposer))
  const proposed = { ...registry, changes: [...others, change], nextId: registry.nextId + 1n }
  return approve(proposed, proposer, change.id, height)
}

/** With more than two thirds of the power of the set that decides `height`, the change is scheduled. */
export function approve(before: ValidatorRegistry, operator: Uint8Array, id: bigint, height: bigint): RegistryOutcome {
  const refuse = (reason: string): RegistryOutcome => ({ ok: false, reason })
  const registry = settled(before, height)
  const current = validatorsAt(registry, height)
  const change = registry.changes.find((each) => each.id === id)
  if (!isOperator(current, operator)) return refuse('only the operator of a validator may approve')
  if (change === undefined) return refuse(`no open change ${id}: it never was, was replaced, or ran out of time`)
  if (change.isScheduled) return refuse(`change ${id} is scheduled already`)
  if (change.approvals.some((other) => equalBytes(other, operator))) return refuse(`change ${id} has this approval`)
  const approvals = [...change.approvals, operator]
  const isScheduled = isDecided(current, approvals)
  const approved = { ...change, approvals, isScheduled }
  const next = { ...registry, changes: registry.changes.map((each) => (each.id === id ? approved : each)) }
  const fault = isScheduled ? scheduleFault(next) : null
  return fault === null ? { ok: true, registry: next, change: approved } : refuse(fault)
}

/** The voting power of each operator, by its address. */
export function operatorPowers(validators: readonly RegisteredValidator[]): ReadonlyMap<string, bigint> {
  const powers = new Map<string, bigint>()
  for (const { operator, power } of validators) {
    const key = keyOf(operator)
    powers.set(key, (powers.get(key) ?? 0n) + power)
  }
  return powers
}

/** Power of the operators that approved; each did so once. */
export function approvedPower(powers: ReadonlyMap<string, bigint>, approvals: readonly Uint8Array[]): bigint {
  return approvals.reduce((sum, operator) => sum + (powers.get(keyOf(operator)) ?? 0n), 0n)
}

function isDecided(current: readonly RegisteredValidator[], approvals: readonly Uint8Array[]): boolean {
  const total = current.reduce((sum, { power }) => sum + power, 0n)
  return approvedPower(operatorPowers(current), approvals) * 3n > total * 2n
}

/** The registry at `height`: changes in force taken in, those that can no longer be decided in time left out. */
function settled(registry: ValidatorRegistry, height: bigint): ValidatorRegistry {
  const isOpen = (change: ValidatorChange) =>
    change.isScheduled ? change.height > height : change.height >= height + MIN_NOTICE
  return { ...registry, validators: validatorsAt(registry, height), changes: registry.changes.filter(isOpen) }
}

function proposalFault(
  current: readonly RegisteredValidator[],
  proposer: Uint8Array,
  { publicKey, power, feeRecipient, operator }: RegisteredValidator,
  effective: bigint,
  height: bigint,
): string | null {
  if (!isOperator(current, proposer)) return 'only the operator of a validator may propose'
  if (!isEd25519PublicKey(publicKey)) return 'the public key is no ed25519 key, or one of small order'
  if (power > MAX_VALIDATOR_POWER) return `power ${power} is over ${MAX_VALIDATOR_POWER}`
  if (power > 0n && [feeRecipient, operator].some((address) => address.every((byte) => byte === 0))) {
    return 'fee recipient and operator must not be the zero address'
  }
  if (effective < height + MIN_NOTICE) return `height ${effective} is too soon: ${height + MIN_NOTICE} is the first`
  if (effective > height + MAX_NOTICE) return `height ${effective} is too late: ${height + MAX_NOTICE} is the last`
  return null
}

/** Every set there will be must be one that can decide. */
function scheduleFault(registry: ValidatorRegistry): string | null {
  const scheduled = inOrder(registry.changes)
  if (scheduled.length > MAX_SCHEDULED) return `${MAX_SCHEDULED} changes are scheduled; wait until one takes effect`
  let validators = registry.validators
  for (const change of scheduled) {
    const { publicKey, power } = change.validator
    if (power === 0n && !validators.some((each) => equalBytes(each.publicKey, publicKey))) {
      return `${toHex(publicKey)} cannot leave at height ${change.height}: it is no validator then`
    }
    validators = applied(validators, change)
    if (validators.length === 0) return `no validator would be left at height ${change.height}`
    if (validators.length > MAX_VALIDATORS) {
      return `there would be ${validators.length} validators at height ${change.height}; at most ${MAX_VALIDATORS}`
    }
  }
  return null
}

function isOperator(current: readonly RegisteredValidator[], address: Uint8Array): boolean {
  return current.some(({ operator }) => equalBytes(operator, address))
}

/** Scheduled changes in the order they take effect. */
function inOrder(changes: readonly ValidatorChange[]): readonly ValidatorChange[] {
  return changes
    .filter(({ isScheduled }) => isScheduled)
    .sort((a, b) => (a.height === b.height ? compare(a.id, b.id) : compare(a.height, b.height)))
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A validator that stays keeps its place; one that joins comes last. */
function applied(
  validators: readonly RegisteredValidator[],
  { validator }: ValidatorChange,
): readonly RegisteredValidator[] {
  const isSame = (other: RegisteredValidator) => equalBytes(other.publicKey, validator.publicKey)
  if (validator.power === 0n) return validators.filter((other) => !isSame(other))
  if (!validators.some(isSame)) return [...validators, validator]
  return validators.map((other) => (isSame(other) ? validator : other))
}
