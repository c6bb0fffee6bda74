/** The words of `devnet send` about a node that goes away while it is handed a transaction. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runInProcess } from '../testing/runInProcess.ts'

const word = `0x${'00'.repeat(32)}`
const answers: Readonly<Record<string, unknown>> = {
  eth_chainId: '0x7a69',
  eth_getTransactionCount: '0x0',
  eth_estimateGas: '0x5208',
  eth_maxPriorityFeePerGas: '0x1',
  eth_getBlockByNumber: {
    ...{ number: '0x1', hash: word, parentHash: word, baseFeePerGas: '0x1', gasLimit: '0x1000000', gasUsed: '0x0' },
    ...{ timestamp: '0x1', transactions: [] },
  },
}
/** Answers everything but what hands a transaction over. */
const node = createServer(async (request, response) => {
  const { id, method } = JSON.parse(await text(request))
  if (method === 'eth_sendRawTransaction') return void request.socket.destroy()
  const error = { code: -32601, message: `there is no ${method}` }
  response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(method in answers ? { result: answers[method] } : { error }) }))
})
beforeAll(() => new Promise<void>((resolve) => void node.listen(0, '127.0.0.1', resolve)))
afterAll(() => void node.close())

it('does not say that nothing was sent, and leads to where it can be looked up', async () => {
  const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`
  const { code, out, err } = await runInProcess('send', '@1', '--value', '1', '--rpc', url)
  expect([code, out]).toEqual([1, ''])
  const [, hash] = /not known whether it has transaction (0x\w{64})\n/.exec(err)!
  expect(err).toContain(
    `npx devnet receipt ${hash} --rpc ${url}, once a node answers; to send again before that may send`,
  )
})
