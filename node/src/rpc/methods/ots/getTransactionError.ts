import { toHex } from '../../../codec/hex.ts'
import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { foundTrace } from '../../reading/traced.ts'
import { DATA } from '../../schema/schema.ts'
import { FRAMES } from '../../views/traces/tracers.ts'

/** ots_getTransactionError: all that a transaction reverted with. */
export const getTransactionError = defineMethod({
  name: 'ots_getTransactionError',
  kind: 'trace',
  pace: 'slow',
  summary: 'the data a transaction reverted with; `0x` where it succeeded, trapped or ran out of gas',
  result: DATA,
  params: [required('transactionHash', hash)],
  async handle({ backend, caller }, transactionHash) {
    const { trace } = foundTrace(await backend.chain.traceTransaction(clientOf(caller), transactionHash, FRAMES))
    const { error, output } = trace.root
    return error?.kind === 'revert' ? toHex(output) : '0x'
  },
})
