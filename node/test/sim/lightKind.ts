/** Light nodes, which decide fake blocks. */
import type { ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import type { ChainKind } from './chainKind.ts'
import { CHAIN, decodeFakeBlock, fakeBlockForm, isMarkedInvalid, makeFakeBlock } from './fakeChain.ts'
import { LightNode } from './lightNode.ts'

export const lightKind = (validators: ValidatorSet): ChainKind<LightNode> => ({
  validatorsAt: () => validators,
  identity: CHAIN,
  spreads: false,
  form: fakeBlockForm,
  parentOf: (head) => decodeFakeBlock(head).header.parentHash,
  forge: makeFakeBlock,
  createNode: (options) => new LightNode(options),
  judge: async (block) =>
    isMarkedInvalid(block) ? `an invalid block is committed at height ${block.header.number}` : null,
  verdict: async () => null,
})
