/**
 * The faults of validators that this node has seen: evidence of double signing, and a fork. In a store of
 * its own, so that neither a restart nor a chain that is synced again forgets it. Bounded: the first faults are kept,
 * because the first faults tell most.
 *
 *   I                                         genesis hash: of which chain this is
 *   E height(8) round(4) step(1) key(32)      [evidence, publicKey, feeRecipient, seenAt]
 *   F                                         [certificate, certificate]
 */
import { concatBytes, equalBytes, keyOf } from '../../codec/bytes.ts'
import { decodeRlp, encodeRlp } from '../../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  MAX_UINT64,
  tupleField,
} from '../../codec/rlpFields.ts'
import type { KeyValueStore } from '../../runtime/keyValueStore.ts'
import type { Certificate } from '../../types/certificate.ts'
import { decodeCertificate, encodeCertificate } from '../../types/certificateCodec.ts'
import type { Evidence } from './evidence.ts'
import { evidenceField, evidenceItem } from './evidenceCodec.ts'

/** In all, and of one validator: one equivocator must not push out what another did. */
export const MAX_EVIDENCE = 64
export const MAX_EVIDENCE_PER_VALIDATOR = 8

const IDENTITY = ascii('I')
const EVIDENCE_FROM = ascii('E')
const FORK = ascii('F')

export interface KeptEvidence extends Evidence {
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** 20 bytes. */
  readonly feeRecipient: Uint8Array
  /** The height this node was deciding when it first saw it. */
  readonly seenAt: bigint
}

export type Fork = readonly [Certificate, Certificate]

export class FaultRecord {
  readonly #store: KeyValueStore | null
  readonly #evidence: Map<string, KeptEvidence>
  #fork: Fork | null

  /** For `openFaultRecord`; without arguments it remembers until it is thrown away. */
  constructor(store: KeyValueStore | null = null, evidence: readonly KeptEvidence[] = [], fork: Fork | null = null) {
    this.#store = store
    this.#evidence = new Map(evidence.map((kept) => [nameOf(kept, kept.publicKey), kept]))
    this.#fork = fork
  }

  evidence(): readonly KeptEvidence[] {
    return [...this.#evidence.values()]
  }

  fork(): Fork | null {
    return this.#fork
  }

  /** Whether evidence against the key would be kept: asked before its signatures are checked. */
  wants(evidence: Evidence, publicKey: Uint8Array): boolean {
    if (this.#evidence.size >= MAX_EVIDENCE || this.#evidence.has(nameOf(evidence, publicKey))) return false
    const ofValidator = this.evidence().filter((other) => equalBytes(other.publicKey, publicKey))
    return ofValidator.length < MAX_EVIDENCE_PER_VALIDATOR
  }

  /** Verified evidence that is wanted. On disk when it resolves. @throws when the store fails. */
  async keep(kept: KeptEvidence): Promise<void> {
    const { publicKey, feeRecipient, seenAt } = kept
    this.#evidence.set(nameOf(kept, publicKey), kept)
    const value = encodeRlp([evidenceItem(kept), publicKey, feeRecipient, integerItem(seenAt)])
    await this.#store?.batch([{ type: 'put', key: storeKey(kept), value }], { sync: true })
  }

  /** The first fork only: any later one was decided on one of its sides. @throws when the store fails. */
  async keepFork(fork: Fork): Promise<void> {
    if (this.#fork !== null) return
    this.#fork = fork
    await this.#store?.batch([{ type: 'put', key: FORK, value: encodeRlp(fork.map(encodeCertificate)) }], {
      sync: true,
    })
  }
}

/** @throws Error when the record is damaged or of another chain. */
export async function openFaultRecord(store: KeyValueStore, genesisHash: Uint8Array): Promise<FaultRecord> {
  const identity = store.get(IDENTITY)
  if (identity === undefined) await store.batch([{ type: 'put', key: IDENTITY, value: genesisHash }], { sync: true })
  else if (!equalBytes(identity, genesisHash)) {
    throw new Error(
      `fault record: it is of the chain with genesis ${keyOf(identity)}, this node is on ${keyOf(genesisHash)}; ` +
        'give each chain its own data directory',
    )
  }
  const evidence: KeptEvidence[] = []
  for await (const [, value] of store.range({ from: EVIDENCE_FROM, to: FORK })) evidence.push(decodeKept(value.slice()))
  const fork = store.get(FORK)
  return new FaultRecord(store, evidence, fork === undefined ? null : decodeFork(fork.slice()))
}

function decodeKept(raw: Uint8Array): KeptEvidence {
  const f = tupleField(decodeRlp(raw), 4, 'kept evidence')
  return {
    ...evidenceField(f[0], 'evidence'),
    publicKey: fixedBytesField(f[1], 32, 'publicKey'),
    feeRecipient: fixedBytesField(f[2], 20, 'feeRecipient'),
    seenAt: integerField(f[3], MAX_UINT64, 'seenAt'),
  }
}

function decodeFork(raw: Uint8Array): Fork {
  const f = tupleField(decodeRlp(raw), 2, 'fork')
  const [first, second] = [bytesField(f[0], 'first'), bytesField(f[1], 'second')]
  return [decodeCertificate(first), decodeCertificate(second)]
}

/** One for each validator and position: further messages at it prove nothing more. */
function nameOf({ height, round, step }: Evidence, publicKey: Uint8Array): string {
  return `${height}/${round}/${step}/${keyOf(publicKey)}`
}

function storeKey({ height, round, step, publicKey }: KeptEvidence): Uint8Array {
  const position = new Uint8Array(13)
  const view = new DataView(position.buffer)
  view.setBigUint64(0, height, false)
  view.setUint32(8, round, false)
  position[12] = step
  return concatBytes(EVIDENCE_FROM, position, publicKey)
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
