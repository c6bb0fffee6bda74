/**
 * Names on the wire: gossip topics, protocol ids, and the id of a message. All but the status handshake carry the
 * first four bytes of the genesis hash, so that two chains never mix even before they noticed each other.
 */
import { concatBytes } from '../codec/bytes.ts'
import { sha256 } from '../crypto/sha256.ts'
import type { Topic } from './network.ts'

/** Version of everything in docs/protocol/network.md; a peer with another one is refused. */
export const PROTOCOL_VERSION = 2

/** Their position is their number on push streams. */
export const TOPICS: readonly Topic[] = ['tx', 'block', 'consensus']

/**
 * The handshake has neither genesis hash nor protocol version in its name: its job is to tell a peer that it is on another
 * chain or speaks another version.
 */
export const STATUS_PROTOCOL = '/touchstone/status/1'

export interface WireNames {
  readonly topic: Readonly<Record<Topic, string>>
  /** Id of a request protocol, or of the kept streams (`push`). */
  protocol(name: string): string
}

/** @param genesisHash 32 bytes. */
export function wireNames(genesisHash: Uint8Array): WireNames {
  let genesis = ''
  for (const byte of genesisHash.subarray(0, 4)) genesis += byte.toString(16).padStart(2, '0')
  const topic = (name: Topic) => `/touchstone/${genesis}/${name}/${PROTOCOL_VERSION}`
  return {
    topic: { tx: topic('tx'), block: topic('block'), consensus: topic('consensus') },
    protocol: (name) => `/touchstone/${genesis}/${name}/${PROTOCOL_VERSION}`,
  }
}

/**
 * Id of a message: sha256 of topic name, one zero byte, payload. A hash of the content, so the same message is the same
 * on every path and nobody can make two ids of it. 32 bytes.
 */
export function messageId(topicName: string, payload: Uint8Array): Uint8Array {
  let prefix = prefixes.get(topicName)
  if (prefix === undefined) {
    prefix = concatBytes(new TextEncoder().encode(topicName), Uint8Array.of(0))
    if (prefixes.size >= MAX_PREFIXES) prefixes.clear()
    prefixes.set(topicName, prefix)
  }
  return sha256(concatBytes(prefix, payload))
}

/** Topics whose names are kept as bytes: those of a chain, and of a few more where tests have several. */
const MAX_PREFIXES = 16
const prefixes = new Map<string, Uint8Array>()

/** A message id as a map key: one character a byte. */
export function idKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1')
}

/** Back from {@link idKey}. */
export function idOfKey(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, 'latin1'))
}
