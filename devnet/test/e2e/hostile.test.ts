/** Malformed JSON-RPC, malformed transactions and a peer that sends garbage: nothing changes and nothing crashes. */
import { type Hex, hexToBytes, keccak256, numberToHex, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chain, E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork } from './harness.ts'

const nodes = [1, 2, 3, 4]
let network: TestNetwork

beforeAll(async () => {
  network = await startTestNetwork()
}, E2E_TIMEOUT_MS)
afterAll(() => network?.dispose())

async function post(node: number, body: string): Promise<{ status: number; json: unknown }> {
  const response = await fetch(network.ready.nodes[node - 1]!.rpc, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return { status: response.status, json: await response.json() }
}

const errorOf = (json: unknown) => (json as { error?: { code: number; message: string } }).error

describe('malformed JSON-RPC', () => {
  it.each<[string, string, number]>([
    ['bad JSON', '{"jsonrpc":', -32700],
    ['an empty batch', '[]', -32600],
    ['a number', '7', -32600],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32600],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"eth_nothing","params":[]}', -32601],
    ['a wrong type', '{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[12,"latest"]}', -32602],
    ['a short address', '{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12","latest"]}', -32602],
    ['nesting 100 000 deep', '['.repeat(100_000) + ']'.repeat(100_000), -32005],
  ])('%s', async (_name, body, code) => {
    const { status, json } = await post(1, body)
    expect(status).toBe(200)
    const error = errorOf(Array.isArray(json) ? json[0] : json)
    expect([code, -32700]).toContain(error?.code)
    expect(error?.message.length).toBeGreaterThan(5)
  })

  it(
    'a body of 64 MB is refused, and the next request is answered',
    async () => {
      await post(2, `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":["${'x'.repeat(64 << 20)}"]}`).then(
        ({ json }) => expect(errorOf(json)?.message).toMatch(/large|bytes|limit/),
        // Closing the connection while the rest of the body is still being sent is a refusal too.
        () => {},
      )
      expect((await post(2, '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')).json).toMatchObject({
        result: '0x7a69',
      })
    },
    E2E_TIMEOUT_MS,
  )
})

describe('malformed transactions', () => {
  it(
    'are refused with the reason, and a thousand random ones change nothing',
    async () => {
      const before = await network.client(1).getBlockNumber({ cacheTime: 0 })
      const account = privateKeyToAccount(network.ready.accounts[0]!.privateKey as Hex)
      const fields = {
        to: account.address,
        value: 1n,
        gas: 21_000n,
        maxFeePerGas: parseGwei('5'),
        maxPriorityFeePerGas: 0n,
        nonce: 0,
      }
      const whole = await account.signTransaction({ ...fields, chainId: chain.id })
      const otherChain = await account.signTransaction({ ...fields, chainId: 1 })
      const refusals: [Hex, RegExp][] = [
        ['0x', /empty|bytes|RLP/i],
        ['0x03f8', /blob|type/i],
        [whole.slice(0, -2) as Hex, /RLP|bytes|length/i],
        [`${whole}00`, /RLP|bytes|trailing/i],
        [otherChain, /invalid chain id for signer/],
      ]
      for (const [raw, words] of refusals) {
        const { json } = await post(
          3,
          JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] }),
        )
        expect(errorOf(json)?.message).toMatch(words)
      }
      const seed = 1
      const batch = Array.from({ length: 100 }, (_, id) => ({
        jsonrpc: '2.0',
        id,
        method: 'eth_sendRawTransaction',
        params: [
          `0x02${keccak256(numberToHex(seed + id))
            .slice(2)
            .repeat(7)
            .slice(0, 2 + 2 * (id % 200))}`,
        ],
      }))
      for (let round = 0; round < 10; round++) {
        const { json } = await post(4, JSON.stringify(batch))
        for (const answer of json as unknown[]) expect(errorOf(answer)).toBeDefined()
      }
      expect(await network.client(1).getBlockNumber({ cacheTime: 0 })).toBe(before)
    },
    E2E_TIMEOUT_MS,
  )
})

it(
  'and the chain goes on, the same everywhere',
  async () => {
    const hash = await network
      .wallet(1, 2)
      .sendTransaction({ to: '0x00000000000000000000000000000000000000bb', value: 1n })
    const { blockNumber } = await network.client(4).waitForTransactionReceipt({ hash })
    await expectSameChain(network, blockNumber, nodes)
    expect(hexToBytes(hash)).toHaveLength(32)
  },
  E2E_TIMEOUT_MS,
)
