import { toQuantity } from '../../../codec/hex.ts'
import { baseFeeAfter } from '../../../execution/baseFee.ts'
import { blockNumber, showBlock } from '../../decode/blockReference.ts'
import { arrayOf, type Decoder, decoder, wrong } from '../../decode/decoder.ts'
import { count } from '../../decode/hex.ts'
import { invalidParams, unknownBlock } from '../../errors.ts'
import { defineMethod, type ParamContext, required, withDefault } from '../../method.ts'
import { nextHeaderOf } from '../../reading/callRequest.ts'
import { stopIfOver } from '../../reading/context.ts'
import { tipPercentiles } from '../../reading/feeSuggestion.ts'
import { heightOf } from '../../reading/logSearch.ts'
import { FEE_HISTORY } from '../../schema/results.ts'

const percentile: Decoder<number> = decoder({ type: 'number', minimum: 0, maximum: 100 }, (value, at) => {
  if (typeof value !== 'number' || !(value >= 0 && value <= 100)) throw wrong(at, 'a number from 0 to 100', value)
  return value
})

function ascending(decode: Decoder<readonly number[]>): Decoder<readonly number[]> {
  return decoder(decode.schema, (value, at) => {
    const numbers = decode(value, at)
    // As geth: two that are equal are a mistake of the caller.
    const wrongAt = numbers.findIndex((number, index) => index > 0 && number <= numbers[index - 1]!)
    if (wrongAt !== -1) throw invalidParams(`${at}[${wrongAt}] is not above the one before it; percentiles ascend`)
    return numbers
  })
}

const params = ({ limits }: ParamContext) =>
  [
    required('blockCount', count(0, Number.MAX_SAFE_INTEGER)),
    required('newestBlock', blockNumber),
    withDefault(
      'rewardPercentiles',
      ascending(arrayOf(percentile, limits.maxRewardPercentiles, 'maxRewardPercentiles')),
      [],
    ),
  ] as const

/**
 * eth_feeHistory: base fees, how full the blocks were, and tips paid at percentiles of their gas. More blocks than
 * there are, or than `maxFeeHistory`, give as many as there are, as in geth.
 */
export const feeHistory = defineMethod({
  name: 'eth_feeHistory',
  kind: 'read',
  pace: 'slow',
  summary: 'base fees, how full blocks were, tips at percentiles; at most `maxFeeHistory` blocks',
  differs: 'no blob fields',
  result: FEE_HISTORY,
  params,
  async handle(context, blockCount, newest, percentiles) {
    const { chain } = context.backend
    const head = chain.head().header.number
    const last = heightOf(newest, head)
    if (last > head) throw unknownBlock(`${showBlock(newest)}, the newest is ${toQuantity(head)}`)
    const wanted = BigInt(Math.min(blockCount, context.limits.maxFeeHistory))
    // A node that began with a snapshot has no receipts up to that block; a question about those alone is the chain's
    // to refuse.
    const first = chain.base > 0n && last > chain.base ? chain.base + 1n : 0n
    const there = last - first + 1n
    const amount = wanted > there ? there : wanted
    if (amount === 0n) return { oldestBlock: '0x0', gasUsedRatio: [], baseFeePerGas: [] }

    const baseFees: string[] = []
    const ratios: number[] = []
    const rewards: (readonly string[])[] = []
    const oldest = last - amount + 1n
    let next = 0n
    for (let number = oldest; number <= last; number++) {
      stopIfOver(context, 'the fee history', `block ${number}`)
      const block = percentiles.length > 0 ? await context.blocks.executed({ number }) : null
      const header = block === null ? (await context.blocks.block({ number }))?.header : block.block.header
      if (header === undefined) throw unknownBlock(toQuantity(number))
      baseFees.push(toQuantity(header.baseFeePerGas))
      ratios.push(header.gasLimit === 0n ? 0 : Number(header.gasUsed) / Number(header.gasLimit))
      if (block !== null) rewards.push(tipPercentiles(block, percentiles).map(toQuantity))
      next = number === head ? nextHeaderOf(context.backend).baseFeePerGas : baseFeeAfter(header, chain.genesis)
    }
    return {
      oldestBlock: toQuantity(oldest),
      baseFeePerGas: [...baseFees, toQuantity(next)],
      gasUsedRatio: ratios,
      ...(percentiles.length > 0 ? { reward: rewards } : {}),
    }
  },
})
