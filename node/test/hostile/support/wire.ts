/** Bytes that attackers send: gossipsub RPCs (protobuf by hand) and consensus messages that look as they should. */
import type { Random } from '@touchstone/vm/testing/random'
import { concatBytes } from '../../../src/codec/bytes.ts'
import { chainBlockForm } from '../../../src/consensus/proposals/blockForm.ts'
import { voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import { type SigningKey, signingKey } from '../../../src/consensus/signing/signer.ts'
import { encodeVotes } from '../../../src/consensus/wire/messages.ts'
import { decodeCertifiedBlock, encodeRange } from '../../../src/sync/messages.ts'
import type { Block } from '../../../src/types/block.ts'
import { decodeBlock, sealBlock } from '../../../src/types/blockCodec.ts'
import { signTransaction } from '../../../src/types/transactionCodec.ts'
import { bodyOf, signedProposal } from '../../sim/proposals.ts'
import type { Attacker } from './attacker.ts'
import { hostileGenesis } from './scene.ts'

export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  return Uint8Array.of(...bytes, rest)
}

/** A length-delimited protobuf field. */
export const field = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = concatBytes(...parts)
  return concatBytes(Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes)
}

const text = (value: string) => new TextEncoder().encode(value)

/** A gossipsub RPC (pubsub rpc.proto): subscriptions 1, publish 2, control 3. */
export function gossipRpc(...fields: readonly Uint8Array[]): Uint8Array {
  const rpc = concatBytes(...fields)
  return concatBytes(varint(rpc.length), rpc)
}

export const published = (topic: string, data: Uint8Array) => field(2, field(2, data), field(4, text(topic)))
export const subscription = (topic: string) => field(1, Uint8Array.of(0x08, 1), field(2, text(topic)))
/** ihave 1, iwant 2, graft 3, prune 4 of ControlMessage. */
export const ihave = (topic: string, ids: readonly Uint8Array[]) =>
  field(1, field(1, text(topic)), ...ids.map((id) => field(2, id)))
export const iwant = (ids: readonly Uint8Array[]) => field(2, ...ids.map((id) => field(1, id)))
export const graft = (topic: string) => field(3, field(1, text(topic)))
/** With peer exchange: made-up peers. */
export const prune = (topic: string, peers: readonly Uint8Array[]) =>
  field(4, field(1, text(topic)), ...peers.map((peer) => field(2, field(1, peer))), Uint8Array.of(0x18, 60))
export const control = (...messages: readonly Uint8Array[]) => field(3, ...messages)

/** The newest block, asked of the victim as a peer that syncs would. */
export async function fetchHead(attacker: Attacker, height: number): Promise<Block | null> {
  try {
    const [frame] = await attacker.request('blocks', encodeRange({ from: BigInt(height), count: 1 }))
    return frame === undefined ? null : decodeBlock(decodeCertifiedBlock(frame).block.raw)
  } catch {
    return null
  }
}

/** A block on `parent` that is right in everything but its roots. */
export function blockWithWrongRoots(parent: Block, random: Random): Block {
  const header = {
    ...parent.header,
    parentHash: parent.hash,
    number: parent.header.number + 1n,
    timestamp: BigInt(Math.floor(Date.now() / 1000)),
    stateRoot: random.bytes(32),
    gasUsed: 0n,
  }
  return sealBlock(header, [])
}

export function proposal(genesisHash: Uint8Array, block: Block, round: number, key: SigningKey): Uint8Array {
  const { number: height } = block.header
  return signedProposal(key, genesisHash, { ...bodyOf(block, chainBlockForm), height, round })
}

export interface FalseVote {
  readonly height: bigint
  readonly round: number
  readonly index: number
  /** Null: a signature of random bytes. */
  readonly key: SigningKey | null
}

export function vote(genesisHash: Uint8Array, { height, round, index, key }: FalseVote, random: Random): Uint8Array {
  const blockHash = random.bytes(32)
  const bytes = voteSignBytes(genesisHash, height, round, 'prevote', blockHash)
  const signature = key === null ? random.bytes(64) : key.sign(bytes)
  const votes = [{ type: 'prevote', round, blockHash, index, signature }] as const
  return encodeVotes({ kind: 'votes', attempt: random.below(1 << 30), height, round, wantsProposal: true, votes })
}

/** Signed well, by somebody without money. */
export function unaffordable(random: Random): Uint8Array {
  const fees = { maxPriorityFeePerGas: 1_000_000_000n, maxFeePerGas: 100_000_000_000n }
  const to = random.bytes(20)
  const fields = { nonce: 0n, gasLimit: 21_000n, to, value: 1n, data: new Uint8Array(0), accessList: [] }
  return signTransaction({ type: 2, chainId: hostileGenesis.chainId, ...fees, ...fields }, random.bytes(32)).raw
}

export const strangersKey = signingKey(new Uint8Array(32).fill(0x99))
