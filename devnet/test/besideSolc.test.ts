/**
 * The table of docs/rationale/contracts.md that sets calls of the example token and of the auction beside the same in
 * Solidity: each figure of ours is what a whole transaction uses where the code is warm. And their goal: at most 1.15
 * times as much as solc's code asks on Ethereum, which `npm run bench:solc` measures.
 */
import { beforeAll, expect, it } from 'vitest'
import { BUILD_TIMEOUT } from '../../contracts/test/fixtures.ts'
import { type Called, type CallName, makeCalls, SOLC_GAS } from '../bench/solc/calls.ts'
import { OurStage } from '../bench/solc/ours.ts'
import { textOf } from './documents/repository.ts'

const MOST_TIMES = 1.15
const CALLS = Object.entries(SOLC_GAS) as [CallName, number][]
let ours: Record<CallName, Called>

beforeAll(async () => {
  ours = await makeCalls(new OurStage())
}, BUILD_TIMEOUT)

const spaced = (gas: number | bigint): string => String(gas).replace(/\B(?=(\d{3})+$)/g, ' ')

it.each(CALLS)('%s costs what the table says, and no more than it may', (name, solc) => {
  const gas = ours[name].gasUsed
  const times = Number(gas) / solc
  const row = textOf('docs/rationale/contracts.md')
    .split('\n')
    .find((line) => line.startsWith(`| ${name} | `))
  expect(row?.split(' | ').slice(1)).toEqual([spaced(solc), expect.anything(), spaced(gas), `${times.toFixed(2)} |`])
  expect(times).toBeLessThanOrEqual(MOST_TIMES)
})
