/**
 * A validator's key and its memory of what it signed: the one thing that must survive a crash for the chain not to fork.
 *
 * `flush` writes, in one synced batch, the messages signed since the last one together with the locked and the valid value
 * of the height. The caller lets nothing out before that, so what ever left this node is on disk, and so is the lock that a
 * precommit stands for. The signer signs nothing below the newest (height, round, step) it signed, nothing different at it,
 * and gives the same signature for the same bytes, at any time. docs/protocol/consensus.md has the argument.
 *
 * A block that this validator decides alone may be committed while its signatures are written (heights/heightRun.ts). Where
 * a crash leaves the one without the other, the height is closed before the node shows the block to anybody.
 *
 * A store of its own, so that the chain's database can be deleted and synced again without forgetting votes.
 *
 * Why it is so: docs/rationale/consensus.md.
 */
import { EMPTY_BYTES, equalBytes, keyOf } from '../../codec/bytes.ts'
import { ed25519PublicKey, ed25519Sign } from '../../crypto/ed25519.ts'
import type { KeyValueStore, StoreOperation } from '../../runtime/keyValueStore.ts'
import { type SignedContent, STEP_PRECOMMIT, signBytes } from './signBytes.ts'
import {
  CLOSED_KEY,
  decodeClosed,
  decodeIdentity,
  decodeKept,
  decodeSigned,
  encodeClosed,
  encodeIdentity,
  encodeKept,
  encodeSigned,
  FORGETFUL_KEY,
  IDENTITY_KEY,
  type KeptValue,
  LOCKED_KEY,
  MESSAGES_FROM,
  MESSAGES_TO,
  messageKey,
  type SignedMessage,
  VALID_KEY,
} from './signerRecord.ts'

export interface SigningKey {
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array
}

export interface SignRequest {
  readonly content: SignedContent
  /** The locked and the valid value of the height, as they are once this message is sent. */
  readonly locked: KeptValue | null
  readonly valid: KeptValue | null
  /** For a proposal: the whole message to keep, given its signature. */
  readonly proposal?: (signature: Uint8Array) => Uint8Array
}

export type SignOutcome =
  | { readonly ok: true; readonly signature: Uint8Array }
  | {
      readonly ok: false
      /** `regression`: below the newest position signed. `conflict`: other bytes at a position signed. */
      readonly code: 'regression' | 'conflict'
      readonly message: string
    }

/** The signing under way at a height when the node stopped. */
export interface RestoredSigning {
  /** Ascending by round and step; never empty. */
  readonly signed: readonly SignedMessage[]
  readonly locked: KeptValue | null
  readonly valid: KeptValue | null
}

export interface Signer {
  readonly publicKey: Uint8Array
  /** The newest position signed; null when this record is new. */
  last(): SignedContent | null
  restored(height: bigint): RestoredSigning | null
  /**
   * True when this record holds everything the key has signed that could still matter. An empty store does not: it may be
   * that of a new validator, or of one that lost its disk.
   */
  isComplete(): boolean
  /**
   * Whether the record on the disk has a message of this height or the one before. Should what is signed now at this height
   * not get there, an own signature in the block of the height is known for what it is.
   */
  reaches(height: bigint): boolean
  /** Whether it knows of this precommit, or must not sign any more where one could differ from it. */
  covers(height: bigint, round: number): boolean
  /**
   * Whether a message that verifies under this key was not signed with this record: it is above all that the record has, or
   * at the newest height and not among the messages there. False where the record may have forgotten it: at the heights up
   * to that at which this run found the record or first signed, at closed ones, and below the newest; and anywhere while a
   * record that a first signature began may lack what was signed before it, at whatever height.
   */
  disowns(content: SignedContent): boolean
  /** Nothing is signed at this height or below from now on, on disk: the chain has a signature that the record lacks. */
  close(height: bigint): Promise<void>
  /**
   * Says so from now on, on disk. `above`: all that the key signed before the record began is of this height or below, which
   * is decided, and closed therefore; null for a key never used, which changes nothing where there is a record. Idempotent.
   */
  begin(above: bigint | null): Promise<void>
  /**
   * The signature is for this node alone until `flush` has resolved: it may count its own vote, but neither send it nor show
   * anybody a block that was committed by it. @throws while it writes, and once a write has failed.
   */
  sign(request: SignRequest): SignOutcome
  /** Writes what was signed since the last time. @throws when the store fails: then none of it may be sent, ever. */
  flush(): Promise<void>
}

