/** When a node is asked for the validators of the chain, and what of its answer is taken. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { standingsOf } from './agreement.ts'
import type { ReadyNode } from './readyFile.ts'
import { votersOf } from './voters.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const status = {
  ...{ height: '0x7', hash: '0x1', stateRoot: '0x2', peers: 1, round: 0, step: 'waiting', timestamp: '0x1' },
  ...{ clock: '0x1', timeAhead: 0, txpool: { pending: 0 }, evidence: [], abstaining: false, isValidator: true },
  ...{ setAside: [], halted: null },
}
const validators = [{ publicKey: '0x01', power: '0x3' }]

/** A node that answers so, and notes what it is asked. */
async function nodeOf(index: number, answers: Readonly<Record<string, unknown>>, asked: string[] = []) {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { method } = JSON.parse(body) as { method: string }
      asked.push(`${index} ${method}`)
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: answers[method] }))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const rpc = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { index, rpc, validator: true, state: 'running', dataDir: '/nowhere' } as ReadyNode
}

it('the node that is furthest is asked where one that began as a validator has no vote, or is away', async () => {
  const asked: string[] = []
  const first = await nodeOf(1, { touchstone_status: status }, asked)
  const furthest = { ...status, height: '0x8' }
  const second = await nodeOf(2, { touchstone_status: furthest, touchstone_validators: { validators } }, asked)
  const votersSeen = async (...nodes: ReadyNode[]) => (await standingsOf(nodes)).map(({ voters }) => voters)
  expect(await votersSeen(first, second)).toEqual([null, null])
  expect(asked.sort()).toEqual(['1 touchstone_status', '2 touchstone_status'])
  const voters = [{ publicKey: '0x01', power: 3n }]
  expect(await votersSeen(first, second, { ...first, index: 3, state: 'killed' })).toEqual([null, voters, null])
  const without = await nodeOf(4, { touchstone_status: { ...status, isValidator: false } })
  expect(await votersSeen(first, second, without)).toEqual([null, voters, null])
  expect(await votersSeen(first, second, { ...without, validator: false })).toEqual([null, null, null])
  expect((await standingsOf([first, second], [[1]]))[1]!.voters).toEqual(voters)
})

it.each([
  null,
  {},
  { validators: [] },
  { validators: [null] },
  { validators: [{ publicKey: 1, power: '0x1' }] },
  { validators: [{ publicKey: '0x01', power: 1 }] },
  { validators: [{ publicKey: '0x01', power: '0x0000000000000000001' }] },
])('an answer that is none is not taken: %j', async (answer) => {
  expect(await votersOf(await nodeOf(1, { touchstone_validators: answer }))).toBeNull()
})
