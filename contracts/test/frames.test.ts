/** How calls enter and leave contracts, on the node's own state transition. */

import {
  type Abi,
  bytesToHex,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  encodeFunctionResult,
  getAddress,
  getContractAddress,
  getCreate2Address,
  type Hex,
  hexToBytes,
  keccak256,
  pad,
  stringToHex,
} from 'viem'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT, buildFixture } from './fixtures.ts'
import { account, describeFailure, TestChain, type TestContract } from './testChain.ts'

const [alice, bob] = [getAddress(account(0)), getAddress(account(1))]

let artifact: Artifact
let abi: Abi
beforeAll(async () => {
  artifact = await buildFixture('frames')
  abi = artifact.abi as Abi
}, BUILD_TIMEOUT)

let chain: TestChain
let contract: TestContract
let peer: TestContract
beforeEach(() => {
  chain = new TestChain()
  contract = chain.deploy(artifact, [alice, 1n])
  peer = chain.deploy(artifact, [bob, 100n])
})

const data = (functionName: string, args: readonly unknown[] = []): Hex =>
  encodeFunctionData({ abi, functionName, args })
const balance = (address: Hex): bigint => chain.state.balance(hexToBytes(address))
const reason = (functionName: string, args: readonly unknown[] = [], value = 0n): string =>
  describeFailure(artifact, contract.trySend(functionName, args, { value }))

describe('construction and inheritance', () => {
  it('runs initializers, then the base constructor, then its own', () => {
    expect(contract.send('owner')).toBe(alice)
    expect(contract.send('get')).toBe(6n)
    expect(peer.send('get')).toBe(105n)
    expect(contract.send('started')).toBe(42n)
  })

  it('accepts value only when the constructor is payable', () => {
    const rich = chain.deploy(artifact, [alice, 0n], { value: 77n })
    expect(balance(rich.address)).toBe(77n)
  })

  it('overrides, and keeps what is inherited', () => {
    expect(contract.send('kind')).toBe('frames')
    contract.send('hand', [bob])
    expect(contract.send('owner')).toBe(bob)
    expect(() => contract.send('hand', [bob])).toThrow(`Refused(${alice}, not the owner)`)
  })
})

describe('value', () => {
  it('reaches payable functions and no others', () => {
    expect(contract.send('pay', ['thanks'], { value: 9n })).toBe(9n)
    expect(balance(contract.address)).toBe(9n)
    for (const [name, args] of [
      ['set', [1n]],
      ['get', []],
      ['kind', []],
      ['fails', ['x']],
    ] as const) {
      const sent = contract.trySend(name, args, { value: 1n })
      expect([name, sent.kind, sent.output]).toEqual([name, 'revert', '0x'])
    }
    expect(balance(contract.address)).toBe(9n)
  })

  it('without data is received, with unknown data falls back', () => {
    const received = chain.send(contract.address, '0x', { value: 5n })
    expect(received.kind).toBe('success')
    expect(received.logs[0]?.topics).toEqual([
      keccak256(stringToHex('Received(address,uint256)')),
      pad(alice.toLowerCase() as Hex),
    ])
    const fallen = chain.send(contract.address, '0xdeadbeef99', { value: 6n })
    expect([fallen.kind, fallen.output]).toEqual(['success', '0xdeadbeef'])
    const short = chain.send(contract.address, '0x010203')
    // The fallback asks for four bytes of the input and there are three.
    expect(describeFailure(artifact, short)).toBe('array index out of bounds (panic 0x32)')
    expect(balance(contract.address)).toBe(11n)
  })

  it('is passed on through an interface', () => {
    expect(contract.send('peerPay', [peer.address, 'hi'], { value: 4n })).toBe(4n)
    expect([balance(contract.address), balance(peer.address)]).toEqual([0n, 4n])
    expect(contract.send('peerBoth', [peer.address], { value: 3n })).toBe(109n)
    expect(peer.send('get')).toBe(106n)
  })

  it('for a method that takes none fails where a variable kept it, and nothing stays behind', () => {
    expect(reason('peerAsks', [peer.address], 5n)).toBe('Error(value for a @view or @pure method, which takes none)')
    expect(contract.send('peerAsks', [peer.address])).toBe(105n)
  })
})

