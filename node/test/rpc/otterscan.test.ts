/** The methods that Otterscan asks for, on a node of one: every answer is held against its schema too. */
import { createPublicClient, createWalletClient, type Hex, http, numberToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { command, PUPPET_CODE } from '../../src/execution/testing/puppet.ts'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'

const account = privateKeyToAccount(PRIVATE_KEYS[0]!)
const self = account.address.toLowerCase()
/** Gets money from inner calls only. */
const heir = `0x${'4e'.repeat(20)}` as const
const nobody = `0x${'4f'.repeat(20)}` as const
const REVERTED = '0x0102030405'

let node: LiveNode
let outer: Hex
let made: Hex
const hashes: Hex[] = []
const client = () => createPublicClient({ chain, transport: http(node.http), pollingInterval: 20 })
// biome-ignore lint/suspicious/noExplicitAny: whatever the method gives
const ask = (method: string, ...params: unknown[]): Promise<any> =>
  client().request({ method: method as never, params: params as never })

async function send(to: Hex | null, data: Uint8Array, value = 0n) {
  const wallet = createWalletClient({ account, chain, transport: http(node.http) })
  const hash = await wallet.sendTransaction({ ...{ to, value, data: toHex(data) as Hex }, gas: 5_000_000n })
  hashes.push(hash)
  return client().waitForTransactionReceipt({ hash })
}

// Blocks 1 to 6, a transaction each.
beforeAll(async () => {
  node = await startLiveNode({ maxHistoryBlocks: 4, maxHistoryPage: 3 })
  const initCode = encodeInitCode(PUPPET_CODE, null)
  outer = (await send(null, initCode)).contractAddress!.toLowerCase() as Hex
  const pay = (value: bigint) => command.call('call', fromHex(heir), new Uint8Array(0), { value })
  await send(outer, command.sequence(pay(3n), command.create(initCode, { value: 2n })), 9n)
  await send(outer, command.revert(fromHex(REVERTED)))
  await send(outer, pay(1n))
  await send(nobody, Uint8Array.of(1, 2, 3, 4, 5, 6), 1n)
  // The payment is undone with the frame around it.
  const undone = command.call('call', fromHex(outer), command.sequence(pay(1n), command.revert(new Uint8Array(0))))
  await send(outer, undone)
  const operations = await ask('ots_getInternalOperations', hashes[1])
  made = operations[1].to
})
afterAll(async () => {
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

describe('Otterscan', () => {
  it('finds the level of its API, and what is a contract', async () => {
    expect(await ask('ots_getApiLevel')).toBe(8)
    expect(await ask('ots_hasCode', outer, 'latest')).toBe(true)
    expect(await ask('ots_hasCode', outer, '0x0')).toBe(false)
    expect(await ask('ots_hasCode', heir, 'latest')).toBe(false)
  })

  it('shows value that moved and contracts that were made, and nothing that was undone', async () => {
    expect(await ask('ots_getInternalOperations', hashes[1])).toEqual([
      { type: 0, from: outer, to: heir, value: '0x3' },
      { type: 2, from: outer, to: made, value: '0x2' },
    ])
    expect(await ask('ots_getInternalOperations', hashes[5])).toEqual([])
    expect(await ask('ots_hasCode', made, 'latest')).toBe(true)
  })

  it('shows every frame with its depth, and what a transaction reverted with', async () => {
    const entries = await ask('ots_traceTransaction', hashes[5])
    const tree = entries.map(({ type, depth, from, to, value }: Record<string, unknown>) => [
      type,
      depth,
      from,
      to,
      value,
    ])
    expect(tree).toEqual([
      ['CALL', 0, self, outer, '0x0'],
      ['CALL', 1, outer, outer, '0x0'],
      ['CALL', 2, outer, heir, '0x1'],
    ])
    expect(await ask('ots_getTransactionError', hashes[2])).toBe(REVERTED)
    expect(await ask('ots_getTransactionError', hashes[0])).toBe('0x')
    await expect(ask('ots_traceTransaction', `0x${'00'.repeat(32)}`)).rejects.toThrow(/transaction not found/)
  })

  it('shows blocks without what is long, with all that was paid', async () => {
    const { gasUsed, effectiveGasPrice, blockHash } = await client().getTransactionReceipt({ hash: hashes[4]! })
    const details = await ask('ots_getBlockDetails', 5)
    expect(details).toMatchObject({
      block: { number: '0x5', hash: blockHash, transactionCount: 1, logsBloom: null },
      totalFees: numberToHex(gasUsed * effectiveGasPrice),
    })
    expect(details.block.transactions).toBeUndefined()
    expect(await ask('ots_getBlockDetailsByHash', blockHash)).toEqual(details)
    expect(await ask('ots_getBlockDetails', 'latest')).toMatchObject({ block: { number: '0x6' } })
    expect(await ask('ots_getBlockDetails', 99)).toBeNull()
  })

  it('pages the transactions of a block', async () => {
    const page = await ask('ots_getBlockTransactions', 5, 0, 3)
    expect(page.fullblock.transactions).toMatchObject([{ hash: hashes[4], input: '0x01020304' }])
    expect(page.receipts).toMatchObject([{ transactionHash: hashes[4], logs: null, logsBloom: null }])
    expect((await ask('ots_getBlockTransactions', 5, 1, 3)).fullblock.transactions).toEqual([])
    await expect(ask('ots_getBlockTransactions', 5, 0, 4)).rejects.toThrow(
      /pageSize must be a whole number from 1 to 3/,
    )
  })

  it('finds the transactions of an account, page by page, inner ones too', async () => {
    const found = async (method: string, ...params: unknown[]) => {
      const { txs, receipts, firstPage, lastPage } = await ask(method, ...params)
      const order = txs.map(({ hash }: { hash: Hex }) => hashes.indexOf(hash))
      expect(receipts.map(({ transactionHash }: { transactionHash: Hex }) => hashes.indexOf(transactionHash))).toEqual(
        order,
      )
      for (const { timestamp } of receipts) expect(timestamp).toBeGreaterThan(1_700_000_000)
      return [order, firstPage, lastPage]
    }
    const before = 'ots_searchTransactionsBefore'
    const after = 'ots_searchTransactionsAfter'
    expect(await found(before, self, 0, 3)).toEqual([[5, 4, 3], true, false])
    expect(await found(before, self, 4, 3)).toEqual([[2, 1, 0], false, true])
    expect(await found(after, self, 0, 3)).toEqual([[2, 1, 0], false, true])
    expect(await found(after, self, 3, 3)).toEqual([[5, 4, 3], true, false])
    // Blocks 2 and 4; the call that was undone in block 6 changed nothing.
    expect(await found(before, heir, 5, 3)).toEqual([[3, 1], false, true])
    expect(await found(before, heir, 0, 1)).toEqual([[3], true, false])
    expect(await found(before, made, 4, 3)).toEqual([[1], false, true])
    expect(await found(after, nobody, 1, 3)).toEqual([[4], false, false])
    await expect(ask(after, nobody, 0, 3)).rejects.toThrow(
      /in blocks 1 to 4, and one search looks through 4 \(maxHistoryBlocks\)/,
    )
  })

  it('finds a transaction by sender and nonce, and who made a contract', async () => {
    expect(await ask('ots_getTransactionBySenderAndNonce', account.address, 3)).toBe(hashes[3])
    expect(await ask('ots_getTransactionBySenderAndNonce', account.address, 6)).toBeNull()
    expect(await ask('ots_getContractCreator', outer)).toEqual({ hash: hashes[0], creator: self })
    expect(await ask('ots_getContractCreator', made)).toEqual({ hash: hashes[1], creator: outer })
    expect(await ask('ots_getContractCreator', heir)).toBeNull()
  })
})
