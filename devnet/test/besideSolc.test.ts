/**
 * The table of docs/rationale/contracts.md that sets calls of the example token and of the auction beside the same in
 * Solidity: each figure of ours is what a whole transaction uses where the code is warm. And their goal: at most 1.15
 * times as much as solc 0.8.30 with its optimizer (200 runs) asks in an EVM of Cancun, whose figures are written out.
 */
import { join } from 'node:path'
import { buildContract } from '@touchstone/contracts'
import { hexToBytes } from 'viem'
import { beforeAll, expect, it } from 'vitest'
import { BUILD_TIMEOUT } from '../../contracts/test/fixtures.ts'
import { account, type SendOptions, TestChain, type TestContract } from '../../contracts/test/testChain.ts'
import { keepWarm } from '../../node/src/execution/warmCodes.ts'
import { root, textOf } from './documents/repository.ts'

const MOST_TIMES = 1.15
const SECONDS = 3_600
const ETHER = 10n ** 18n
const [owner, alice, bob, carol] = [account(0), account(1), account(2), account(3)]

/** By the name of its row: the gas of solc's code, and of ours. */
const CALLS = [
  ['token: transfer', 34_570],
  ['approve', 29_082],
  ['transferFrom', 40_458],
  ['mint', 36_400],
  ['burn', 33_725],
  ['auction: first bid', 69_184],
  ["third bid, its bidder's first refund", 57_273],
  ['fourth bid, its second', 40_173],
  ['withdraw', 28_577],
  ['end', 58_430],
] as const
const ours = new Map<string, bigint>()

async function deployed(chain: TestChain, folder: string, args: readonly unknown[]): Promise<TestContract> {
  const [artifact] = await buildContract(join(root, folder))
  const contract = chain.deploy(artifact!, args)
  keepWarm(chain.state, [{ key: chain.state.codeHash(hexToBytes(contract.address)), weight: 1n }])
  return contract
}

beforeAll(async () => {
  const chain = new TestChain()
  const token = await deployed(chain, 'contracts/examples/token', ['Gold', 'GLD', 1_000_000n * ETHER])
  const auction = await deployed(chain, 'contracts/templates/auction', [SECONDS])
  const used = (contract: TestContract, name: string, args: readonly unknown[], options: SendOptions = {}): bigint => {
    const { gasUsed, message } = contract.trySend(name, args, options)
    expect(message).toBeNull()
    return gasUsed
  }
  for (const holder of [alice, bob]) used(token, 'transfer', [holder, ETHER])
  used(token, 'approve', [bob, ETHER])
  ours.set('token: transfer', used(token, 'transfer', [bob, ETHER]))
  // One byte more that is not zero, as the figure of solc has it.
  ours.set('approve', used(token, 'approve', [bob, 100n * ETHER]))
  ours.set('transferFrom', used(token, 'transferFrom', [owner, alice, ETHER], { from: bob }))
  ours.set('mint', used(token, 'mint', [bob, ETHER]))
  ours.set('burn', used(token, 'burn', [ETHER]))
  const bids = [alice, bob, alice, bob, carol].map((from, i) => {
    // Who was outbid before has a refund that grows.
    return used(auction, 'bid', [], { from, value: BigInt(i + 1) * ETHER })
  })
  ours.set('auction: first bid', bids[0]!)
  ours.set("third bid, its bidder's first refund", bids[2]!)
  ours.set('fourth bid, its second', bids[3]!)
  ours.set('withdraw', used(auction, 'withdraw', [], { from: alice }))
  chain.timestamp += BigInt(SECONDS)
  ours.set('end', used(auction, 'end', [], { from: owner }))
}, BUILD_TIMEOUT)

const spaced = (gas: number | bigint): string => String(gas).replace(/\B(?=(\d{3})+$)/g, ' ')

it.each(CALLS)('%s costs what the table says, and no more than it may', (name, solc) => {
  const gas = ours.get(name)!
  const times = Number(gas) / solc
  const row = textOf('docs/rationale/contracts.md')
    .split('\n')
    .find((line) => line.startsWith(`| ${name} | `))
  expect(row?.split(' | ').slice(1)).toEqual([spaced(solc), expect.anything(), spaced(gas), `${times.toFixed(2)} |`])
  expect(times).toBeLessThanOrEqual(MOST_TIMES)
})
