/**
 * Sends what is wrong in every way a message can be: bytes that do not decode, signatures that do not verify, blocks that
 * are invalid or have another hash, votes of far rounds and heights, certificates that prove nothing.
 */

import { voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import { encodeAnnouncement, encodeVotes } from '../../../src/consensus/wire/messages.ts'
import { bodyOf, signedProposal } from '../proposals.ts'
import type { Actor, ActorOptions } from './actor.ts'

/** Milliseconds between two lies, and how many there are. */
const INTERVAL = 60
const MOST_LIES = 150

export function liar({ index, key, world, others }: ActorOptions): Actor {
  const id = `${index}l`
  const { random, kind } = world
  const { chainId, genesisHash } = kind.identity
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256))

  return {
    ids: [id],
    start() {
      const network = world.network.connect(id, () => true)
      let told = 0
      let height = 1n
      network.setGossipHandler('consensus', () => 'accept')
      network.setGossipHandler('block', () => 'accept')
      const lie = () => {
        if (random.chance(0.1)) height += 1n
        const [topic, message] = random.pick(LIES)()
        network.sendTo(random.pick(others), topic, message)
        told += 1
        if (told < MOST_LIES) world.scheduler.after(INTERVAL, lie)
      }
      world.scheduler.after(INTERVAL, lie)

      const block = () =>
        kind.forge({
          height: random.chance(0.8) ? height : height + 7n,
          parentHash: random.chance(0.5) ? new Uint8Array(32) : bytes(32),
          timestamp: random.chance(0.5) ? 0n : 99_999_999_999n,
          maker: index,
          nonce: random.below(1000),
          invalid: random.chance(0.5),
          transactions: [1, 1],
        })
      const LIES: readonly (() => readonly ['consensus' | 'block', Uint8Array])[] = [
        () => ['consensus', bytes(random.below(200))],
        () => ['block', bytes(random.below(200))],
        () => {
          const body = bodyOf(block(), kind.form)
          const round = random.below(4)
          const blockHash = random.chance(0.7) ? body.blockHash : bytes(32)
          const signature = random.chance(0.7) ? {} : { signature: bytes(64) }
          // Transactions that nobody has, and such as are not those of the list.
          const list = random.chance(0.7) ? {} : { contents: listOfNothing(bytes), transactions: [] }
          const attempt = random.below(9)
          const fields = { ...body, ...list, ...signature, attempt, height, round, blockHash }
          return ['consensus', signedProposal(key, genesisHash, fields)]
        },
        () => {
          const round = random.chance(0.5) ? random.below(4) : random.below(0x7fffffff)
          const at = random.chance(0.7) ? height : height + BigInt(random.below(1000))
          const type = random.chance(0.5) ? 'prevote' : 'precommit'
          const blockHash = random.chance(0.5) ? null : bytes(32)
          const voter = random.chance(0.7) ? index : random.below(12)
          const signature = random.chance(0.7)
            ? key.sign(voteSignBytes(genesisHash, at, round, type, blockHash))
            : bytes(64)
          const votes = [{ type, round, blockHash, index: voter, signature }] as const
          return [
            'consensus',
            encodeVotes({ kind: 'votes', attempt: 1, height: at, round, wantsProposal: true, votes }),
          ]
        },
        () => {
          const certificate = {
            chainId,
            height: height + BigInt(random.below(3)),
            round: 0,
            blockHash: bytes(32),
            signatures: [0, 1, 2, 3].map((voter) => ({ index: voter, signature: bytes(64) })),
          }
          return ['block', encodeAnnouncement({ kind: 'announcement', attempt: random.below(9), certificate })]
        },
      ]
    },
  }
}

function listOfNothing(bytes: (length: number) => Uint8Array): Uint8Array {
  const list = bytes(2 * 36)
  // Their lengths: less than 256.
  for (const at of [32, 33, 34, 68, 69, 70]) list[at] = 0
  list[35] = 100
  list[71] = 100
  return list
}
