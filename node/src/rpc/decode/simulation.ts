/** The first parameter of eth_simulateV1 (execution-apis, "eth_simulateV1"). */
import type { SimulationRequest } from '../../chain/chainService.ts'
import { invalidParams, limitExceeded, tooManySimulatedBlocks } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import { named } from '../schema/schema.ts'
import { blockOverrides } from './blockOverrides.ts'
import { callMessageOf, stateOverrides, type TransactionRequest, transactionRequest } from './callMessage.ts'
import { arrayOf, boolean, type Decoder, decoder, object, optional } from './decoder.ts'

export interface SimulationParam {
  readonly blocks: SimulationRequest['blocks']
  /** Every call, as it was asked for. */
  readonly calls: readonly TransactionRequest[]
  readonly validation: boolean
  readonly traceTransfers: boolean
  readonly returnFullTransactions: boolean
}

type Limits = Pick<RpcLimits, 'maxSimulatedBlocks' | 'maxSimulatedCalls'>

export function simulation({ maxSimulatedBlocks, maxSimulatedCalls }: Limits): Decoder<SimulationParam> {
  const block = object('{"blockOverrides", "stateOverrides", "calls"}', {
    blockOverrides: optional(blockOverrides),
    stateOverrides: optional(stateOverrides),
    calls: optional(arrayOf(transactionRequest, maxSimulatedCalls, 'maxSimulatedCalls')),
  })
  const blocks = arrayOf(block)
  const fields = object('{"blockStateCalls", "traceTransfers", "validation", "returnFullTransactions"}', {
    blockStateCalls: decoder({ ...blocks.schema, maxItems: maxSimulatedBlocks }, (value, at) => {
      const given = Array.isArray(value) ? value.length : 0
      if (given > maxSimulatedBlocks) throw tooManySimulatedBlocks(given, maxSimulatedBlocks)
      return blocks(value, at)
    }),
    traceTransfers: optional(boolean),
    validation: optional(boolean),
    returnFullTransactions: optional(boolean),
  })
  return decoder(named('Simulation', fields.schema), (value, at) => {
    const { blockStateCalls, traceTransfers, validation, returnFullTransactions } = fields(value, at)
    if (blockStateCalls.length === 0) throw invalidParams(`${at}.blockStateCalls is empty; give at least one block`)
    const calls = blockStateCalls.flatMap((one) => one.calls ?? [])
    if (calls.length > maxSimulatedCalls) {
      throw limitExceeded(
        `${at}.blockStateCalls has ${calls.length} calls; at most ${maxSimulatedCalls} are allowed (maxSimulatedCalls)`,
      )
    }
    return {
      blocks: blockStateCalls.map((one) => ({
        overrides: one.blockOverrides ?? {},
        stateOverrides: one.stateOverrides ?? [],
        calls: (one.calls ?? []).map((call) => ({
          ...callMessageOf(call),
          ...(call.nonce === undefined ? {} : { nonce: call.nonce }),
        })),
      })),
      calls,
      traceTransfers: traceTransfers ?? false,
      validation: validation ?? false,
      returnFullTransactions: returnFullTransactions ?? false,
    }
  })
}
