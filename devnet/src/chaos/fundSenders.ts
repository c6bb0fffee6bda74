/** Before a chaos run: tokens of every kind, of ours and of others' SDKs, and accounts that hold ether and some of them. */
import { fileURLToPath } from 'node:url'
import { initCodeOf } from '@touchstone/contracts'
import { readForeignTokens } from '@touchstone/node/testing/foreignTokens'
import {
  bytesToHex,
  concat,
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  http,
  parseAbi,
  parseAbiParameters,
  parseEther,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readArtifact } from '../contracts/artifact.ts'
import type { DevAccount } from '../network/accounts.ts'
import type { Network } from '../network/runner.ts'
import { TOKEN_CALL_GAS, type TokenContract } from './traffic.ts'

const FUNDS_OF_SENDER = parseEther('100')
const TOKENS_OF_SENDER = 1_000_000n
const SUPPLY = 10n ** 24n
const TOKEN = fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url))
const FOREIGN_ABI = parseAbi([
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function approve(address spender, uint256 value) returns (bool)',
])
const CONSTRUCTOR = parseAbiParameters('string, string, uint256, address')

/** Deploys the tokens, and gives every account ether, tokens of our own and those of one kind of others. */
export async function fundSenders(
  network: Network,
  owner: DevAccount,
  accounts: readonly DevAccount[],
): Promise<readonly TokenContract[]> {
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
  const create = async (data: Hex) => (await success(await wallet.sendTransaction({ data }))).contractAddress!

  const { abi, bytecode } = readArtifact(TOKEN)
  const own = { address: await create(encodeDeployData({ abi, bytecode, args: ['Chaos', 'CHAOS', SUPPLY] })), abi }
  const foreign: TokenContract[] = []
  for (const { name, code } of readForeignTokens()) {
    const args = encodeAbiParameters(CONSTRUCTOR, [name, 'CHAOS', SUPPLY, owner.address])
    foreign.push({ address: await create(concat([bytesToHex(initCodeOf(code, 'construct')), args])), abi: FOREIGN_ABI })
  }

  let nonce = await client.getTransactionCount({ address: owner.address })
  const hashes: Hex[] = []
  const give = async (token: TokenContract, to: Hex) => {
    const args = [to, TOKENS_OF_SENDER]
    const data = encodeFunctionData({ abi: token.abi, functionName: 'transfer', args })
    hashes.push(await wallet.sendTransaction({ to: token.address, data, gas: TOKEN_CALL_GAS, nonce: nonce++ }))
  }
  for (const [index, { address }] of accounts.entries()) {
    hashes.push(await wallet.sendTransaction({ to: address, value: FUNDS_OF_SENDER, nonce: nonce++ }))
    await give(own, address)
    await give(foreign[index % foreign.length]!, address)
  }
  await Promise.all(hashes.map(success))
  return [own, ...foreign]
}
