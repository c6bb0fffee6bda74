import { toHex } from '../../../codec/hex.ts'
import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { outermostFrame } from '../../reading/traced.ts'
import { DATA } from '../../schema/schema.ts'

/** ots_getTransactionError: all that a transaction reverted with. */
export const getTransactionError = defineMethod({
  name: 'ots_getTransactionError',
  kind: 'trace',
  pace: 'slow',
  summary: 'the data a transaction reverted with; `0x` where it succeeded, trapped or ran out of gas',
  result: DATA,
  params: [required('transactionHash', hash)],
  async handle(context, transactionHash) {
    const { error, output } = await outermostFrame(context, transactionHash)
    return error?.kind === 'revert' ? toHex(output) : '0x'
  },
})