export interface SignerOptions {
  readonly store: KeyValueStore
  readonly key: SigningKey
  /** Of the chain it signs for: the record of one chain is no memory of another's. */
  readonly genesisHash: Uint8Array
}

/** `seed` is the 32-byte private key of RFC 8032. */
export function signingKey(seed: Uint8Array): SigningKey {
  return { publicKey: ed25519PublicKey(seed), sign: (message) => ed25519Sign(message, seed) }
}

/** @throws Error when the record is damaged or belongs to another key or chain: signing on would risk a fork. */
export async function openSigner({ store, key, genesisHash }: SignerOptions): Promise<Signer> {
  const identity = store.get(IDENTITY_KEY)
  if (identity !== undefined) checkIdentity(identity, key, genesisHash)
  let messages: SignedMessage[] = []
  for await (const [, value] of store.range({ from: MESSAGES_FROM, to: MESSAGES_TO })) {
    messages.push(decodeSigned(value.slice()))
  }
  const closedBefore = store.get(CLOSED_KEY)
  let closed = closedBefore === undefined ? -1n : decodeClosed(closedBefore.slice())
  let newest = messages.at(-1)?.content ?? null
  /** The newest on the disk. */
  let written = newest
  /** The record has all that was signed above this height; null: it may not have any. */
  let wholeAbove = newest?.height ?? null
  messages = messages.filter(({ content }) => content.height === newest?.height)
  let locked = readKept(store, LOCKED_KEY, newest)
  let valid = readKept(store, VALID_KEY, newest)
  let unwritten: StoreOperation[] = []
  let isWriting = false
  let failure: unknown = null
  let begun = identity !== undefined
  /** Begun by a signature while nobody knew up to which height the key had signed before. */
  let isForgetful = store.get(FORGETFUL_KEY) !== undefined
  const ownIdentity: StoreOperation = {
    type: 'put',
    key: IDENTITY_KEY,
    value: encodeIdentity(genesisHash, key.publicKey),
  }

  return {
    publicKey: key.publicKey,
    last: () => newest,
    restored(height) {
      return newest?.height === height && height > closed ? { signed: messages, locked, valid } : null
    },
    reaches: (height) => written !== null && written.height + 1n >= height,
    covers: (height, round) =>
      closed >= height || (newest !== null && compare(newest, { height, round, step: STEP_PRECOMMIT }) >= 0),
    disowns(content) {
      const { height } = content
      if (isForgetful || newest === null || wholeAbove === null) return false
      if (height <= wholeAbove || height <= closed) return false
      if (height !== newest.height) return height > newest.height
      const known = messages.find(({ content: other }) => compare(other, content) === 0)
      return known === undefined || !equalBytes(known.signBytes, signBytes(content))
    },
    async close(height) {
      if (height <= closed) return
      await store.batch([{ type: 'put', key: CLOSED_KEY, value: encodeClosed(height) }], { sync: true })
      closed = height
    },
    isComplete: () => begun,
    async begin(above) {
      if (begun && !(isForgetful && above !== null)) return
      const closes = above !== null && above > closed
      const operations: StoreOperation[] = [ownIdentity]
      if (closes) operations.push({ type: 'put', key: CLOSED_KEY, value: encodeClosed(above) })
      if (isForgetful) operations.push({ type: 'del', key: FORGETFUL_KEY })
      await store.batch(operations, { sync: true })
      begun = true
      isForgetful = false
      if (closes) closed = above
    },
    sign(request) {
      if (failure !== null) throw failure
      if (isWriting) throw new Error('signer: asked to sign while it writes what it signed')
      const { content } = request
      if (content.height <= closed) return refusalOfClosed(content, closed)
      const bytes = signBytes(content)
      const known = messages.find(({ content: other }) => compare(other, content) === 0)
      if (known !== undefined && equalBytes(known.signBytes, bytes)) return { ok: true, signature: known.signature }
      if (newest !== null && compare(content, newest) <= 0) return refusal(content, newest, known !== undefined)
      const signature = key.sign(bytes)
      const proposal = request.proposal?.(signature) ?? null
      const message: SignedMessage = { content, signBytes: bytes, signature, proposal }
      const newHeight = newest?.height !== content.height
      unwritten.push(
        { type: 'put', key: messageKey(content), value: encodeSigned(message) },
        ...(newHeight ? forget(messages) : []),
        ...keep(LOCKED_KEY, content.height, newHeight ? stale(locked) : locked, request.locked),
        ...keep(VALID_KEY, content.height, newHeight ? stale(valid) : valid, request.valid),
      )
      messages = newHeight ? [message] : [...messages, message]
      newest = content
      locked = request.locked
      valid = request.valid
      return { ok: true, signature }
    },
    async flush() {
      if (failure !== null) throw failure
      if (unwritten.length === 0) return
      const operations = [ownIdentity, ...unwritten]
      if (!begun) operations.push({ type: 'put', key: FORGETFUL_KEY, value: EMPTY_BYTES })
      isForgetful ||= !begun
      unwritten = []
      isWriting = true
      const upTo = newest
      try {
        await store.batch(operations, { sync: true })
        begun = true
        written = upTo
        wholeAbove ??= upTo!.height
      } catch (error) {
        // The memory is ahead of the disk now, and whether the batch is on it is not known.
        failure = error
        throw error
      } finally {
        isWriting = false
      }
    },
  }
}

