/**
 * The reading of every kind of refusal by clients: the class of viem for the code, the class that its actions find in
 * the words, and the code of ethers. Each is asked of a live node by both libraries.
 */
import { JsonRpcProvider } from 'ethers'
import { type BaseError, createPublicClient, type Hex, http, parseGwei, toFunctionSelector } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { getNodeError } from 'viem/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { signTransaction } from '../../src/types/transactionCodec.ts'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'
import { probeBytecode } from './probe.ts'

const [alice, bob, , pauper] = PRIVATE_KEYS.map((key) => privateKeyToAccount(key as Hex)) as [
  Account,
  Account,
  Account,
  Account,
]
type Account = ReturnType<typeof privateKeyToAccount>

/** Long enough for what two blocks after each other need. */
const limits = {
  maxLogRange: 4,
  maxProofKeys: 2,
  maxLogAddresses: 2,
  maxLogTopics: 2,
  maxFeeHistory: 3,
  maxStorageValues: 2,
  maxLogs: 1,
  maxSimulatedCalls: 2,
  maxJsonDepth: 8,
}
let node: LiveNode
let ethers: JsonRpcProvider
let viem: ReturnType<typeof createPublicClient>
let probe: Hex

beforeAll(async () => {
  node = await startLiveNode(limits)
  viem = createPublicClient({ chain, transport: http(node.http, { retryCount: 0 }), pollingInterval: 20 })
  ethers = new JsonRpcProvider(node.http, chain.id, { staticNetwork: true, batchMaxCount: 1 })
  const data = probeBytecode()
  const hash = await viem.request({
    method: 'eth_sendTransaction',
    params: [{ from: alice.address, data, gas: '0x989680' }],
  } as never)
  probe = (await viem.waitForTransactionReceipt({ hash })).contractAddress!
  // Its nonces are used up to 3.
  for (let nonce = 0; nonce < 3; nonce++)
    await ethers.send('eth_sendRawTransactionSync', [await signed(bob, { nonce })])
})
afterAll(async () => {
  ethers.destroy()
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

const transfer = { chainId: chain.id, type: 'eip1559', to: pauper.address, value: 1n, gas: 21_000n } as const
const fees = { maxFeePerGas: parseGwei('100'), maxPriorityFeePerGas: 1n }
const signed = (from: Account, change: object): Promise<Hex> =>
  from.signTransaction({ ...transfer, ...fees, ...change } as never)
const send = (from: Account, change: object) => async () =>
  ['eth_sendRawTransaction', [await signed(from, change)]] as const
const call =
  (fields: object, block: unknown = 'latest'): Request =>
  () => ['eth_call', [{ to: probe, ...fields }, block]]
const estimate =
  (fields: object): Request =>
  () => ['eth_estimateGas', [{ to: probe, ...fields }]]
const ask =
  (method: string, ...params: unknown[]) =>
  () =>
    [method, params] as const
const word = (value: number) => `0x${value.toString(16).padStart(64, '0')}`
const fn = (signature: string): Hex => toFunctionSelector(signature)

type Request = () => readonly [string, readonly unknown[]] | Promise<readonly [string, readonly unknown[]]>

/** Nobody has its key. */
const NOBODY: Hex = '0x00000000000000000000000000000000000d0001'
const unknownHash = `0x${'11'.repeat(32)}`
/** The clients' reading: the code, viem's class for the code, its class for the words, the code of ethers. */
type Made = readonly [code: number, viem: string, inWords: string, ethers: string]
const REVERT = [3, 'RpcRequestError', 'ExecutionRevertedError', 'CALL_EXCEPTION'] as const
const REVERT_IN_FILL = [3, 'RpcRequestError', 'ExecutionRevertedError', 'UNKNOWN_ERROR'] as const
const FUNDS_IN_CALL = [-32000, 'InvalidInputRpcError', 'InsufficientFundsError', 'CALL_EXCEPTION'] as const
const FUNDS = [-32000, 'InvalidInputRpcError', 'InsufficientFundsError', 'INSUFFICIENT_FUNDS'] as const
const GAS_IN_CALL = [-32000, 'InvalidInputRpcError', 'IntrinsicGasTooLowError', 'CALL_EXCEPTION'] as const
const CAP_IN_CALL = [-32000, 'InvalidInputRpcError', 'FeeCapTooLowError', 'CALL_EXCEPTION'] as const
const TIP_IN_CALL = [-32602, 'InvalidParamsRpcError', 'TipAboveFeeCapError', 'CALL_EXCEPTION'] as const
const REFUSED_CALL = [-32000, 'InvalidInputRpcError', 'UnknownNodeError', 'CALL_EXCEPTION'] as const
const PARAMS_OF_CALL = [-32602, 'InvalidParamsRpcError', 'UnknownNodeError', 'CALL_EXCEPTION'] as const
const NONCE_TOO_LOW = [-32000, 'InvalidInputRpcError', 'NonceTooLowError', 'NONCE_EXPIRED'] as const
const NONCE_TOO_HIGH = [-32000, 'InvalidInputRpcError', 'NonceTooHighError', 'UNKNOWN_ERROR'] as const
const GAS_TOO_LOW = [-32000, 'InvalidInputRpcError', 'IntrinsicGasTooLowError', 'UNKNOWN_ERROR'] as const
const GAS_TOO_HIGH = [-32000, 'InvalidInputRpcError', 'IntrinsicGasTooHighError', 'UNKNOWN_ERROR'] as const
const CAP = [-32000, 'InvalidInputRpcError', 'FeeCapTooLowError', 'UNKNOWN_ERROR'] as const
const TIP = [-32000, 'InvalidInputRpcError', 'TipAboveFeeCapError', 'UNKNOWN_ERROR'] as const
const REFUSED = [-32000, 'InvalidInputRpcError', 'UnknownNodeError', 'UNKNOWN_ERROR'] as const
const PARAMS = [-32602, 'InvalidParamsRpcError', 'UnknownNodeError', 'UNKNOWN_ERROR'] as const
const BOUND = [-32005, 'LimitExceededRpcError', 'UnknownNodeError', 'UNKNOWN_ERROR'] as const
/** A body is refused before its id is read, so that ethers finds no answer of its own. */
const BOUND_OF_BODY = [-32005, 'LimitExceededRpcError', 'UnknownNodeError', 'BAD_DATA'] as const
const NO_METHOD = [-32601, 'MethodNotFoundRpcError', 'UnknownNodeError', 'UNSUPPORTED_OPERATION'] as const
const SIMULATED_NONCE = [-38010, 'RpcRequestError', 'NonceTooLowError', 'UNKNOWN_ERROR'] as const
const SIMULATED_FUNDS = [-38014, 'RpcRequestError', 'InsufficientFundsError', 'UNKNOWN_ERROR'] as const

type Row = readonly [what: string, made: Made, request: Request, words: RegExp]
const rows: readonly Row[] = [
  ['a revert with a reason', REVERT, call({ data: fn('refuse()') }), /^execution reverted: the probe refuses/],
  ['a revert with an error of its own', REVERT, call({ data: fn('deny()') }), /^execution reverted: custom error 0x/],
  ['a revert without a word', REVERT, call({ data: '0xffffffff' }), /^execution reverted/],
  ['a trap', REVERT, call({ data: fn('trap()') }), /^execution failed: .*unreachable/],
  ['out of gas', REVERT, call({ data: fn('spin()'), gas: '0x186a0' }), /^execution failed: out of gas/],
  ['a revert in an estimate', REVERT, estimate({ data: fn('refuse()') }), /^execution reverted: the probe refuses/],
  ['a trap in an estimate', REVERT, estimate({ data: fn('trap()') }), /^execution failed/],
  [
    'a revert in a fill',
    REVERT_IN_FILL,
    () => ['eth_fillTransaction', [{ from: alice.address, to: probe, data: fn('refuse()') }]],
    /^execution reverted: the probe refuses/,
  ],
  ['funds in a call', FUNDS_IN_CALL, call({ from: pauper.address, value: '0x64' }), /^insufficient funds/],
  ['funds in an estimate', FUNDS, estimate({ from: pauper.address, value: '0x64' }), /^insufficient funds/],
  [
    'funds for the gas of a call',
    FUNDS_IN_CALL,
    call({ from: pauper.address, gas: '0x5208', gasPrice: '0x3b9aca00' }),
    /^insufficient funds/,
  ],
  ['too little gas for a call', GAS_IN_CALL, call({ gas: '0x1' }), /^intrinsic gas too low/],
  [
    'a fee cap below the base fee in a call',
    CAP_IN_CALL,
    call({ from: alice.address, maxFeePerGas: '0x1' }),
    /^max fee per gas less than block base fee/,
  ],
  [
    'a tip above the cap in a call',
    TIP_IN_CALL,
    call({ from: alice.address, maxFeePerGas: '0x2540be400', maxPriorityFeePerGas: '0x2540be401' }),
    /max priority fee per gas higher than max fee per gas/,
  ],
  ['another chain in a call', REFUSED_CALL, call({ chainId: '0x1' }), /^chainId does not match node's/],
  ['two prices of gas', PARAMS_OF_CALL, call({ gasPrice: '0x1', maxFeePerGas: '0x1' }), /^invalid params/],
  ['a call at an unknown number', REFUSED_CALL, call({}, '0xffffff'), /^(unknown block|header not found)/],
  [
    'a call at an unknown hash',
    REFUSED_CALL,
    call({}, { blockHash: unknownHash }),
    /^(unknown block|header not found)/,
  ],
  ['a nonce that is used', NONCE_TOO_LOW, send(bob, { nonce: 0 }), /^nonce too low: next nonce 3, tx nonce 0/],
  ['a nonce far ahead', NONCE_TOO_HIGH, send(bob, { nonce: 1_000_000 }), /^nonce too high/],
  ['funds to send', FUNDS, send(pauper, { nonce: 0 }), /^insufficient funds for gas \* price \+ value: have 3, want/],
  ['too little gas', GAS_TOO_LOW, send(bob, { nonce: 3, gas: 20_000n }), /^intrinsic gas too low/],
  ['more gas than a block', GAS_TOO_HIGH, send(bob, { nonce: 3, gas: 30_000_001n }), /^intrinsic gas too high/],
  [
    'a fee cap below the base fee',
    CAP,
    send(bob, { nonce: 3, maxFeePerGas: 1n }),
    /^max fee per gas less than block base fee/,
  ],
  [
    'a tip above the cap',
    TIP,
    () => ['eth_sendRawTransaction', [tipAboveCap()]],
    /^max priority fee per gas higher than max fee per gas/,
  ],
  ['another chain', REFUSED, send(bob, { nonce: 3, chainId: 1 }), /^invalid chain id for signer/],
  ['bytes that are no transaction', PARAMS, ask('eth_sendRawTransaction', '0x02c0'), /./],
  ['no bytes', PARAMS, ask('eth_sendRawTransaction', '0x'), /./],
  ['a blob transaction', REFUSED, ask('eth_sendRawTransaction', `0x03${'c0'}`), /type/],
  [
    "an account that is not the node's",
    REFUSED,
    ask('eth_sendTransaction', { from: NOBODY, to: bob.address, gas: '0x5208' }),
    /^unknown account/,
  ],
  ['a signature of nobody', REFUSED, ask('eth_sign', NOBODY, '0x00'), /^unknown account/],
  ['a signed message of nobody', REFUSED, ask('personal_sign', '0x00', NOBODY), /^unknown account/],
  ['init code of the EVM', REVERT, ask('eth_estimateGas', { from: alice.address, data: '0x6080604052' }), /./],
  [
    'a method that there is not',
    NO_METHOD,
    ask('eth_mining'),
    /^the method eth_mining does not exist\/is not available/,
  ],
  ['a subscription over HTTP', NO_METHOD, ask('eth_subscribe', 'newHeads'), /^the method eth_subscribe/],
  ['a dev control without dev mode', NO_METHOD, ask('evm_mine'), /^the method evm_mine/],
  [
    'a parameter too few',
    PARAMS,
    ask('eth_getBalance'),
    /^invalid params: missing value for required argument 0: address/,
  ],
  ['a parameter too many', PARAMS, ask('eth_chainId', 1), /^invalid params/],
  ['a short address', PARAMS, ask('eth_getBalance', '0x12', 'latest'), /^invalid params: address/],
  ['a number for an address', PARAMS, ask('eth_getCode', 5, 'latest'), /^invalid params: address/],
  ['a block of a made up tag', PARAMS, ask('eth_getBlockByNumber', 'newest', false), /^invalid params: block/],
  ['a quantity with a leading zero', PARAMS, ask('eth_getBlockByNumber', '0x01', false), /^invalid params: block/],
  ['a short hash', PARAMS, ask('eth_getTransactionReceipt', '0x1234'), /^invalid params/],
  ['a word for a truth', PARAMS, ask('eth_getBlockByNumber', 'latest', 'yes'), /^invalid params/],
  ['a number for a quantity', PARAMS_OF_CALL, call({ value: 1.5 }), /^invalid params/],
  ['data of half a byte', PARAMS_OF_CALL, call({ data: '0x123' }), /^invalid params/],
  [
    'the balance at an unknown block',
    REFUSED,
    ask('eth_getBalance', alice.address, '0xffffff'),
    /^(unknown block|header not found)/,
  ],
  [
    'the nonce at an unknown block',
    REFUSED,
    ask('eth_getTransactionCount', alice.address, '0xffffff'),
    /^(unknown block|header not found)/,
  ],
  [
    'code at an unknown block',
    REFUSED,
    ask('eth_getCode', alice.address, '0xffffff'),
    /^(unknown block|header not found)/,
  ],
  [
    'a slot at an unknown block',
    REFUSED,
    ask('eth_getStorageAt', alice.address, '0x0', '0xffffff'),
    /^(unknown block|header not found)/,
  ],
  [
    'a proof at an unknown block',
    REFUSED,
    ask('eth_getProof', alice.address, [], '0xffffff'),
    /^(unknown block|header not found)/,
  ],
  [
    'a proof of too many slots',
    BOUND,
    ask('eth_getProof', alice.address, [1, 2, 3].map(word), 'latest'),
    /maxProofKeys/,
  ],
  [
    'logs of too many addresses',
    BOUND,
    ask('eth_getLogs', { address: [alice, bob, pauper].map(({ address }) => address) }),
    /maxLogAddresses/,
  ],
  ['logs of too many topics', BOUND, ask('eth_getLogs', { topics: [[1, 2, 3].map(word)] }), /maxLogTopics/],
  ['logs of a range backwards', PARAMS, ask('eth_getLogs', { fromBlock: '0x2', toBlock: '0x1' }), /./],
  ['logs of a block and of a range', PARAMS, ask('eth_getLogs', { blockHash: unknownHash, fromBlock: '0x1' }), /./],
  [
    'logs of an unknown block',
    REFUSED,
    ask('eth_getLogs', { blockHash: unknownHash }),
    /^(unknown block|header not found)/,
  ],
  ['a filter that there is not', REFUSED, ask('eth_getFilterChanges', '0x1'), /^filter not found/],
  ['logs of a filter that there is not', REFUSED, ask('eth_getFilterLogs', '0x1'), /^filter not found/],
  ['percentiles out of order', PARAMS, ask('eth_feeHistory', '0x1', 'latest', [50, 10]), /./],
  ['a step by step trace', PARAMS, ask('debug_traceCall', {}, 'latest', {}), /struct logger/],
  ['a trace of no transaction', REFUSED, ask('debug_traceTransaction', unknownHash, {}), /^transaction not found/],
  [
    'slots of too many',
    BOUND,
    ask('eth_getStorageValues', { [NOBODY]: [1, 2, 3].map(word) }, 'latest'),
    /at most 2 are allowed \(maxStorageValues\)/,
  ],
  ['slots of none', PARAMS, ask('eth_getStorageValues', {}, 'latest'), /^invalid params/],
  ['logs of too wide a range', BOUND, ask('eth_getLogs', { fromBlock: '0x0' }), /^block range too wide: .*maxLogRange/],
  [
    'a simulation of too many calls',
    BOUND,
    ask('eth_simulateV1', { blockStateCalls: [{ calls: [{}, {}, {}] }] }, 'latest'),
    /maxSimulatedCalls/,
  ],
  [
    'what is nested too deep',
    BOUND_OF_BODY,
    ask('eth_call', { to: NOBODY, accessList: JSON.parse('['.repeat(8) + ']'.repeat(8)) }, 'latest'),
    /maxJsonDepth/,
  ],
  [
    'a simulation with a nonce that is used',
    SIMULATED_NONCE,
    ask(
      'eth_simulateV1',
      {
        validation: true,
        blockStateCalls: [
          { calls: [{ from: bob.address, to: bob.address, nonce: '0x0', maxFeePerGas: '0x174876e800' }] },
        ],
      },
      'latest',
    ),
    /^nonce too low/,
  ],
  [
    'a simulation that nobody can pay',
    SIMULATED_FUNDS,
    ask(
      'eth_simulateV1',
      { blockStateCalls: [{ calls: [{ from: pauper.address, to: bob.address, value: '0xffffffffff' }] }] },
      'latest',
    ),
    /^insufficient funds/,
  ],
]

/** Neither viem nor ethers signs it. */
function tipAboveCap(): Hex {
  const fields = { type: 2, chainId: BigInt(chain.id), nonce: 3n, gasLimit: 21_000n, value: 1n } as const
  const prices = { maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: parseGwei('11') }
  const rest = { to: fromHex(bob.address), data: new Uint8Array(0), accessList: [] }
  return toHex(signTransaction({ ...fields, ...prices, ...rest }, fromHex(PRIVATE_KEYS[1]!)).raw)
}

async function thrownBy(promise: Promise<unknown>): Promise<Error & { code?: unknown }> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Error)
  return error as Error
}

describe('clients make of', () => {
  it('at least sixty kinds of refusal', () => expect(rows.length).toBeGreaterThanOrEqual(60))

  it.each(rows)('%s', async (_what, made, request, words) => {
    const [method, params] = await request()
    const answer = await fetch(node.http, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { error } = (await answer.json()) as { error: { code: number; message: string } }
    const thrown = await thrownBy(viem.request({ method, params } as never))
    const asked = await thrownBy(ethers.send(method, [...params]))
    const inWords = getNodeError(thrown as BaseError, {}).name
    expect([error.code, thrown.name, inWords, asked.code]).toEqual(made)
    expect(error.message).toMatch(words)
  })
})
