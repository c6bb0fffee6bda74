/** Dev controls of the pools: transactions that wait are dropped by every node. */
import { keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import { MAX_DEV_OPERATIONS } from '../../execution/limits.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { DevControls } from '../backend.ts'
import { address, hash } from '../decode/hex.ts'
import { required } from '../method.ts'
import { BOOLEAN, HASH, NULL, nullable } from '../schema/schema.ts'
import { control, operate } from './control.ts'

const home = 'pool'

/** In one dev transaction, or in several where there are many. */
async function drop(dev: DevControls, waiting: readonly SenderTransaction[]): Promise<void> {
  const most = MAX_DEV_OPERATIONS / 4
  for (let from = 0; from < waiting.length; from += most) {
    const piece = waiting.slice(from, from + most)
    await operate(dev, ...piece.map((one) => ({ kind: 'drop', hash: one.hash }) as const))
  }
}

export const poolControls = [
  ...control({
    ...{ home, result: nullable(HASH), names: ['anvil_dropTransaction', 'touchstone_dropTransaction'] },
    summary: 'has every node drop a transaction that waits in the pools; its hash, null where this node has none of it',
    params: [required('hash', hash)],
    async handle(dev, { backend: { txpool } }, wanted) {
      const waiting = txpool.get(wanted)
      if (waiting === undefined) return null
      await drop(dev, [waiting])
      return toHex(wanted)
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: ['hardhat_dropTransaction'] },
    summary: 'the same; whether there was one',
    params: [required('hash', hash)],
    async handle(dev, { backend: { txpool } }, wanted) {
      const waiting = txpool.get(wanted)
      if (waiting !== undefined) await drop(dev, [waiting])
      return waiting !== undefined
    },
  }),
  ...control({
    ...{ home, result: NULL, names: ['anvil_dropAllTransactions', 'touchstone_dropAllTransactions'], params: [] },
    summary: 'the same of every transaction that waits at this node',
    async handle(dev, { backend: { txpool } }) {
      const { pending, queued } = txpool.content()
      await drop(dev, [...pending.values(), ...queued.values()].flat())
      return null
    },
  }),
  ...control({
    ...{ home, result: NULL, names: ['anvil_removePoolTransactions', 'touchstone_removePoolTransactions'] },
    summary: 'the same of every one of an account',
    params: [required('address', address)],
    async handle(dev, { backend: { txpool } }, account) {
      const { pending, queued } = txpool.content()
      const key = keyOf(account)
      await drop(dev, [...(pending.get(key) ?? []), ...(queued.get(key) ?? [])])
      return null
    },
  }),
]
