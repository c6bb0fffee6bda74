/**
 * The common part of the dev controls (docs/protocol/dev.md): several names of one method, and a dev transaction for
 * each call.
 */

import type { DevOperation } from '../../execution/dev/operations.ts'
import type { ReceiptRecord } from '../../types/receipt.ts'
import type { DevControls, RpcBackend } from '../backend.ts'
import { METHOD_NOT_FOUND, RpcError, refusedTransaction, SERVER_ERROR, TIMED_OUT } from '../errors.ts'
import { MAX_PIECE_OPERATIONS, PIECE_OPERATION_GAS } from '../limits.ts'
import { defineMethod, type Pace, type Param, type RpcMethod } from '../method.ts'
import type { RpcContext } from '../reading/context.ts'
import type { Schema } from '../schema/schema.ts'

type Values<P extends readonly Param<unknown>[]> = { [I in keyof P]: P[I] extends Param<infer T> ? T : never }

interface Control<P extends readonly Param<unknown>[]> {
  readonly names: readonly string[]
  /** File of this folder. */
  readonly home: string
  readonly summary: string
  readonly differs?: string
  readonly result: Schema
  /** Absent: `quick`. */
  readonly pace?: Exclude<Pace, 'quick'>
  readonly endsItself?: true
  readonly params: P
  handle(dev: DevControls, context: RpcContext, ...values: Values<P>): unknown
}

/** One method for each of the names. */
export function control<const P extends readonly Param<unknown>[]>(definition: Control<P>): readonly RpcMethod[] {
  const { names, home, handle, ...described } = definition
  return names.map((name) =>
    defineMethod<P>({
      ...described,
      name,
      kind: 'control',
      home: `controls/${home}.ts`,
      handle: (context, ...values) => handle(devOf(name, context.backend), context, ...values),
    }),
  )
}

/** Methods that can be none here: each is answered with the reason. */
export function refused(
  names: readonly string[],
  home: string,
  reason: string,
  params: readonly Param<unknown>[],
): readonly RpcMethod[] {
  return control({
    ...{ names, home, params, result: {} },
    summary: `refused: ${reason}`,
    handle() {
      throw new RpcError(SERVER_ERROR, `not possible on this chain: ${reason}`)
    },
  })
}

function devOf(name: string, { dev, chain }: RpcBackend): DevControls {
  if (dev !== null) return dev
  const why =
    chain.genesis.dev === undefined
      ? "the chain's genesis has no dev mode"
      : "this node has not the key of the chain's controller; ask one that devnet started"
  throw new RpcError(METHOD_NOT_FOUND, `the method ${name} does not exist/is not available: ${why}`)
}

/** @throws RpcError when an operation was refused, with its reason. */
export async function operate(
  dev: DevControls,
  ...operations: readonly DevOperation[]
): Promise<{ record: ReceiptRecord; block: bigint }> {
  const outcome = await dev.operate(operations)
  if (outcome === 'late')
    throw new RpcError(TIMED_OUT, 'the dev transaction waits in the pool: no block had it in time')
  if (!outcome.ok) throw refusedTransaction(outcome)
  const { record, block } = outcome
  if (record.failure !== null) throw new RpcError(SERVER_ERROR, record.failure.message)
  return { record, block }
}

/** Operations for so many dev transactions that each has room in a block. None of them sets code. */
export function inPieces(
  dev: DevControls,
  { backend: { chain } }: Pick<RpcContext, 'backend'>,
  operations: readonly DevOperation[],
): readonly (readonly DevOperation[])[] {
  const blockGas = dev.settings().gasLimit ?? chain.genesis.gasLimit
  // Half of a block at most: what others send has room beside it.
  const affordable = Number(blockGas / 2n / PIECE_OPERATION_GAS)
  const size = Math.max(1, Math.min(MAX_PIECE_OPERATIONS, affordable))
  const count = Math.ceil(operations.length / size)
  return Array.from({ length: count }, (_, at) => operations.slice(at * size, (at + 1) * size))
}
