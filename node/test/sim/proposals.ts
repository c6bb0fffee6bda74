/** Proposals that tests and attackers make up. */
import type { BlockForm } from '../../src/consensus/proposals/blockForm.ts'
import { proposalSignBytes } from '../../src/consensus/signing/signBytes.ts'
import type { SigningKey } from '../../src/consensus/signing/signer.ts'
import { contentsHash, encodeContents } from '../../src/consensus/wire/contents.ts'
import { encodeProposal, type ProposalMessage } from '../../src/consensus/wire/messages.ts'
import type { Block } from '../../src/types/block.ts'

/** The statement of a proposal about its block. */
export type ProposedBody = Pick<ProposalMessage, 'blockHash' | 'head' | 'contents' | 'transactions'>

/** With all its transactions. */
export function bodyOf(block: Block, form: BlockForm): ProposedBody {
  return {
    blockHash: block.hash,
    head: form.head(block),
    contents: encodeContents(block.transactions),
    transactions: block.transactions.map(({ raw }, index) => ({ index, raw })),
  }
}

export type ProposalFields = ProposedBody &
  Pick<ProposalMessage, 'height' | 'round'> &
  Partial<Pick<ProposalMessage, 'attempt' | 'validRound' | 'polka' | 'signature'>>

/** Signed by `key`, unless there is a signature. */
export function signedProposal(
  key: Pick<SigningKey, 'sign'>,
  genesisHash: Uint8Array,
  fields: ProposalFields,
): Uint8Array {
  const { height, round, validRound = -1, blockHash, contents } = fields
  const listHash = contentsHash(contents)
  const bytes = () => proposalSignBytes(genesisHash, height, round, validRound, blockHash, listHash)
  return encodeProposal({
    kind: 'proposal',
    attempt: 0,
    polka: [],
    ...fields,
    validRound,
    contentsHash: listHash,
    signature: fields.signature ?? key.sign(bytes()),
  })
}
