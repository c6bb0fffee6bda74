/**
 * After a chaos run is healed: is there one chain, is everything in it that was acknowledged, once, and does the money add
 * up? Asks every node for every block; faults come back as sentences.
 */
import { decodeFunctionResult, encodeFunctionData, type Hex, numberToHex } from 'viem'
import { ask, askAll, type RpcTarget } from '../network/nodeRpc.ts'
import type { Acknowledged, TokenContract } from './traffic.ts'

export interface AuditOptions {
  readonly targets: readonly RpcTarget[]
  readonly acknowledged: readonly Acknowledged[]
  /** Blocks as they were shown during the run. */
  readonly shown: ReadonlyMap<number, Hex>
  /** Every address that may hold ether or tokens. */
  readonly holders: readonly Hex[]
  /** Wei in the genesis. */
  readonly supply: bigint
  readonly tokens: readonly TokenContract[]
}

export interface AuditResult {
  /** Greatest height that all nodes have. */
  readonly height: number
  readonly transactions: number
  /** Acknowledged transactions that are in the chain once. */
  readonly included: number
  readonly lost: readonly Hex[]
  readonly duplicated: readonly Hex[]
  /** Two nodes, or one at two times, have different blocks, roots or receipts. */
  readonly divergences: readonly string[]
  /** Proofs that a validator signed two different things. */
  readonly evidence: number
  /** Other things that do not add up. */
  readonly wrong: readonly string[]
}

interface Block {
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
  readonly receiptsRoot: Hex
  readonly gasUsed: Hex
  readonly baseFeePerGas: Hex
  readonly transactions: readonly Hex[]
}

interface Receipt {
  readonly blockHash: Hex
  readonly status: Hex
  readonly gasUsed: Hex
}

const MAX_NAMED = 10

export async function auditChain(options: AuditOptions): Promise<AuditResult> {
  const { targets, acknowledged } = options
  const heights = await Promise.all(targets.map(async (target) => Number(await ask(target, 'eth_blockNumber', []))))
  const height = Math.min(...heights)
  const numbers = Array.from({ length: height + 1 }, (_, number) => [numberToHex(number), false])
  const chains = await Promise.all(
    targets.map(async (target) => (await askAll(target, 'eth_getBlockByNumber', numbers)) as (Block | null)[]),
  )
  const chain = chains[0]!.map((block, number) => {
    if (block === null) throw new Error(`node ${targets[0]!.index} has no block ${number} though it is at ${height}`)
    return block
  })
  const times = countTransactions(chain)
  const lost = acknowledged.filter(({ hash }) => !times.has(hash)).map(({ hash }) => hash)
  const divergences = [
    ...compareChains(chains, targets),
    ...compareShown(chain, options.shown),
    ...(await compareReceipts(options, chain, lost)),
  ]
  return {
    height,
    transactions: [...times.values()].reduce((sum, count) => sum + count, 0),
    included: acknowledged.filter(({ hash }) => times.get(hash) === 1).length,
    lost,
    duplicated: [...times].flatMap(([hash, count]) => (count > 1 ? [hash] : [])),
    divergences,
    evidence: await countEvidence(targets),
    wrong: [...brokenLinks(chain), ...(await checkMoney(options, chain, height))],
  }
}

function countTransactions(chain: readonly Block[]): Map<Hex, number> {
  const times = new Map<Hex, number>()
  for (const hash of chain.flatMap(({ transactions }) => transactions)) times.set(hash, (times.get(hash) ?? 0) + 1)
  return times
}

function compareChains(chains: readonly (readonly (Block | null)[])[], targets: readonly RpcTarget[]): string[] {
  const text = (block: Block | null | undefined) =>
    block ? `${block.hash} state ${block.stateRoot} receipts ${block.receiptsRoot}` : 'no block'
  return chains[0]!.flatMap((first, number) =>
    chains.flatMap((chain, position) =>
      text(chain[number]) === text(first)
        ? []
        : [
            `height ${number}: node ${targets[0]!.index} has ${text(first)}, node ${targets[position]!.index} ${text(chain[number])}`,
          ],
    ),
  )
}

