/** Light nodes, which decide fake blocks. */
import type { ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import type { ChainKind } from './chainKind.ts'
import { CHAIN, decodeLightBlock, isMarkedInvalid, lightBlockForm, makeLightBlock } from './lightChain.ts'
import { LightNode } from './lightNode.ts'

export const lightKind = (validators: ValidatorSet): ChainKind<LightNode> => ({
  validatorsAt: () => validators,
  identity: CHAIN,
  spreads: false,
  form: lightBlockForm,
  parentOf: (head) => decodeLightBlock(head).header.parentHash,
  forge: makeLightBlock,
  createNode: (options) => new LightNode(options),
  judge: async (block) =>
    isMarkedInvalid(block) ? `an invalid block is committed at height ${block.header.number}` : null,
  verdict: async () => null,
})
