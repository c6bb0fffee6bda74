import { encodeErrorResult, type Hex, HttpRequestError, parseAbi, RpcRequestError } from 'viem'
import { describe, expect, it } from 'vitest'
import { networkPaths } from '../network/paths.ts'
import { type Attempt, callFailure, describeFailure } from './failure.ts'
import { type KnownContract, knownContracts } from './knownContracts.ts'

const token = parseAbi(['error Short(address spender, uint256 needed)', 'function transfer(address to, uint256 value)'])
const gold: KnownContract = { name: 'Gold', address: '0x5FbDB2315678afecb367f032d93F642f64180aa3', abi: token }
const silver: KnownContract = { name: 'Silver', address: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512', abi: token }
const exchange: KnownContract = {
  name: 'Exchange',
  address: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0',
  abi: parseAbi(['error Closed(string why)', 'function swap()']),
}
const known = knownContracts({ paths: networkPaths('/nowhere'), accounts: [] }, exchange, gold, silver)
const attempt: Attempt = {
  what: 'Exchange.swap',
  known,
  target: exchange,
  item: { name: 'swap', stateMutability: 'nonpayable' },
  value: 0n,
}
const short = encodeErrorResult({ abi: token, errorName: 'Short', args: [exchange.address, 1000n] })
const panic: Hex = `0x4e487b71${'11'.padStart(64, '0')}`
const from = (contract: KnownContract) => ` (from the call to ${contract.address.toLowerCase()})`
const say = (message: string, data: Hex | null, more: Partial<Attempt> = {}) =>
  describeFailure({ ...attempt, ...more }, message, data)

describe('a custom error', () => {
  const words = `Short(spender: Exchange ${exchange.address}, needed: 1000)`
  it('is read with the ABI of the contract that it comes from, which is named', () => {
    expect(say(`execution reverted: custom error 0x12${from(silver)}`, short)).toBe(
      `${words} (from the call to Silver ${silver.address})`,
    )
    const closed = encodeErrorResult({ abi: exchange.abi, errorName: 'Closed', args: ['"now"'] })
    expect(say('execution reverted: custom error 0x12', closed)).toBe('Closed(why: "\\"now\\"")')
  })

  it('is of any that have it where nobody says whose it is', () => {
    expect(say('execution reverted', short)).toBe(`${words}, an error of Gold or Silver`)
    const stranger = { ...gold, address: '0x0000000000000000000000000000000000000bad' as const }
    expect(say(`execution reverted${from(stranger)}`, short)).toMatch(
      /an error of Gold or Silver \(from the call to 0x0+Bad\)$/,
    )
  })

  it('keeps its name where its arguments were cut, and its selector where nobody knows it', () => {
    expect(say('execution reverted', short.slice(0, 80) as Hex)).toMatch(/^Short\(… its 39 bytes do not fit/)
    expect(say('execution reverted: custom error 0xdeadbeef', '0xdeadbeef')).toBe('custom error 0xdeadbeef')
  })
})

describe('what is no custom error', () => {
  it('is said in the words of the node, with names for addresses', () => {
    expect(say('execution reverted: whatever', panic)).toBe('arithmetic underflow or overflow (panic 0x11)')
    expect(say(`execution reverted: whatever${from(gold)}`, panic)).toMatch(
      /\(panic 0x11\) \(from the call to Gold 0x5FbDB/,
    )
    const trap = `execution failed: integer divide by zero, in function 31 "f" (before that, the call to ${gold.address.toLowerCase()} failed: x)`
    expect(say(trap, null)).toBe(
      `integer divide by zero, in function 31 "f" (before that, the call to Gold ${gold.address} failed: x)`,
    )
    expect(say('execution reverted', '0x')).toBe('it reverted without a reason')
  })

  it('takes no origin from what a contract says', () => {
    const said = `never${from(gold)}`
    const data = encodeErrorResult({ abi: parseAbi(['error Error(string)']), errorName: 'Error', args: [said] })
    expect(say(`execution reverted: ${said}`, data)).toBe(said)
  })

  it('names the function that refuses value, and the contract that takes no ether', () => {
    const sent = 'execution reverted: no reason given; 5 wei came with it, which a function …'
    expect(say(sent, '0x', { value: 5n })).toBe('swap is not payable and refuses the 5 wei sent with it')
    expect(say(sent, '0x', { value: 5n, item: { name: 'swap', stateMutability: 'payable' } })).toMatch(
      /^no reason given; 5 wei came with it/,
    )
    const text = encodeErrorResult({
      abi: parseAbi(['error Error(string)']),
      errorName: 'Error',
      args: ['no such function'],
    })
    expect(say('execution reverted: no such function', text, { item: null, value: 1n })).toBe(
      'Exchange has no receive function, so it takes no plain ether',
    )
  })
})

it('reads what viem throws: the data of the node, or its words', () => {
  const body = { method: 'eth_call' }
  const refused = new RpcRequestError({
    body,
    url: 'http://x',
    error: { code: 3, message: 'execution reverted', data: short },
  })
  expect(callFailure(attempt, refused).message).toMatch(/^Exchange\.swap failed: Short\(spender: Exchange/)
  const trapped = new RpcRequestError({
    body,
    url: 'http://x',
    error: { code: 3, message: 'execution failed: out of gas' },
  })
  expect(callFailure(attempt, trapped).message).toBe('Exchange.swap failed: out of gas')
  const gone = new HttpRequestError({ body, url: 'http://x', details: 'fetch failed' })
  expect(callFailure(attempt, gone)).toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('http://x'),
  })
})
