import {
  concat,
  encodeAbiParameters,
  getAddress,
  keccak256,
  pad,
  parseAbi,
  parseAbiParameters,
  slice,
  toHex,
} from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT, buildExample } from './fixtures.ts'
import { account, describeFailure, TestChain, type TestContract } from './testChain.ts'

const SUPPLY = 1_000_000n * 10n ** 18n
const MAX = 2n ** 256n - 1n
const [alice, bob, carol] = [account(0), account(1), account(2)].map((a) => getAddress(a)) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
]
const NOBODY = '0x0000000000000000000000000000000000000000'

let artifact: Artifact
beforeAll(async () => {
  artifact = await buildExample('token')
}, BUILD_TIMEOUT)

function deployToken(): { chain: TestChain; token: TestContract } {
  const chain = new TestChain()
  return { chain, token: chain.deploy(artifact, ['Gold', 'GLD', SUPPLY]) }
}

describe('the interface', () => {
  it('is the ABI a Solidity ERC-20 has', () => {
    const solidity = parseAbi([
      'constructor(string name, string symbol, uint256 initialSupply)',
      'event Transfer(address indexed from, address indexed to, uint256 value)',
      'event Approval(address indexed owner, address indexed spender, uint256 value)',
      'function name() view returns (string)',
      'function balanceOf(address) view returns (uint256)',
      'function allowance(address, address) view returns (uint256)',
      'function decimals() pure returns (uint8)',
      'function transfer(address to, uint256 value) returns (bool)',
      'function transferFrom(address from, address to, uint256 value) returns (bool)',
      'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
    ])
    const named = (parameters: readonly { name?: string; type: string; indexed?: boolean }[] | undefined) =>
      parameters?.map(({ name, type, indexed }) => [name ?? '', type, indexed ?? false])
    const essence = (item: (typeof solidity)[number]) => ({
      type: item.type,
      name: 'name' in item ? item.name : '',
      inputs: named(item.inputs),
      outputs: 'outputs' in item ? named(item.outputs) : undefined,
      mutability: 'stateMutability' in item ? item.stateMutability : undefined,
    })
    const ours = (artifact.abi as unknown as typeof solidity).map(essence)
    for (const item of solidity) expect(ours).toContainEqual(essence(item))
  })
})

describe('construction', () => {
  it('stores the metadata and gives the supply to the deployer', () => {
    const { token } = deployToken()
    expect(token.send('name')).toBe('Gold')
    expect(token.send('symbol')).toBe('GLD')
    expect(token.send('decimals')).toBe(18)
    expect(token.send('totalSupply')).toBe(SUPPLY)
    expect(token.send('balanceOf', [alice])).toBe(SUPPLY)
    expect(token.send('owner')).toBe(alice)
  })

  it('handles a name longer than a slot, in several scripts', () => {
    const name = 'Ein sehr langer Name, 金のコイン, monnaie d’or 🪙, and more of it'
    const token = new TestChain().deploy(artifact, [name, '金', 1n])
    expect(token.send('name')).toBe(name)
    expect(token.send('symbol')).toBe('金')
  })

  it('cannot be repeated by anyone', () => {
    const { chain, token } = deployToken()
    const selector = slice(keccak256(toHex('stylus_constructor()')), 0, 4)
    const args = encodeAbiParameters(parseAbiParameters('string, string, uint256'), ['x', 'y', 1n])
    const again = chain.send(token.address, concat([selector, args]), { from: bob })
    expect(describeFailure(artifact, again)).toBe('Error(already constructed)')
    expect(token.send('owner')).toBe(alice)
  })

  it('refuses value and missing arguments', () => {
    const chain = new TestChain()
    expect(chain.tryDeploy(artifact, ['G', 'G', 1n], { value: 1n }).kind).toBe('revert')
    const without = chain.send(null, artifact.bytecode)
    expect(describeFailure(artifact, without)).toBe('Error(invalid ABI encoding)')
  })
})

