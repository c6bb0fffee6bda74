import type { RpcMethod } from '../../method.ts'
import { getRawTransactionByHash } from '../eth/getRawTransactionByHash.ts'

/** debug_getRawTransaction: eth_getRawTransactionByHash under geth's other name. */
export const getRawTransaction: RpcMethod = { ...getRawTransactionByHash, name: 'debug_getRawTransaction' }
