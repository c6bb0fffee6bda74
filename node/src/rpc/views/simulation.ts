/** A simulated block as eth_simulateV1 gives it: a block, and what each call came to. */
import type { SimulatedBlock, SimulatedCallResult } from '../../chain/chainService.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { failedSimulatedCall } from '../errors.ts'
import { blockView } from './block.ts'
import { logView } from './log.ts'

export function simulatedBlockView({ block, calls }: SimulatedBlock, full: boolean): Readonly<Record<string, unknown>> {
  const senders = full ? calls.map(({ transaction }) => transaction.sender) : null
  let logIndex = 0
  return {
    ...blockView(block, senders),
    calls: calls.map((call, transactionIndex) => {
      const place = {
        blockNumber: block.header.number,
        blockHash: block.hash,
        transactionHash: call.transaction.hash,
        transactionIndex,
      }
      return callView(
        call,
        call.logs.map((log) => logView({ ...place, log, logIndex: logIndex++ })),
      )
    }),
  }
}

function callView(call: SimulatedCallResult, logs: readonly unknown[]): object {
  const { kind, output, gasUsed, gasSpent } = call
  return {
    status: kind === 'success' ? '0x1' : '0x0',
    // Of a revert it is in the error, as in geth.
    returnData: kind === 'success' ? toHex(output) : '0x',
    gasUsed: toQuantity(gasUsed),
    maxUsedGas: toQuantity(gasSpent),
    logs,
    ...(kind === 'success' ? {} : { error: failedSimulatedCall(call) }),
  }
}
