/** The test vectors of ethereum/execution-apis, rewritten for a chain of ours as executionApis/rules.ts says. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { METHODS } from '../../src/rpc/registry.ts'
import {
  GAS_IS_OURS,
  LEFT_OUT,
  LOGS,
  OF_HEAD,
  OF_LATER_FORKS,
  OF_LONDON,
  OTHERWISE,
  SHAPE,
  TIMES,
} from './executionApis/rules.ts'
import { type StandInName, standIn } from './executionApis/standIns.ts'
import { type Exchange, readVectors } from './executionApis/vectors.ts'
import { createWorld, type World } from './executionApis/world.ts'
import { schemaError } from './schemaErrors.ts'

type Fields = Readonly<Record<string, unknown>>

let world: World
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  world = await createWorld((now) => vi.setSystemTime(now))
})
afterAll(async () => {
  await world?.close()
  vi.useRealTimers()
})

const vectors = readVectors()
/** What sends comes last, in the order of the nonces, as it makes blocks. */
const SENDS = [
  ...['send-legacy-transaction', 'send-dynamic-fee-transaction', 'send-access-list-transaction'],
  'send-dynamic-fee-access-list-transaction',
].map((name) => `eth_sendRawTransaction/${name}`)
const isSimulation = (name: string) => name.startsWith('eth_simulateV1/')
const rest = [...vectors.keys()].filter((name) => !SENDS.includes(name))

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** With the hashes of ours, code that stands in for theirs, and numbers of blocks where they are others. */
function rewritten(value: unknown, shift: bigint): unknown {
  if (typeof value === 'string') return world.hashes.get(value) ?? value
  if (Array.isArray(value)) return value.map((entry) => rewritten(entry, shift))
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (name === 'code' && field !== '0x') return [name, standIn(field as StandInName)]
      const isNumber = name === 'fromBlock' || name === 'toBlock' || name === 'blockNumber'
      return [
        name,
        isNumber && shift > 0n ? `0x${(BigInt(field as string) + shift).toString(16)}` : rewritten(field, shift),
      ]
    }),
  )
}

async function askAs(name: string, { method, params }: Exchange) {
  const asked = rewritten(params, LOGS.has(name) ? 1n : 0n) as unknown[]
  if (method === 'eth_createAccessList' && GAS_IS_OURS.has(name)) asked[0] = { ...(asked[0] as Fields), gas: null }
  const answer = await world.ask(method, asked)
  if (answer.error === undefined) {
    expect(schemaError(METHODS.get(method)!.result, answer.result, 'the result')).toBeNull()
  }
  return answer
}

/** Ours without the fields that came with London, where theirs is of before. */
function asOld(ours: unknown, theirs: unknown): unknown {
  if (Array.isArray(ours)) return Array.isArray(theirs) ? ours.map((entry) => asOld(entry, theirs[0])) : ours
  if (!isFields(ours) || !isFields(theirs)) return ours
  const fields = Object.entries(ours).filter(([name]) => !OF_LONDON.has(name) || name in theirs)
  return Object.fromEntries(fields.map(([name, field]) => [name, asOld(field, theirs[name])]))
}

/** The kinds of values: fields by name, lists by their first entry, hex by what its length says. */
function shapeOf(value: unknown, name = ''): unknown {
  if (name === 'pending' || name === 'queued') return typeof value
  if (Array.isArray(value)) return value.length === 0 || name === 'logs' ? [] : [shapeOf(value[0])]
  if (isFields(value)) {
    const fields = Object.entries(value).filter(([field]) => !OF_LATER_FORKS.has(field) && field !== 'failure')
    return Object.fromEntries(
      // A receipt before Byzantium has a root in the place of its status.
      fields.map(([field, inner]) => (field === 'root' ? ['status', 'hex'] : [field, shapeOf(inner, field)])),
    )
  }
  if (typeof value !== 'string' || !value.startsWith('0x')) return value === null ? null : typeof value
  const kinds: Readonly<Record<number, string>> = { 66: 'hash', 42: 'address', 514: 'bloom' }
  return ['r', 's', 'extraData', 'input', 'key'].includes(name) ? 'hex' : (kinds[value.length] ?? 'hex')
}

/** The shape of a block or of receipts, whether they create something or not. */
function withoutTarget(shape: unknown): unknown {
  if (Array.isArray(shape)) return shape.map(withoutTarget)
  if (!isFields(shape)) return shape
  const fields = Object.entries(shape).filter(([name]) => name !== 'to' && name !== 'contractAddress')
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutTarget(field)]))
}

