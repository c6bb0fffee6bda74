/**
 * The calls that docs/rationale/contracts.md sets beside the same in Solidity, and what solc's code uses of gas in each:
 * `npm run bench:solc` measures these constants, and besideSolc.test.ts holds ours to them.
 */
import type { Hex } from 'viem'
import { account, type SendOptions } from '../../../contracts/test/testChain.ts'

/** By the name of its row: gas of a whole transaction, with solc's code on Ethereum. */
export const SOLC_GAS = {
  'token: transfer': 34_570,
  approve: 29_082,
  transferFrom: 40_388,
  mint: 36_400,
  burn: 33_725,
  'auction: first bid': 69_184,
  "third bid, its bidder's first refund": 57_273,
  'fourth bid, its second': 40_173,
  withdraw: 28_620,
  end: 58_481,
} as const

export type CallName = keyof typeof SOLC_GAS

/** Folders below contracts/ of the contracts that are called, and the names of the files of Solidity beside this one. */
export const CONTRACTS = { Token: 'examples/token', Auction: 'templates/auction' } as const

export type ContractName = keyof typeof CONTRACTS

export interface Called {
  /** Of the whole transaction. */
  readonly gasUsed: bigint
  readonly logs: readonly { readonly topics: readonly Hex[]; readonly data: Hex }[]
}

/** A chain on which the accounts 0 to 3 of {@link account} exist and are rich. */
export interface Stage {
  /** As account 0. */
  deploy(name: ContractName, args: readonly unknown[]): Promise<void>
  /** In a transaction of its own, as account 0 unless told. @throws when it fails */
  call(name: ContractName, method: string, args?: readonly unknown[], options?: SendOptions): Promise<Called>
  /** For the transactions after. */
  passTime(seconds: number): Promise<void>
}

const SECONDS = 3_600
const ETHER = 10n ** 18n

/** Deploys both contracts and makes the calls; those before them leave behind what a chain in use has. */
export async function makeCalls(stage: Stage): Promise<Record<CallName, Called>> {
  const [owner, alice, bob, carol] = [account(0), account(1), account(2), account(3)]
  const token = (method: string, args: readonly unknown[], options?: SendOptions) =>
    stage.call('Token', method, args, options)
  await stage.deploy('Token', ['Gold', 'GLD', 1_000_000n * ETHER])
  for (const holder of [alice, bob]) await token('transfer', [holder, ETHER])
  await token('approve', [bob, ETHER])
  const transfer = await token('transfer', [bob, ETHER])
  const approve = await token('approve', [bob, 100n * ETHER])
  const transferFrom = await token('transferFrom', [owner, alice, ETHER], { from: bob })
  const mint = await token('mint', [bob, ETHER])
  const burn = await token('burn', [ETHER])

  await stage.deploy('Auction', [SECONDS])
  const bids: Called[] = []
  // Who was outbid before has a refund that grows.
  for (const from of [alice, bob, alice, bob, carol]) {
    bids.push(await stage.call('Auction', 'bid', [], { from, value: BigInt(bids.length + 1) * ETHER }))
  }
  const withdraw = await stage.call('Auction', 'withdraw', [], { from: alice })
  await stage.passTime(SECONDS)
  const end = await stage.call('Auction', 'end')
  return {
    'token: transfer': transfer,
    approve,
    transferFrom,
    mint,
    burn,
    'auction: first bid': bids[0]!,
    "third bid, its bidder's first refund": bids[2]!,
    'fourth bid, its second': bids[3]!,
    withdraw,
    end,
  }
}
