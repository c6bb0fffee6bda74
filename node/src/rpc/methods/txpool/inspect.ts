import { toHex } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { poolOf } from '../../schema/results.ts'
import { TEXT } from '../../schema/schema.ts'
import { poolView } from '../../views/pool.ts'

/** txpool_inspect: one line for each transaction, in geth's words. */
export const inspect = defineMethod({
  name: 'txpool_inspect',
  kind: 'read',
  summary: 'the same in words',
  result: poolOf(TEXT),
  params: [],
  handle: ({ backend, limits }) =>
    poolView(backend.txpool.content(), limits, ({ transaction }) => {
      const to = transaction.to === null ? 'contract creation' : toHex(transaction.to)
      const price = transaction.type === 2 ? transaction.maxFeePerGas : transaction.gasPrice
      return `${to}: ${transaction.value} wei + ${transaction.gasLimit} gas × ${price} wei`
    }),
})
