/** The attacks of somebody with the key of one of the four validators, whose node runs on with it. */
import { toHex } from '../../../src/codec/hex.ts'
import { proposerIndex } from '../../../src/consensus/core/proposer.ts'
import { createValidatorSet } from '../../../src/consensus/core/validatorSet.ts'
import { conflictingVotes } from '../../../src/consensus/proofs/evidence.ts'
import { chainBlockForm } from '../../../src/consensus/proposals/blockForm.ts'
import { voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import { signingKey } from '../../../src/consensus/signing/signer.ts'
import { encodeEvidence, encodeVotes, type VoteMessage } from '../../../src/consensus/wire/messages.ts'
import { orderedTrieRoot } from '../../../src/trie/orderedTrie.ts'
import type { Block } from '../../../src/types/block.ts'
import { sealBlock } from '../../../src/types/blockCodec.ts'
import { MAX_ROUND } from '../../../src/types/certificateCodec.ts'
import { signTransaction } from '../../../src/types/transactionCodec.ts'
import { bodyOf, signedProposal } from '../../sim/proposals.ts'
import { framingTurns } from '../funded/framing.ts'
import { fundedGenesis } from '../funded/fundedNetwork.ts'
import type { Attacker } from '../support/attacker.ts'
import { going, many, pause } from '../support/steps.ts'
import { blockWithWrongRoots, fetchHead } from '../support/wire.ts'
import type { StormAttack, StormContext } from './attacks.ts'

/** Index in the genesis of the one whose key it is: the node on the reference engine. */
export const FAULTY_VALIDATOR = 3

const ROUNDS = 4
const set = createValidatorSet(fundedGenesis.validators)
/** 16 of these nearly fill the 2 MiB of a block (chain/limits.ts). */
const DATA_BYTES = 130_000

function keyOf({ network }: StormContext) {
  return signingKey(network.validatorSeeds[FAULTY_VALIDATOR]!)
}

/** One peer of each node that joins again when it was thrown out. */
async function eachNode(
  context: StormContext,
  turn: (attackers: readonly Attacker[], height: bigint) => Promise<unknown>,
  wait: number,
): Promise<void> {
  const attackers = await Promise.all(context.network.addresses.map((_, node) => context.attackerOf(node)))
  while (going(context)) {
    await Promise.all(attackers.map((one) => one.isConnected || one.join().catch(() => undefined)))
    const connected = attackers.filter((one) => one.isConnected)
    const height = await context.height().catch(() => null)
    if (height !== null) await turn(connected, BigInt(height) + 1n)
    await pause(wait)
  }
}

interface Said {
  readonly height: bigint
  readonly round: number
  readonly type: VoteMessage['type']
}

function signedVote(context: StormContext, { height, round, type }: Said): VoteMessage {
  const blockHash = context.random.bytes(32)
  const signature = keyOf(context).sign(voteSignBytes(context.network.genesisHash, height, round, type, blockHash))
  return { type, round, blockHash, index: FAULTY_VALIDATOR, signature }
}

function votes(context: StormContext, height: bigint, messages: readonly VoteMessage[]): Uint8Array {
  const attempt = context.random.below(1 << 30)
  return encodeVotes({ kind: 'votes', attempt, height, round: 0, wantsProposal: true, votes: messages })
}

const TYPES = ['prevote', 'precommit'] as const

/** Nearly as large as a block may be, of its transactions, and with the other roots wrong. */
function fullBlock(context: StormContext, head: Block): Block {
  const { header } = blockWithWrongRoots(head, context.random)
  const fees = { maxPriorityFeePerGas: 1n, maxFeePerGas: 1_000_000_000n }
  const fields = { nonce: 0n, gasLimit: 5_300_000n, to: new Uint8Array(20), value: 0n, accessList: [] }
  const { chainId } = fundedGenesis
  const key = new Uint8Array(32).fill(0x77)
  const data = new Uint8Array(DATA_BYTES).fill(context.random.below(256))
  const transaction = signTransaction({ type: 2, chainId, ...fees, ...fields, data }, key)
  const transactions = many(16, () => transaction)
  const transactionsRoot = orderedTrieRoot(transactions.map(({ raw }) => raw))
  return sealBlock({ ...header, transactionsRoot }, transactions)
}

export const VALIDATOR_ATTACKS: readonly StormAttack[] = [
  {
    name: 'a validator that frames others',
    async run(context) {
      while (going(context)) {
        // One of the nodes may be down.
        const turns = await framingTurns(context.network, FAULTY_VALIDATOR).catch(() => null)
        if (turns === null) {
          await pause(500)
          continue
        }
        try {
          for (let turn = 0; going(context); turn++) await turns(turn)
        } finally {
          await turns.end?.()
        }
      }
    },
  },
  {
    name: 'votes for another block at each node',
    run: (context) =>
      eachNode(
        context,
        (attackers, height) =>
          Promise.all(
            attackers.map((attacker) => {
              const said = many(2 * ROUNDS, (at) => ({ height, round: at >> 1, type: TYPES[at & 1]! }))
              return attacker.push(
                'consensus',
                votes(
                  context,
                  height,
                  said.map((one) => signedVote(context, one)),
                ),
              )
            }),
          ),
        20,
      ),
  },
  {
    name: 'evidence against itself without end',
    run: (context) =>
      eachNode(
        context,
        (attackers, newest) => {
          const evidence = many(20, () => {
            const back = BigInt(context.random.below(200))
            const said = {
              height: newest > back ? newest - back : newest,
              round: context.random.below(1_000),
              type: context.random.pick(TYPES),
            }
            const [first, second] = many(2, () => {
              const { blockHash, signature } = signedVote(context, said)
              return { ...said, id: toHex(blockHash!).slice(2), validator: FAULTY_VALIDATOR, signature }
            })
            return encodeEvidence(conflictingVotes(context.network.genesisHash, first!, second!))
          })
          return Promise.all(attackers.map((attacker) => attacker.push('block', ...evidence)))
        },
        20,
      ),
  },
  {
    name: 'votes of far rounds',
    run: (context) =>
      eachNode(
        context,
        (attackers, height) => {
          const far = many(20, () => {
            const type = context.random.pick(TYPES)
            return signedVote(context, { height, round: context.random.below(MAX_ROUND), type })
          })
          return Promise.all(attackers.map((attacker) => attacker.push('consensus', votes(context, height, far))))
        },
        20,
      ),
  },
  { name: 'full proposals, another for each node, in each of its rounds', run: fullProposals(bodyOf) },
  {
    // Those who get it ask for what it does not bring, and get it from nobody.
    name: 'full proposals that keep their transactions',
    run: fullProposals((block, form) => ({ ...bodyOf(block, form), transactions: [] })),
  },
]

function fullProposals(body: typeof bodyOf): StormAttack['run'] {
  return (context) =>
    eachNode(
      context,
      async (attackers, height) => {
        const head = attackers.length === 0 ? null : await fetchHead(attackers[0]!, Number(height) - 1)
        if (head === null) return
        const rounds = many(2 * ROUNDS, (round) => round)
        const own = rounds.filter((round) => proposerIndex(set, height, round) === FAULTY_VALIDATOR)
        await Promise.all(
          attackers.map(async (attacker) => {
            const block = fullBlock(context, head)
            for (const round of own) {
              const attempt = context.random.below(1 << 30)
              const fields = { ...body(block, chainBlockForm), height, round, attempt }
              await attacker.push('consensus', signedProposal(keyOf(context), context.network.genesisHash, fields))
            }
          }),
        )
      },
      100,
    )
}
