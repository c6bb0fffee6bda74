/**
 * One of the validators' keys in hostile hands: what it signs is to make the others blame each other. To one of them it says
 * a vote, in a message with a fault, so that the vote is taken and the message stays there; then the same vote with a
 * spoiled signature, beside something new and good, for that one to pass on to others, who do not know the vote. Ten of
 * those are worth a ban.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@touchstone/vm/testing/random'
import { voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import { signingKey } from '../../../src/consensus/signing/signer.ts'
import { contentsHash, encodeContents } from '../../../src/consensus/wire/contents.ts'
import { encodeProposal, encodeVotes, type VoteMessage } from '../../../src/consensus/wire/messages.ts'
import { REJECT_POINTS } from '../../../src/network/conduct/scoring.ts'
import { DEFAULT_LIMITS } from '../../../src/network/limits.ts'
import { rpc } from '../../process/nodeProcess.ts'
import { Attacker } from '../support/attacker.ts'
import type { Turn } from './fundedAttacks.ts'
import type { NetworkAddresses } from './fundedNetwork.ts'

/** Spoiled bundles a turn for each node: the points of a ban, and one more. */
const BUNDLES = DEFAULT_LIMITS.penaltyLimit / REJECT_POINTS + 1
/** Milliseconds between two turns, in which blocks are to be made. */
const PAUSE = 50
/** A round nobody is in: what is said of it changes nothing. */
const ROUND = 5

/** `validator`: index in the genesis of the one whose key it is. */
export async function framingTurns(network: NetworkAddresses, validator: number): Promise<Turn> {
  const random = seededRandom(validator)
  const key = signingKey(network.validatorSeeds[validator]!)
  const { genesisHash } = network
  const attackers: Attacker[] = []
  const join = async (index: number) => {
    await attackers[index]?.stop()
    attackers[index] = await Attacker.make({ address: network.addresses[index]!, genesisHash })
    await attackers[index].join()
  }
  const stopAll = async () => {
    await Promise.all(attackers.map((attacker) => attacker.stop()))
  }
  try {
    for (const index of network.addresses.keys()) await join(index)
  } catch (error) {
    await stopAll()
    throw error
  }
  let attempt = 0

  const sign = (height: bigint, type: VoteMessage['type'], round: number, blockHash: Uint8Array): VoteMessage => {
    const signature = key.sign(voteSignBytes(genesisHash, height, round, type, blockHash))
    return { type, round, blockHash, index: validator, signature }
  }
  const bundle = (height: bigint, votes: readonly VoteMessage[]) => {
    attempt += 1
    return encodeVotes({ kind: 'votes', attempt, height, round: 0, wantsProposal: false, votes })
  }
  /** Of a round too far ahead to be looked at, signed by nobody, with a polka that is new and good. */
  const farProposal = (height: bigint) => {
    const blockHash = random.bytes(32)
    const { index, signature } = sign(height, 'prevote', 2, blockHash)
    const polka = [{ index, signature }]
    const contents = encodeContents([])
    const body = {
      blockHash,
      head: random.bytes(100),
      contents,
      contentsHash: contentsHash(contents),
      transactions: [],
    }
    const fields = { ...body, height, round: ROUND, validRound: 2, polka }
    return encodeProposal({ kind: 'proposal', attempt: 0, signature: random.bytes(64), ...fields })
  }
  const frame = async (relayer: Attacker, height: bigint) => {
    const vote = sign(height, 'prevote', ROUND, random.bytes(32))
    const spoil = (one: VoteMessage) => ({ ...one, signature: random.bytes(64) })
    const another = () => sign(height, 'precommit', random.below(14), random.bytes(32))
    const rest = Array.from({ length: BUNDLES }, () => bundle(height, [spoil(vote), another()]))
    await relayer.push('consensus', bundle(height, [vote, spoil(another())]), ...rest, farProposal(height))
  }
  const turn = async () => {
    const status = await rpc<{ height: string }>(network.nodes[0]!.url, 'touchstone_status').catch(() => null)
    for (const [index, relayer] of attackers.entries()) {
      // The message with the fault is its own, and in the end it is thrown out for that.
      if (!relayer.isConnected) await join(index).catch(() => undefined)
      else if (status !== null) await frame(relayer, BigInt(status.height) + 1n)
    }
    await sleep(PAUSE)
  }
  return Object.assign(turn, { end: stopAll })
}
