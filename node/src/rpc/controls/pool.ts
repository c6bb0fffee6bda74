/** Dev controls of the pools: transactions that wait are dropped by every node. */
import { keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { DevControls } from '../backend.ts'
import { address, hash } from '../decode/hex.ts'
import { required } from '../method.ts'
import { type RpcContext, stopIfOver } from '../reading/context.ts'
import { BOOLEAN, HASH, NULL, nullable } from '../schema/schema.ts'
import { control, inPieces, operate } from './control.ts'

const home = 'pool'

/** In one dev transaction, or in several where there are many. */
async function drop(dev: DevControls, context: RpcContext, waiting: readonly SenderTransaction[]): Promise<void> {
  const pieces = inPieces(
    dev,
    context,
    waiting.map(({ hash }) => ({ kind: 'drop', hash })),
  )
  for (const [at, piece] of pieces.entries()) {
    stopIfOver(context, 'the list', `piece ${at} of ${pieces.length}, which are dropped`)
    await operate(dev, ...piece)
  }
}

export const poolControls = [
  ...control({
    ...{ home, result: nullable(HASH), names: ['anvil_dropTransaction', 'touchstone_dropTransaction'] },
    summary: 'has every node drop a transaction that waits in the pools; its hash, null where this node has none of it',
    params: [required('hash', hash)],
    async handle(dev, context, wanted) {
      const waiting = context.backend.txpool.get(wanted)
      if (waiting === undefined) return null
      await drop(dev, context, [waiting])
      return toHex(wanted)
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: ['hardhat_dropTransaction'] },
    summary: 'the same; whether there was one',
    params: [required('hash', hash)],
    async handle(dev, context, wanted) {
      const waiting = context.backend.txpool.get(wanted)
      if (waiting !== undefined) await drop(dev, context, [waiting])
      return waiting !== undefined
    },
  }),
  ...control({
    ...{ home, result: NULL, names: ['anvil_dropAllTransactions', 'touchstone_dropAllTransactions'], params: [] },
    pace: 'slow',
    summary: 'the same of every transaction that waits at this node',
    async handle(dev, context) {
      const { pending, queued } = context.backend.txpool.content()
      await drop(dev, context, [...pending.values(), ...queued.values()].flat())
      return null
    },
  }),
  ...control({
    ...{ home, result: NULL, names: ['anvil_removePoolTransactions', 'touchstone_removePoolTransactions'] },
    pace: 'slow',
    summary: 'the same of every one of an account',
    params: [required('address', address)],
    async handle(dev, context, account) {
      const { pending, queued } = context.backend.txpool.content()
      const key = keyOf(account)
      await drop(dev, context, [...(pending.get(key) ?? []), ...(queued.get(key) ?? [])])
      return null
    },
  }),
]