function checkIdentity(identity: Uint8Array, key: SigningKey, genesisHash: Uint8Array): void {
  const owner = decodeIdentity(identity)
  if (!equalBytes(owner.genesisHash, genesisHash) || !equalBytes(owner.publicKey, key.publicKey)) {
    throw new Error(
      `signer: the record is of validator ${keyOf(owner.publicKey)} on the chain with genesis ${keyOf(owner.genesisHash)}, but this node is ` +
        `${keyOf(key.publicKey)} on ${keyOf(genesisHash)}; ` +
        'give each validator of each chain its own data directory',
    )
  }
}

function readKept(store: KeyValueStore, at: Uint8Array, newest: SignedContent | null): KeptValue | null {
  const raw = store.get(at)
  if (raw === undefined || newest === null) return null
  const { height, value } = decodeKept(raw.slice())
  return height === newest.height ? value : null
}

function forget(messages: readonly SignedMessage[]): StoreOperation[] {
  return messages.map(({ content }) => ({ type: 'del', key: messageKey(content) }))
}

/** A value of an older height: to be deleted or overwritten, whatever its round. */
function stale(value: KeptValue | null): KeptValue | null {
  return value === null ? null : { ...value, round: -1 }
}

/** Blocks are large: a value that is on disk is not written again. */
function keep(at: Uint8Array, height: bigint, before: KeptValue | null, after: KeptValue | null): StoreOperation[] {
  if (after === null) return before === null ? [] : [{ type: 'del', key: at }]
  return after.round === before?.round ? [] : [{ type: 'put', key: at, value: encodeKept(height, after) }]
}

type Position = Pick<SignedContent, 'height' | 'round' | 'step'>

/** By height, round, step. */
function compare(a: Position, b: Position): number {
  if (a.height !== b.height) return a.height < b.height ? -1 : 1
  return a.round - b.round || a.step - b.step
}

function refusalOfClosed({ height, round, step }: SignedContent, closed: bigint): SignOutcome {
  return {
    ok: false,
    code: 'regression',
    message: `signer: height ${height}, round ${round}, step ${step} is not above height ${closed}, which is closed`,
  }
}

function refusal(content: SignedContent, newest: SignedContent, conflict: boolean): SignOutcome {
  const position = (at: SignedContent) => `height ${at.height}, round ${at.round}, step ${at.step}`
  return {
    ok: false,
    code: conflict ? 'conflict' : 'regression',
    message: conflict
      ? `signer: something else was signed at ${position(content)}`
      : `signer: ${position(content)} is below ${position(newest)}, signed before`,
  }
}
