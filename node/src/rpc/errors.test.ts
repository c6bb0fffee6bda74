import { encodeErrorResult, hexToBytes, parseAbi } from 'viem'
import { expect, test } from 'vitest'
import { createHarness } from '../../test/rpc/harness.ts'
import { ChainError } from '../chain/chainService.ts'
import { CallError, type CallOutcome } from '../execution/call.ts'
import { revertMessage } from '../execution/revertReason.ts'

const abi = parseAbi(['error Error(string)', 'error Denied(uint256)'])

/** The error of eth_call and of eth_estimateGas for an outcome; they are the same. */
async function errorFor(outcome: Exclude<CallOutcome, { kind: 'success' }>): Promise<unknown> {
  const { call, node } = createHarness()
  node.answers.call = () => outcome
  node.answers.estimate = () => outcome
  const called = await call('eth_call', {})
  expect((await call('eth_estimateGas', {})).error).toEqual(called.error)
  expect((await call('eth_fillTransaction', {})).error).toEqual(called.error)
  return called.error
}

function reverted(output: Uint8Array): Exclude<CallOutcome, { kind: 'success' }> {
  return { kind: 'revert', output, gasUsed: 1n, message: revertMessage(output) }
}

test('a revert is code 3, with its reason and its data', async () => {
  const reason = encodeErrorResult({ abi, errorName: 'Error', args: ['no'] })
  expect(await errorFor(reverted(hexToBytes(reason)))).toEqual({
    code: 3,
    message: 'execution reverted: no',
    data: reason,
  })
  const custom = encodeErrorResult({ abi, errorName: 'Denied', args: [1n] })
  expect(await errorFor(reverted(hexToBytes(custom)))).toEqual({
    code: 3,
    message: `execution reverted: custom error ${custom.slice(0, 10)}`,
    data: custom,
  })
  expect(await errorFor(reverted(new Uint8Array(0)))).toEqual({ code: 3, message: 'execution reverted', data: '0x' })
})

test('a trap is code 3 too, never -32603, which viem would retry; it has no data', async () => {
  expect(await errorFor({ kind: 'failure', gasUsed: 1n, message: 'unreachable executed in broken' })).toEqual({
    code: 3,
    message: 'execution failed: unreachable executed in broken',
  })
})

test('what the chain refuses keeps its words', async () => {
  const { call, node } = createHarness()
  const answers = [
    [new CallError('the words'), -32000],
    [new ChainError('unknown-block', 'the words'), -32000],
    [new ChainError('busy', 'the words'), -32005],
  ] as const
  for (const [error, expected] of answers) {
    node.answers.call = () => {
      throw error
    }
    expect((await call('eth_call', {})).error).toEqual({ code: expected, message: 'the words' })
  }
})

test('what the pool refuses keeps its words, and bytes that are no transaction are wrong parameters', async () => {
  const { call, node } = createHarness()
  const answers = [
    ['nonce-too-low', -32000],
    ['already-known', -32000],
    ['insufficient-funds', -32000],
    ['pool-full', -32000],
    ['malformed', -32602],
  ] as const
  for (const [code, expected] of answers) {
    node.answers.add = () => ({ ok: false, standing: 'unfit', code, message: 'the words' })
    for (const method of ['eth_sendRawTransaction', 'eth_sendRawTransactionSync']) {
      expect((await call(method, '0x00')).error).toEqual({ code: expected, message: 'the words' })
    }
  }
})
