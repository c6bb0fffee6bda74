/** The beginning of a chaos run: a token, and ether and tokens for every account that sends. */
import { fileURLToPath } from 'node:url'
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  http,
  parseEther,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readArtifact } from '../contracts/artifact.ts'
import type { DevAccount } from '../network/accounts.ts'
import type { Network } from '../network/runner.ts'
import type { TokenContract } from './traffic.ts'

const FUNDS_OF_SENDER = parseEther('100')
const TOKENS_OF_SENDER = 1_000_000n
const tokenPath = fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url))

/** Deploys the token and gives every sender ether and tokens. */
export async function fundSenders(
  network: Network,
  owner: DevAccount,
  accounts: readonly DevAccount[],
): Promise<TokenContract> {
  const { abi, bytecode } = readArtifact(tokenPath)
  const { chainId, nodes } = network.ready
  const url = nodes[0]!.rpc
  const chain = defineChain({
    id: chainId,
    name: 'Touchstone',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  const shared = { chain, transport: http(url), pollingInterval: 50 }
  const client = createPublicClient(shared)
  const wallet = createWalletClient({ ...shared, account: privateKeyToAccount(owner.privateKey) })
  const success = async (hash: Hex) => {
    const receipt = await client.waitForTransactionReceipt({ hash, timeout: 60_000 })
    if (receipt.status !== 'success') throw new Error(`preparing the run: transaction ${hash} failed`)
    return receipt
  }
  const args = ['Chaos', 'CHAOS', 10n ** 24n]
  const created = await success(await wallet.sendTransaction({ data: encodeDeployData({ abi, bytecode, args }) }))
  const address = created.contractAddress!
  let nonce = await client.getTransactionCount({ address: owner.address })
  const hashes: Hex[] = []
  for (const account of accounts) {
    hashes.push(
      await wallet.sendTransaction({ to: account.address, value: FUNDS_OF_SENDER, nonce: nonce++ }),
      await wallet.sendTransaction({
        to: address,
        data: encodeFunctionData({ abi, functionName: 'transfer', args: [account.address, TOKENS_OF_SENDER] }),
        gas: 200_000n,
        nonce: nonce++,
      }),
    )
  }
  await Promise.all(hashes.map(success))
  return { address, abi }
}