describe('transfers', () => {
  it('move balances and log the transfer', () => {
    const { token } = deployToken()
    const events = token.events('transfer', [bob, 7n])
    expect(events).toEqual([{ eventName: 'Transfer', args: { from: alice, to: bob, value: 7n } }])
    expect(token.send('balanceOf', [bob])).toBe(7n)
    expect(token.send('balanceOf', [alice])).toBe(SUPPLY - 7n)
    expect(token.send('totalSupply')).toBe(SUPPLY)
  })

  it('to oneself change nothing', () => {
    const { token } = deployToken()
    expect(token.send('transfer', [alice, 9n])).toBe(true)
    expect(token.send('balanceOf', [alice])).toBe(SUPPLY)
  })

  it('of more than there is fail with ERC-6093 errors and change nothing', () => {
    const { token } = deployToken()
    token.send('transfer', [bob, 5n])
    const fail = token.trySend('transfer', [carol, 6n], { from: bob })
    expect(describeFailure(artifact, fail)).toBe(`ERC20InsufficientBalance(${bob}, 5, 6)`)
    expect(fail.logs).toEqual([])
    expect(token.send('balanceOf', [bob])).toBe(5n)
    expect(() => token.send('transfer', [NOBODY, 1n])).toThrow(`ERC20InvalidReceiver(${NOBODY})`)
  })

  it('by others need an allowance, which they use up unless it is the largest', () => {
    const { token } = deployToken()
    const events = token.events('approve', [bob, 10n])
    expect(events).toEqual([{ eventName: 'Approval', args: { owner: alice, spender: bob, value: 10n } }])
    expect(token.send('transferFrom', [alice, carol, 4n], { from: bob })).toBe(true)
    expect(token.send('allowance', [alice, bob])).toBe(6n)
    expect(() => token.send('transferFrom', [alice, carol, 7n], { from: bob })).toThrow(
      `ERC20InsufficientAllowance(${bob}, 6, 7)`,
    )
    token.send('approve', [bob, MAX])
    token.send('transferFrom', [alice, carol, 7n], { from: bob })
    expect(token.send('allowance', [alice, bob])).toBe(MAX)
    expect(token.send('balanceOf', [carol])).toBe(11n)
    expect(() => token.send('approve', [NOBODY, 1n])).toThrow('ERC20InvalidSpender')
  })
})

describe('supply', () => {
  it('grows by the owner only, and never past 2^256 - 1', () => {
    const { token } = deployToken()
    expect(() => token.send('mint', [bob, 1n], { from: bob })).toThrow(`OwnableUnauthorizedAccount(${bob})`)
    token.send('mint', [bob, MAX - SUPPLY])
    expect(token.send('totalSupply')).toBe(MAX)
    expect(() => token.send('mint', [bob, 1n])).toThrow('arithmetic underflow or overflow (panic 0x11)')
  })

  it('shrinks when holders burn', () => {
    const { token } = deployToken()
    const events = token.events('burn', [100n])
    expect(events).toEqual([{ eventName: 'Transfer', args: { from: alice, to: NOBODY, value: 100n } }])
    expect(token.send('totalSupply')).toBe(SUPPLY - 100n)
    expect(() => token.send('burn', [1n], { from: bob })).toThrow('ERC20InsufficientBalance')
  })
})

describe('what nobody wrote', () => {
  it('is refused: value, unknown functions, short and dirty arguments', () => {
    const { chain, token } = deployToken()
    const paid = token.trySend('transfer', [bob, 1n], { value: 1n })
    expect([paid.kind, paid.output]).toEqual(['revert', '0x'])
    expect(describeFailure(artifact, paid)).toBe('transfer is not payable and refuses the 1 wei sent with it')
    expect(token.trySend('name', [], { value: 1n }).kind).toBe('revert')
    expect(describeFailure(artifact, chain.send(token.address, '0x12345678'))).toBe('Error(no such function)')
    expect(chain.send(token.address, '0x', { value: 5n }).kind).toBe('revert')
    expect(chain.send(token.address, '0xa9059c').kind).toBe('revert')
    const selector = '0xa9059cbb'
    const dirty = `${selector}${'01'.repeat(32)}${pad('0x01').slice(2)}` as const
    expect(describeFailure(artifact, chain.send(token.address, dirty))).toBe('Error(invalid ABI encoding)')
    const short = `${selector}${pad(bob).slice(2)}${'00'.repeat(31)}` as const
    expect(describeFailure(artifact, chain.send(token.address, short))).toBe('Error(invalid ABI encoding)')
    expect(token.send('balanceOf', [alice])).toBe(SUPPLY)
  })
})
