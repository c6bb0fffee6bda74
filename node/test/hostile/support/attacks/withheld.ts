/** Proposals of a validator that keeps back what they need: lists of transactions that nobody has. */
import { chainBlockForm } from '../../../../src/consensus/proposals/blockForm.ts'
import { signingKey } from '../../../../src/consensus/signing/signer.ts'
import { encodeContents } from '../../../../src/consensus/wire/contents.ts'
import { orderedTrieRoot } from '../../../../src/trie/orderedTrie.ts'
import type { Block } from '../../../../src/types/block.ts'
import { sealBlock } from '../../../../src/types/blockCodec.ts'
import { decodeTransaction } from '../../../../src/types/transactionCodec.ts'
import { bodyOf, type ProposedBody, signedProposal } from '../../../sim/proposals.ts'
import type { Attack } from '../attacks.ts'
import { FAULTY_SEED } from '../scene.ts'
import { flood, many, pause } from '../steps.ts'
import { blockWithWrongRoots, fetchHead, unaffordable } from '../wire.ts'

const key = signingKey(FAULTY_SEED)
const TRANSACTIONS = 20
/** The faulty validator is the proposer of some rounds only, and only there its signature counts. */
const ROUNDS = 4
/** Milliseconds. */
const PAUSE = 50

/**
 * Four proposals: of a block and of another one with the same transactions; then of the first with its list in reverse, and
 * with one transaction twice.
 */
function proposalsOf(block: Block): readonly ProposedBody[] {
  const { header, transactions } = block
  const bodies = [block, sealBlock({ ...header, gasLimit: header.gasLimit + 1n }, transactions)].map((one) => ({
    ...bodyOf(one, chainBlockForm),
    transactions: [],
  }))
  const lists = [transactions.toReversed(), [...transactions, transactions[0]!]]
  return [...bodies, ...lists.map((list) => ({ ...bodies[0]!, contents: encodeContents(list) }))]
}

export const WITHHELD_ATTACKS: readonly Attack[] = [
  {
    // The node asks for the transactions: the validator that sent the list, which is silent, and peers, which have nothing.
    name: 'lists of transactions nobody has, signed by a validator',
    outcome: 'bounded',
    run: flood(async (attacker, context) => {
      const head = await fetchHead(attacker, await context.height())
      if (head === null) return
      const transactions = many(TRANSACTIONS, () => decodeTransaction(unaffordable(context.random)))
      const transactionsRoot = orderedTrieRoot(transactions.map(({ raw }) => raw))
      const { header } = blockWithWrongRoots(head, context.random)
      const block = sealBlock({ ...header, transactionsRoot }, transactions)
      const { genesisHash } = context.target
      const fields = { height: header.number }
      const signed = proposalsOf(block).flatMap((body) =>
        many(ROUNDS, (round) => signedProposal(key, genesisHash, { ...body, ...fields, round })),
      )
      await attacker.push('consensus', ...signed)
      await pause(PAUSE)
    }),
  },
]
