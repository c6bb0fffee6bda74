import type { RpcContext } from './context.ts'
import type { ExecutedBlock } from './executedBlock.ts'

/** Wei per gas: suggested while blocks have room, when any tip gets in. 1 gwei, as anvil and hardhat suggest. */
const QUIET_TIP = 1_000_000_000n
/** A block fuller than this part of its limit made somebody wait. */
const FULL_BLOCK_PERCENT = 90n
/** As geth's oracle. */
const BLOCKS_CONSIDERED = 20n
/** Percentile of a full block's gas below which a tip is too low. Geth's oracle uses 60 as well. */
const TIP_PERCENTILE = 60

/** Wei per gas. */
export async function suggestedTip({ backend, blocks }: RpcContext): Promise<bigint> {
  let tip = QUIET_TIP
  const head = backend.chain.head().header
  const considered = head.number > BLOCKS_CONSIDERED ? head.number - BLOCKS_CONSIDERED : 0n
  // Of the block a snapshot begins with there are no receipts.
  const oldest = considered > backend.chain.base ? considered : backend.chain.base
  for (let number = head.number; number > oldest; number--) {
    const block = await blocks.executed({ number })
    if (block === null) break
    const { gasUsed, gasLimit } = block.block.header
    if (gasUsed * 100n < gasLimit * FULL_BLOCK_PERCENT) continue
    const paid = tipPercentiles(block, [TIP_PERCENTILE])[0]!
    if (paid > tip) tip = paid
  }
  return tip
}

/**
 * The tips below which that percentage of the block's gas was bought, as eth_feeHistory defines it. Zeros for a block in
 * which none was. Dev transactions cost nothing, less than the base fee: they are left out, or tips would be negative.
 */
export function tipPercentiles({ block, receipts }: ExecutedBlock, percentiles: readonly number[]): readonly bigint[] {
  const { baseFeePerGas } = block.header
  const bought = receipts
    .map((record) => ({ tip: record.effectiveGasPrice - baseFeePerGas, gas: record.gasUsed }))
    .filter(({ tip }) => tip >= 0n)
    .sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0))
  if (bought.length === 0) return percentiles.map(() => 0n)
  const all = Number(bought.reduce((sum, { gas }) => sum + gas, 0n))
  let index = 0
  let gas = bought[0]!.gas
  return percentiles.map((percentile) => {
    const threshold = (all * percentile) / 100
    while (Number(gas) < threshold && index < bought.length - 1) gas += bought[++index]!.gas
    return bought[index]!.tip
  })
}
