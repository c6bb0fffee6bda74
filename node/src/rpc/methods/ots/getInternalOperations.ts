import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { internalOperations } from '../../reading/otterscan.ts'
import { outermostFrame } from '../../reading/traced.ts'
import { INTERNAL_OPERATION } from '../../schema/otterscan.ts'
import { listOf } from '../../schema/schema.ts'

/** ots_getInternalOperations: value that moved and contracts that were made below the outermost call. */
export const getInternalOperations = defineMethod({
  name: 'ots_getInternalOperations',
  kind: 'trace',
  pace: 'slow',
  summary: 'transfers and creations inside a transaction',
  differs: 'operations that were undone are left out; contracts do not end themselves',
  result: listOf(INTERNAL_OPERATION),
  params: [required('transactionHash', hash)],
  async handle(context, transactionHash) {
    return internalOperations(await outermostFrame(context, transactionHash))
  },
})
