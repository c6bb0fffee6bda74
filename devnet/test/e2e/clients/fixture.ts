/** What the tables of all clients stand on: one network in dev mode, a token on it, and one of its transfers. */
import { defineChain, type Hex, parseAbi, type TransactionReceipt } from 'viem'
import { create2FactoryAddress, multicall3Address } from '../../../src/network/predeployAddresses.ts'
import { type Artifact, readExample } from '../contracts.ts'
import { chain as plainChain, startTestNetwork, type TestNetwork } from '../harness.ts'

export { create2FactoryAddress, multicall3Address }

/** As an author describes it to viem (docs/devnet.md, "What tools expect at fixed addresses"). */
export const chain = defineChain({ ...plainChain, contracts: { multicall3: { address: multicall3Address } } })

export const tokenAbi = parseAbi([
  'function name() view returns (string)',
  'function symbol() view returns (string)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address, address) view returns (uint256)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function approve(address spender, uint256 value) returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Approval(address indexed owner, address indexed spender, uint256 value)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
])

/** Nobody has its key; of digits only, so that it is the same with and without a checksum. */
export const stranger = '0x0000000000000000000000000000000000010001'
export const SUPPLY = 1_000_000n
export const TRANSFERRED = 25n

export interface Fixture {
  readonly network: TestNetwork
  readonly artifact: Artifact
  readonly token: Hex
  readonly deployed: TransactionReceipt
  /** A transfer of 25 tokens from account 0 to the stranger. */
  readonly transfer: TransactionReceipt
  readonly rpc: (node: number) => string
  readonly ws: (node: number) => string
  readonly address: (account: number) => Hex
  readonly privateKey: (account: number) => Hex
}

export async function startFixture(): Promise<Fixture> {
  const network = await startTestNetwork({ dev: true })
  const artifact = readExample('token', 'Token')
  const everywhere = async (hash: Hex) => {
    const nodes = network.ready.nodes.map((_, index) => network.client(index + 1))
    const receipts = await Promise.all(nodes.map((client) => client.waitForTransactionReceipt({ hash })))
    return receipts[0]!
  }
  const wallet = network.wallet(1, 0)
  const deployed = await everywhere(await wallet.deployContract({ ...artifact, args: ['Gold', 'GLD', SUPPLY] }))
  const token = deployed.contractAddress!
  const transfer = await everywhere(
    await wallet.writeContract({
      ...{ address: token, abi: tokenAbi, functionName: 'transfer', args: [stranger, TRANSFERRED] },
    }),
  )
  const rpc = (node: number) => network.ready.nodes[node - 1]!.rpc
  return {
    ...{ network, artifact, token, deployed, transfer, rpc },
    ws: (node) => rpc(node).replace('http', 'ws'),
    address: (account) => network.ready.accounts[account]!.address as Hex,
    privateKey: (account) => network.ready.accounts[account]!.privateKey as Hex,
  }
}
