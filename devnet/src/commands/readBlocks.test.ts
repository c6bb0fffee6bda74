/** Answers of what is no node of ours: a port may be another program's by now. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readBlocks } from './readBlocks.ts'

const address = `0x${'11'.repeat(20)}`
const transaction = { from: address, to: null, input: '0x00', value: '0x7', hash: '0x' }
const receipt = { gasUsed: '0x5208', contractAddress: null, status: '0x1' }

let answers: Record<string, unknown> = {}
let batches: string[][] = []
let server: Server
let url: string
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const requests = JSON.parse(body) as { id: number; method: string }[]
    batches.push(requests.map(({ method }) => method))
    response.end(JSON.stringify(requests.map(({ id, method }) => ({ id, result: answers[method] ?? null }))))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

function answering(block: unknown, receipts: unknown) {
  answers = { eth_getBlockByNumber: block, eth_getBlockReceipts: receipts }
  return readBlocks(url, [1n, 2n])
}

it('reads each transaction with its receipt', async () => {
  const read = {
    from: address,
    to: null,
    input: '0x00',
    value: 7n,
    gasUsed: 21_000n,
    contractAddress: null,
    failure: null,
  }
  expect(await answering({ transactions: [transaction] }, [receipt])).toEqual([[read], [read]])
  const failed = {
    ...receipt,
    status: '0x0',
    contractAddress: undefined,
    failure: { message: 'no', revertData: '0x12' },
  }
  const failure = { message: 'no', revertData: '0x12' }
  expect(await answering({ transactions: [transaction] }, [failed])).toEqual([
    [{ ...read, failure }],
    [{ ...read, failure }],
  ])
  const plain = await answering({ transactions: [transaction] }, [{ ...failed, failure: 7 }])
  expect(plain[0]![0]!.failure).toEqual({ message: 'the transaction was reverted', revertData: null })
})

it.each<[string, unknown, unknown]>([
  ['no block', null, null],
  ['a text for a block', 'block', []],
  ['hashes alone', { transactions: ['0x12'] }, [receipt]],
  ['another number of receipts', { transactions: [transaction] }, []],
  ['a receipt without gas', { transactions: [transaction] }, [{ ...receipt, gasUsed: 5 }]],
  ['an amount that is none', { transactions: [{ ...transaction, value: '0xzz' }] }, [receipt]],
  ['a recipient that is none', { transactions: [{ ...transaction, to: 5 }] }, [receipt]],
])('takes %s for no block', async (_, block, receipts) => {
  expect(await answering(block, receipts)).toEqual([null, null])
})

it('asks for blocks and receipts together, or for one after the other', async () => {
  const [blocks, receipts] = [Array(2).fill('eth_getBlockByNumber'), Array(2).fill('eth_getBlockReceipts')]
  batches = []
  const together = await answering({ transactions: [transaction] }, [receipt])
  expect(batches.splice(0)).toEqual([[...blocks, ...receipts]])
  expect(await readBlocks(url, [1n, 2n], true)).toEqual(together)
  expect(batches).toEqual([blocks, receipts])
})
