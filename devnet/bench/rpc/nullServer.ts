/** Answers every request at once, as if it had done the work: what the load program itself can send is measured with it. */
import { createServer } from 'node:http'

const receipt = { status: '0x1' }
const server = createServer((asked, answer) => {
  const parts: Buffer[] = []
  asked.on('data', (part: Buffer) => parts.push(part))
  asked.on('end', () => {
    const { id, method } = JSON.parse(Buffer.concat(parts).toString()) as { id: number; method: string }
    const result = method === 'eth_getTransactionReceipt' ? receipt : '0x1'
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1')
