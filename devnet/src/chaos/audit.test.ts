/** The audit must find what is wrong: here nodes are made up that are wrong in one way each. */
import { encodeAbiParameters, type Hex, parseAbi, toFunctionSelector } from 'viem'
import { afterEach, expect, it, vi } from 'vitest'
import { type AuditOptions, auditChain } from './audit.ts'

afterEach(() => vi.unstubAllGlobals())

const hash = (fill: number) => `0x${fill.toString(16).padStart(2, '0').repeat(32)}` as Hex
const abi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
])
const token = `0x${'77'.repeat(20)}` as Hex
const alice = `0x${'aa'.repeat(20)}` as Hex
const bob = `0x${'bb'.repeat(20)}` as Hex
const [payment, call] = [hash(1), hash(2)]

interface FakeNode {
  blocks: {
    hash: Hex
    parentHash: Hex
    stateRoot: Hex
    receiptsRoot: Hex
    gasUsed: Hex
    baseFeePerGas: Hex
    transactions: Hex[]
  }[]
  receipts: Record<Hex, { blockHash: Hex; status: Hex; gasUsed: Hex }>
  balances: Record<Hex, bigint>
  tokens: Record<Hex, bigint>
  issued: bigint
  evidence: object[]
}

/** Three blocks, two transactions, 100 wei in the genesis of which 20 were burnt. */
function honest(): FakeNode {
  const block = (number: number, transactions: Hex[], gasUsed: Hex) => ({
    hash: hash(0x10 + number),
    parentHash: hash(0x0f + number),
    stateRoot: hash(0x20 + number),
    receiptsRoot: hash(0x30 + number),
    gasUsed,
    baseFeePerGas: '0x2' as Hex,
    transactions,
  })
  const receipt = (blockHash: Hex) => ({ blockHash, status: '0x1' as Hex, gasUsed: '0x5' as Hex })
  return {
    blocks: [block(0, [], '0x0'), block(1, [payment], '0x5'), block(2, [call], '0x5')],
    receipts: { [payment]: receipt(hash(0x11)), [call]: receipt(hash(0x12)) },
    balances: { [alice]: 50n, [bob]: 30n },
    tokens: { [alice]: 3n, [bob]: 4n },
    issued: 7n,
    evidence: [],
  }
}

/** Audits three nodes, of which the one at `position` (or all, at null) was changed. */
async function audit(
  change: (node: FakeNode) => void,
  position: number | null = 1,
  options: Partial<AuditOptions> = {},
) {
  const nodes = [honest(), honest(), honest()]
  for (const [index, node] of nodes.entries()) if (position === null || index === position) change(node)
  vi.stubGlobal('fetch', async (url: string, { body }: { body: string }) => {
    const node = nodes[Number(url.at(-1))]!
    const request = JSON.parse(body)
    const one = ({ id, method, params }: Request) => ({ id, result: answer(node, method, params) })
    return Response.json(Array.isArray(request) ? request.map(one) : one(request))
  })
  return auditChain({
    targets: nodes.map((_, index) => ({ index: index + 1, rpc: `http://node/${index}` })),
    acknowledged: [payment, call].map((own, nonce) => ({ hash: own, raw: '0x', from: alice, nonce, node: 1 })),
    shown: new Map([[1, hash(0x11)]]),
    holders: [alice, bob],
    supply: 100n,
    tokens: [{ address: token, abi }],
    ...options,
  })
}

interface Request {
  readonly id: number
  readonly method: string
  readonly params: readonly [Hex & { data: Hex }]
}

function answer(node: FakeNode, method: string, [first]: Request['params']): unknown {
  switch (method) {
    case 'eth_blockNumber':
      return `0x${(node.blocks.length - 1).toString(16)}`
    case 'eth_getBlockByNumber':
      return node.blocks[Number(first)] ?? null
    case 'eth_getTransactionReceipt':
      return node.receipts[first] ?? null
    case 'eth_getBalance':
      return `0x${(node.balances[first] ?? 0n).toString(16)}`
    case 'eth_call': {
      const supply = first.data === toFunctionSelector('totalSupply()')
      const value = supply ? node.issued : (node.tokens[`0x${first.data.slice(-40)}`] ?? 0n)
      return encodeAbiParameters([{ type: 'uint256' }], [value])
    }
    default:
      return node.evidence
  }
}

it('finds nothing on nodes that agree, also when one is a block behind', async () => {
  const clean = {
    height: 2,
    transactions: 2,
    included: 2,
    lost: [],
    duplicated: [],
    divergences: [],
    evidence: 0,
    wrong: [],
  }
  expect(await audit(() => undefined)).toEqual(clean)
  const behind = await audit((node) => node.blocks.pop(), 1, { acknowledged: [], supply: 90n })
  expect(behind).toMatchObject({ height: 1, divergences: [], wrong: [] })
})

it('finds a transaction that is lost, and one that is there twice', async () => {
  const lost = await audit((node) => node.blocks[2]!.transactions.pop(), null)
  expect(lost).toMatchObject({ included: 1, lost: [call] })
  const twice = await audit((node) => node.blocks[2]!.transactions.push(payment), null)
  expect(twice).toMatchObject({ included: 1, duplicated: [payment], lost: [] })
})

it('finds nodes that differ in a block, a root or a receipt', async () => {
  const changes: ((node: FakeNode) => void)[] = [
    (node) => (node.blocks[1]!.hash = hash(0x99)),
    (node) => (node.blocks[2]!.stateRoot = hash(0x99)),
    (node) => (node.blocks[0]!.receiptsRoot = hash(0x99)),
    (node) => (node.receipts[call]!.status = '0x0'),
    (node) => (node.receipts[call]!.gasUsed = '0x6'),
    (node) => delete node.receipts[payment],
  ]
  for (const change of changes) {
    const { divergences } = await audit(change)
    expect(divergences).toHaveLength(1)
    expect(divergences[0]).toMatch(/node 2/)
  }
})

it('finds a receipt that names another block than the one the transaction is in, on all nodes alike', async () => {
  const { divergences } = await audit((node) => (node.receipts[call]!.blockHash = hash(0x11)), null)
  expect(divergences).toHaveLength(3)
})

it('finds a block that was another one during the run, and blocks that do not follow each other', async () => {
  const shown = await audit(() => undefined, null, { shown: new Map([[2, hash(0x99)]]) })
  expect(shown.divergences).toEqual([expect.stringContaining('was shown as')])
  const { wrong } = await audit((node) => (node.blocks[2]!.parentHash = hash(0x99)), null)
  expect(wrong).toEqual(['block 2 does not follow block 1'])
})

it('finds a wei or a token too many, and proofs of double signing', async () => {
  expect((await audit((node) => (node.balances[bob] = 31n), null)).wrong).toEqual([expect.stringContaining('(1 off)')])
  expect((await audit((node) => (node.tokens[bob] = 5n), null)).wrong).toEqual([
    `8 tokens of ${token} are held, and 7 were issued`,
  ])
  expect((await audit((node) => node.evidence.push({}))).evidence).toBe(1)
})