function compareShown(chain: readonly Block[], shown: ReadonlyMap<number, Hex>): string[] {
  return [...shown].flatMap(([number, hash]) =>
    number < chain.length && chain[number]!.hash !== hash
      ? [`height ${number}: was shown as ${hash} during the run, and is ${chain[number]!.hash} now`]
      : [],
  )
}

/** Every node has the same receipt for every acknowledged transaction. */
async function compareReceipts(
  { targets, acknowledged }: AuditOptions,
  chain: readonly Block[],
  lost: readonly Hex[],
): Promise<string[]> {
  const absent = new Set(lost)
  const asked = acknowledged.filter(({ hash }) => !absent.has(hash)).map(({ hash }) => hash)
  const blockOf = new Map(chain.flatMap(({ hash, transactions }) => transactions.map((own) => [own, hash] as const)))
  const wrong: string[] = []
  const calls = asked.map((hash) => [hash])
  const all = await Promise.all(
    targets.map(async (target) => (await askAll(target, 'eth_getTransactionReceipt', calls)) as (Receipt | null)[]),
  )
  for (const [position, hash] of asked.entries()) {
    const text = (receipt: Receipt | null) =>
      receipt ? `${receipt.status} ${receipt.gasUsed} ${receipt.blockHash}` : 'none'
    const first = all[0]![position]!
    for (const [at, receipts] of all.entries()) {
      const own = receipts[position]!
      if (text(own) === text(first) && own?.blockHash === blockOf.get(hash)) continue
      wrong.push(
        `receipt of ${hash}: ${text(own)} at node ${targets[at]!.index}, ${text(first)} at ${targets[0]!.index}`,
      )
    }
  }
  return wrong
}

function brokenLinks(chain: readonly Block[]): string[] {
  return chain.flatMap(({ parentHash }, number) =>
    number > 0 && parentHash !== chain[number - 1]!.hash ? [`block ${number} does not follow block ${number - 1}`] : [],
  )
}

async function countEvidence(targets: readonly RpcTarget[]): Promise<number> {
  const found = await Promise.all(targets.map((target) => ask(target, 'touchstone_evidence', [])))
  return Math.max(...found.map((list) => (list as readonly unknown[]).length))
}

/** Ether: what everybody has and what was burnt is what the genesis had. Tokens: what everybody has is the supply. */
async function checkMoney(
  { targets, holders, supply, tokens }: AuditOptions,
  chain: readonly Block[],
  height: number,
): Promise<string[]> {
  const target = targets[0]!
  const at = numberToHex(height)
  const balances = await askAll(
    target,
    'eth_getBalance',
    holders.map((address) => [address, at]),
  )
  const held = sum(balances.map((balance) => BigInt(balance as Hex)))
  const burnt = sum(chain.map(({ gasUsed, baseFeePerGas }) => BigInt(gasUsed) * BigInt(baseFeePerGas)))
  const wrong: string[] = []
  if (held + burnt !== supply) {
    wrong.push(
      `${held} wei held and ${burnt} burnt are not the ${supply} of the genesis (${held + burnt - supply} off)`,
    )
  }
  for (const token of tokens) {
    const { held: inHands, issued } = await tokensOf(token, target, holders, at)
    if (inHands !== issued) wrong.push(`${inHands} tokens of ${token.address} are held, and ${issued} were issued`)
  }
  return wrong
}

async function tokensOf(
  { abi, address: to }: TokenContract,
  target: RpcTarget,
  holders: readonly Hex[],
  at: Hex,
): Promise<{ readonly held: bigint; readonly issued: bigint }> {
  const read = async (functionName: string, argsOfCalls: readonly (readonly unknown[])[]) => {
    const calls = argsOfCalls.map((args) => [{ to, data: encodeFunctionData({ abi, functionName, args }) }, at])
    const answers = (await askAll(target, 'eth_call', calls)) as Hex[]
    return answers.map((data) => decodeFunctionResult({ abi, functionName, data }) as bigint)
  }
  const [issued] = await read('totalSupply', [[]])
  return {
    held: sum(
      await read(
        'balanceOf',
        holders.map((address) => [address]),
      ),
    ),
    issued: issued!,
  }
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

/** The first few, and how many more. */
export function shorten(lines: readonly string[]): string[] {
  const more = lines.length - MAX_NAMED
  return more > 0 ? [...lines.slice(0, MAX_NAMED), `and ${more} more`] : [...lines]
}