describe('views', () => {
  it('call other contracts in a way that nothing can change', () => {
    expect(contract.send('peerGet', [peer.address])).toBe(105n)
    const context = contract.send<readonly unknown[]>('peerContext', [peer.address])
    expect(context.slice(0, 4)).toEqual([getAddress(contract.address), alice, getAddress(peer.address), 0n])
  })
})

describe('failing', () => {
  it('says why, as Solidity does', () => {
    expect(reason('fails', ['my reason'])).toBe('Error(my reason)')
    expect(reason('throws', ['älter'])).toBe('Error(älter)')
    expect(reason('pay', ['no'])).toBe('Error(we were told no)')
    expect(reason('asserts', [false])).toBe('assertion failed (panic 0x01)')
    expect(reason('assertsText', [false])).toBe('Error(must hold)')
    expect(reason('panics', [0x41])).toBe('out of memory (panic 0x41)')
    expect(reason('refuses')).toBe(`Refused(${getAddress(pad('0x', { size: 20 }))}, always)`)
    expect(reason('indexes', [3])).toBe('array index out of bounds (panic 0x32)')
    expect(contract.trySend('asserts', [true]).kind).toBe('success')
    expect(contract.send('indexes', [2])).toBe(3)
  })

  it('passes on the reason of a contract that was called', () => {
    expect(reason('peerPay', [peer.address, 'no'])).toBe('Error(we were told no)')
    expect(reason('peerWrong', [peer.address])).toBe('Error(invalid ABI encoding)')
    expect(reason('peerSet', [bob, 1n])).toBe('Error(call to an account without code)')
    expect(reason('peerGet', [bob])).toBe('Error(call to an account without code)')
    // The peer has a fallback, which refuses nothing: four bytes come back for a function that returns nothing.
    expect(contract.trySend('peerMissing', [peer.address]).kind).toBe('success')
  })
})

describe('calls by hand', () => {
  it('give the data of success and failure', () => {
    const good = contract.send('rawCall', [peer.address, data('get')])
    expect(good).toEqual([true, encodeFunctionResult({ abi, functionName: 'get', result: 105n })])
    const [success, output] = contract.send<readonly [boolean, Hex]>('rawCall', [peer.address, data('fails', ['why'])])
    expect([success, output.slice(0, 10)]).toEqual([false, '0x08c379a0'])
    const [changed] = contract.send<readonly [boolean]>('rawStatic', [peer.address, data('set', [1n])])
    expect([changed, peer.send('get')]).toEqual([false, 105n])
    const [limited] = contract.send<readonly [boolean]>('rawLimited', [peer.address, data('set', [1n]), 3000n])
    expect([limited, peer.send('get')]).toEqual([false, 105n])
    contract.send('rawCall', [peer.address, data('set', [1n])])
    expect(peer.send('get')).toBe(1n)
  })

  it('run other code on our storage when delegated', () => {
    const [success] = contract.send<readonly [boolean]>('rawDelegate', [peer.address, data('set', [555n])])
    expect([success, contract.send('get'), peer.send('get')]).toEqual([true, 555n, 105n])
    const [, output] = contract.send<readonly [boolean, Hex]>('rawDelegate', [peer.address, data('context')])
    const context = decodeFunctionResult({ abi, functionName: 'context', data: output }) as readonly unknown[]
    expect([context[0], context[2]]).toEqual([alice, getAddress(contract.address)])
  })

  it('create contracts', () => {
    const init = encodeDeployData({ abi, bytecode: artifact.bytecode, args: [bob, 7n] })
    const nonce = chain.state.nonce(hexToBytes(contract.address))
    const created = contract.send<Hex>('deploys', [init])
    expect(created).toBe(getContractAddress({ from: contract.address, nonce }))
    expect(BigInt(chain.send(created, data('get')).output)).toBe(12n)
    const salt = keccak256('0x01')
    const at = contract.send<Hex>('deploysAt', [init, salt])
    expect(at).toBe(getCreate2Address({ from: contract.address, salt, bytecode: init }))
    // The chain knows why, where the contract was told nothing.
    expect(contract.trySend('deploysAt', [init, salt])).toMatchObject({
      ...{ kind: 'revert', output: '0x' },
      message: expect.stringMatching(/the creation of .* failed: the address .* is in use already/),
    })
    // Arguments are missing: the constructor's reason comes through.
    expect(reason('deploys', [artifact.bytecode])).toBe('Error(invalid ABI encoding)')
  })
})