/** The logs without their places, which other logs of a block change. */
const placeless = (logs: readonly Fields[]) =>
  logs.map(({ address, topics, data, blockNumber, removed }) => ({ address, topics, data, blockNumber, removed }))

function expectError(given: Exchange['error'], wanted: NonNullable<Exchange['error']>): void {
  expect(given).toMatchObject({ code: wanted.code, ...(wanted.data === undefined ? {} : { data: wanted.data }) })
}

/** Of a call that reverted; ours says more behind their words. */
const expectedError = ({ message, ...error }: NonNullable<Exchange['error']>) => ({
  ...error,
  message: expect.stringMatching(new RegExp(`^${message}`)),
})

/** The fields of theirs that another chain has too, with its own miner and gas limit where the request names none. */
function expectedBlock(name: string, theirs: Fields, ours: Fields): Fields {
  const { calls, miner, gasLimit, extraData: _theirs, transactions, timestamp, difficulty, ...fields } = theirs
  const gas = GAS_IS_OURS.has(name)
    ? new Set(['gasUsed', 'maxUsedGas', 'receiptsRoot', 'transactionsRoot', 'gas'])
    : null
  const kept = (record: Fields): Fields =>
    Object.fromEntries(Object.entries(record).filter(([field]) => !gas?.has(field)))
  const isChains = (value: unknown) => value === '0xbebc200' || value === '0x5f5e100'
  return {
    ...kept(fields),
    // Of a block before the merge.
    difficulty: difficulty === '0x20000' ? '0x0' : difficulty,
    timestamp: TIMES[name] ?? timestamp,
    miner: /^0x0+$/.test(miner as string) ? ours['miner'] : miner,
    gasLimit: isChains(gasLimit) ? ours['gasLimit'] : gasLimit,
    transactions: (transactions as unknown[]).map((one) =>
      typeof one === 'string'
        ? expect.stringMatching(/^0x[0-9a-f]{64}$/)
        : expect.objectContaining(kept(one as Fields)),
    ),
    calls: (calls as Fields[]).map(({ error, ...call }) => ({
      ...kept(call),
      ...(error === undefined ? {} : { error: expectedError(error as NonNullable<Exchange['error']>) }),
    })),
  }
}

async function check(name: string, exchange: Exchange): Promise<void> {
  const { result, error } = await askAs(name, exchange)
  const otherwise = OTHERWISE[name]
  if (otherwise !== undefined) {
    expect([result, error?.code]).toEqual([otherwise.result, otherwise.code])
    expect([result, error?.code]).not.toEqual([exchange.result, exchange.error?.code])
  } else if (exchange.error !== undefined) {
    expectError(error, exchange.error)
  } else if (isSimulation(name)) {
    const [blocks, wanted] = [(result ?? []) as Fields[], exchange.result as Fields[]]
    expect(error).toBeUndefined()
    expect(blocks).toHaveLength(wanted.length)
    for (const [index, block] of blocks.entries()) {
      const expected = expectedBlock(name, wanted[index]!, block)
      expect(block).toMatchObject(expected)
    }
  } else if (SHAPE.has(name)) {
    expect(error).toBeUndefined()
    const [ours, theirs] = [shapeOf(asOld(result, exchange.result)), shapeOf(exchange.result)]
    expect(OF_HEAD.has(name) ? withoutTarget(ours) : ours).toEqual(OF_HEAD.has(name) ? withoutTarget(theirs) : theirs)
  } else if (GAS_IS_OURS.has(name)) {
    const { accessList, error: reason } = exchange.result as Fields
    expect(result).toMatchObject({ accessList })
    const ours = (result as Fields)['error']
    expect(ours === undefined ? undefined : String(ours).startsWith(String(reason))).toBe(reason && true)
  } else if (LOGS.has(name)) {
    expect(placeless(result as Fields[])).toEqual(placeless(rewritten(exchange.result, 1n) as Fields[]))
  } else {
    expect(error).toBeUndefined()
    expect(result).toEqual(exchange.result)
  }
}

describe('what the execution APIs answer is answered here', () => {
  it.each([...rest, ...SENDS])('%s', async (name) => {
    for (const exchange of vectors.get(name)!) await check(name, exchange)
  })

  it('by rules that name vectors, and leave none out that is there', () => {
    const named = [...SHAPE, ...LOGS, ...GAS_IS_OURS, ...SENDS, ...Object.keys(OTHERWISE), ...Object.keys(TIMES)]
    expect(named.filter((name) => !vectors.has(name))).toEqual([])
    expect([...vectors.keys()].filter((name) => LEFT_OUT[name] !== undefined)).toEqual([])
  })
})