describe('reentrancy', () => {
  it('is refused unless the function allows it', () => {
    const inner = data('get')
    const [success, output] = contract.send<readonly [boolean, Hex]>('rawCall', [contract.address, inner])
    expect([success, output.slice(0, 10)]).toEqual([false, '0x08c379a0'])
    const through = data('rawCall', [contract.address, data('set', [1n])])
    const [outer, middle] = contract.send<readonly [boolean, Hex]>('rawCall', [peer.address, through])
    expect(outer).toBe(true)
    expect((decodeFunctionResult({ abi, functionName: 'rawCall', data: middle }) as readonly unknown[])[0]).toBe(false)
    const [allowed] = contract.send<readonly [boolean]>('rawCallReentrant', [contract.address, data('bump')])
    expect([allowed, contract.send('get')]).toEqual([true, 7n])
  })

  it('sees what was written before, and what was written inside', () => {
    expect(contract.send('bumpTwice')).toBe(11n)
    expect(contract.send('get')).toBe(11n)
  })
})

describe('context', () => {
  it('is that of the call, the transaction and the block', () => {
    const context = contract.send('context', [], { from: bob, value: 3n })
    expect(context).toEqual([
      bob,
      bob,
      getAddress(contract.address),
      3n,
      1n,
      chain.timestamp,
      31_337n,
      7n,
      7n,
      getAddress(bytesToHex(new Uint8Array(20).fill(0xcb))),
      30_000_000n,
    ])
  })

  it('tells about accounts', () => {
    const size = (artifact.deployedBytecode.length - 2) / 2
    chain.send(peer.address, '0x', { value: 12n })
    expect(contract.send('account', [peer.address])).toEqual([true, stringToHex(`12 ${size}`)])
    expect(contract.send('account', [bob])).toEqual([true, stringToHex(`${10n ** 24n} 0`)])
    expect(contract.send('hash', ['abc'])).toBe(keccak256(stringToHex('abc')))
  })

  it('prints for the developer', () => {
    contract.send('say', ['grüß dich'])
    expect(chain.printed).toEqual(['grüß dich'])
  })
})

describe('memory', () => {
  it('grows by what is needed, and runs out in order', () => {
    expect(contract.send('grow', [1000])).toBe(1_024_000n)
    const small = contract.trySend('grow', [100]).gasUsed
    const large = contract.trySend('grow', [200]).gasUsed
    // About two more pages of 64 KiB, at 1000 gas each: not a doubling.
    expect(Number(large - small)).toBeLessThan(6000)
    const tooMuch = contract.trySend('grow', [100_000])
    expect(describeFailure(artifact, tooMuch)).toBe('out of memory (panic 0x41)')
  })
})

it('nothing in the interface is left out or made up', () => {
  const names = (type: string) =>
    abi.filter((item) => item.type === type).map((item) => ('name' in item ? item.name : ''))
  expect(names('event')).toEqual(['Called', 'Received'])
  expect(names('error')).toEqual(['Refused'])
  expect(abi.filter((item) => ['constructor', 'receive', 'fallback'].includes(item.type))).toMatchObject([
    { type: 'constructor', stateMutability: 'payable', inputs: [{ name: 'owner' }, { name: 'start' }] },
    { type: 'fallback', stateMutability: 'payable' },
    { type: 'receive', stateMutability: 'payable' },
  ])
  expect(names('function')).not.toContain('onlyOwner')
})
