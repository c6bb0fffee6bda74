/** The parts to inherit from (as/parts) and what the SDK has for signatures, on the real chain in this process. */
import {
  type Abi,
  encodeFunctionData,
  getAddress,
  type Hex,
  hashStruct,
  hashTypedData,
  keccak256,
  stringToHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { createTestChain, type TestChain, type TestContract } from '../testing/index.ts'
import { DEV_KEYS } from '../testing/keys.ts'
import '../testing/matchers.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, problems } from './sources.ts'

const SDK = '@touchstone/contracts/as'
const ZERO = '0x0000000000000000000000000000000000000000'
const from = (part: string, ...names: readonly string[]) =>
  `import { ${names.join(', ')} } from '${SDK}/parts/${part}'\n`
const sdk = (...names: readonly string[]) => `import { ${names.join(', ')} } from '${SDK}'\n`

const TOKEN = `${from('erc20Permit', 'ERC20Permit')}${from('roles', 'Roles')}${sdk('Address', 'Bytes32', 'U256', 'keccak256')}
@contract export class Gold extends ERC20Permit {
  frozen: Address
  constructor() { super('Gold', 'GLD'); this._mint(Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'), U256.from(1000)) }
  @external burn(value: U256): void { this._burn(Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'), value) }
  @external freeze(who: Address): void { this.frozen = who }
  protected _update(from: Address, to: Address, value: U256): void {
    assert(from != this.frozen || from.isZero)
    super._update(from, to, value)
  }
}
@contract export class Club extends Roles {
  @view visits: U256
  constructor(admin: Address) { super(admin) }
  @external visit(): void { this.onlyRole(keccak256('MEMBER')); this.visits += U256.ONE }
}
`
const NFT = `${from('erc721', 'ERC721')}${from('ownable', 'Ownable')}${from('pausable', 'Pausable')}${sdk('Address', 'Bases', 'construct', 'Bytes', 'Bytes4', 'Bytes32', 'U256', 'msg', 'call', 'recover', 'tryRecover', 'hashStruct', 'ether', 'gwei', 'minutes', 'hours', 'days', 'weeks')}
@contract export class Deed extends ERC721 {
  constructor() { super('Deed', 'DEED') }
  @external mint(to: Address, id: U256): void { this._safeMint(to, id, Bytes.empty) }
  @external burn(id: U256): void { this._burn(id) }
}
@contract export class Taker {
  @view last: U256
  @external onERC721Received(operator: Address, from: Address, id: U256, data: Bytes): Bytes4 {
    this.last = id
    return Bytes4.parse('0x150b7a02')
  }
}
@contract export class Shop extends Bases<Ownable, Pausable> {
  @view sold: U256
  constructor(owner: Address) { super(); construct<Ownable>(owner) }
  @external pause(): void { this.onlyOwner(); this._pause() }
  @external unpause(): void { this.onlyOwner(); this._unpause() }
  @external sell(): void { this.whenNotPaused(); this.sold += U256.ONE }
}
@struct class Leaf { constructor(public name: string, public data: Bytes) {} }
@struct class Tree { constructor(public owner: Address, public leaves: Leaf[], public sizes: u16[], public top: Leaf, public flag: bool, public low: i64) {} }
@contract export class Tools {
  @view treeHash(tree: Tree): Bytes32 { return hashStruct(tree) }
  @view signer(hash: Bytes32, signature: Bytes): Address { return recover(hash, signature) }
  @view perhaps(hash: Bytes32, v: u8, r: Bytes32, s: Bytes32): Address { return tryRecover(hash, v, r, s) }
  @view units(): U256[] { return [ether(2), gwei(3), U256.from(minutes(1)), U256.from(hours(1)), U256.from(days(2)), U256.from(weeks(1))] }
  @view tooLong(n: u64): u64 { return weeks(n) }
  @external why(to: Address, data: Bytes): string { return call(to, data).reason }
  @external pass(to: Address, data: Bytes): Bytes { return call(to, data).orRevert() }
}
`
const MANY = `${from('erc1155', 'ERC1155')}${from('proxy', 'Proxy', 'Upgradeable')}${sdk('Address', 'Bytes', 'U256', 'msg', 'require')}
@contract export class Items extends ERC1155 {
  constructor() { super('https://items.example/{id}') }
  @external mint(to: Address, id: U256, value: U256): void { this._mint(to, id, value, Bytes.empty) }
  @external burn(id: U256, value: U256): void { this._burn(msg.sender, id, value) }
}
@contract export class Stable extends Proxy {}
@contract export class Later extends Proxy {
  protected _unsafeAllowUninitialized(): bool { return true }
}
@contract export class CounterV1 extends Upgradeable {
  @view owner: Address
  @view count: U256
  @external initialize(owner: Address): void { this.initializer(); this.owner = owner }
  @external bump(): void { this.count += U256.ONE }
  @pure version(): u8 { return 1 }
  protected _authorizeUpgrade(to: Address): void { require(msg.sender == this.owner, 'not the owner') }
}
@contract export class CounterV2 extends CounterV1 {
  @external bump(): void { this.count += U256.from(10) }
  @pure version(): u8 { return 2 }
}
`

let chain: TestChain
let artifacts: Readonly<Record<string, Artifact>>
beforeAll(async () => {
  const built = [
    await build({ 'index.ts': TOKEN }),
    await build({ 'index.ts': NFT }),
    await build({ 'index.ts': MANY }),
  ]
  artifacts = Object.assign({}, ...built)
  chain = await createTestChain()
}, BUILD_TIMEOUT)
afterAll(() => chain.close())

// The texts above are built here, so that TypeScript knows nothing of their functions.
type Loose = TestContract<Abi> & Record<'read' | 'send', Record<string, (...args: never[]) => Promise<unknown>>>
const deploy = async (name: string, args: readonly unknown[] = []) => {
  const { contractName, abi, bytecode } = artifacts[name]!
  return (await chain.deploy({ contractName, abi: abi as Abi, bytecode }, args as never)) as Loose
}
const read = (contract: Loose, name: string, ...args: readonly unknown[]) =>
  contract.read[name]!(...([args] as never[]))
const send = (contract: Loose, name: string, args: readonly unknown[] = [], by = 0) =>
  contract.send[name]!(...([args, { from: chain.accounts[by] }] as never[])) as Promise<never>

describe('a token with permits', () => {
  it('is a token whose rules a contract may add to', async () => {
    const gold = await deploy('Gold')
    const [alice, bob] = chain.accounts
    expect(await read(gold, 'totalSupply')).toBe(1000n)
    await expect(send(gold, 'transfer', [bob, 7n])).toEmit('Transfer', { from: alice, to: bob, value: 7n })
    await expect(send(gold, 'transfer', [alice, 8n], 1)).toRevertWith('ERC20InsufficientBalance', [bob, 7n, 8n])
    await expect(send(gold, 'transfer', [ZERO, 1n])).toRevertWith('ERC20InvalidReceiver', [ZERO])
    await expect(send(gold, 'burn', [3n])).toEmit('Transfer', { from: alice, to: ZERO, value: 3n })
    expect(await read(gold, 'totalSupply')).toBe(997n)
    await send(gold, 'freeze', [bob])
    await expect(send(gold, 'transfer', [alice, 1n], 1)).rejects.toThrow(/0x1|Panic\(1\)|assert/)
  })

  it('takes a signature as viem makes it, once, in time, and of the holder alone', async () => {
    const gold = await deploy('Gold')
    const [alice, bob] = chain.accounts
    const holder = privateKeyToAccount(DEV_KEYS[0]!)
    const chainId = await chain.client.getChainId()
    const domain = { name: 'Gold', version: '1', chainId, verifyingContract: gold.address } as const
    const types = {
      Permit: ['owner address', 'spender address', 'value uint256', 'nonce uint256', 'deadline uint256'].map((text) => {
        const [name, type] = text.split(' ') as [string, string]
        return { name, type }
      }),
    }
    const deadline = (await chain.time()) + 3_600n
    const message = { owner: alice, spender: bob, value: 50n, nonce: 0n, deadline }
    const signature = await holder.signTypedData({ domain, types, primaryType: 'Permit', message })
    const split = (text: Hex) => [Number(`0x${text.slice(130)}`), text.slice(0, 66), `0x${text.slice(66, 130)}`]
    const args = [alice, bob, 50n, deadline, ...split(signature)]
    await expect(send(gold, 'permit', [alice, bob, 51n, deadline, ...split(signature)], 2)).toRevertWith(
      'ERC2612InvalidSigner',
    )
    await expect(send(gold, 'permit', args, 2)).toEmit('Approval', { owner: alice, spender: bob, value: 50n })
    expect(await read(gold, 'allowance', alice, bob)).toBe(50n)
    expect(await read(gold, 'nonces', alice)).toBe(1n)
    await expect(send(gold, 'permit', args, 2)).toRevertWith('ERC2612InvalidSigner')
    await expect(send(gold, 'permit', [alice, bob, 50n, 1n, ...split(signature)])).toRevertWith(
      'ERC2612ExpiredSignature',
      [1n],
    )
    await send(gold, 'transferFrom', [alice, bob, 20n], 1)
    expect(await read(gold, 'allowance', alice, bob)).toBe(30n)
  })
})

it('roles are given, used, taken and given up', async () => {
  const [alice, bob, carol] = chain.accounts
  const club = await deploy('Club', [alice])
  const member = keccak256(stringToHex('MEMBER'))
  const denied = 'AccessControlUnauthorizedAccount'
  await expect(send(club, 'visit', [], 1)).toRevertWith(denied, [bob, member])
  await expect(send(club, 'grantRole', [member, bob], 2)).toRevertWith(denied)
  await expect(send(club, 'grantRole', [member, bob])).toEmit('RoleGranted', {
    role: member,
    account: bob,
    sender: alice,
  })
  await send(club, 'visit', [], 1)
  expect(await read(club, 'visits')).toBe(1n)
  expect(await read(club, 'hasRole', member, bob)).toBe(true)
  await expect(send(club, 'renounceRole', [member, carol], 1)).toRevertWith('AccessControlBadConfirmation')
  await send(club, 'renounceRole', [member, bob], 1)
  await expect(send(club, 'visit', [], 1)).toRevertWith(denied)
  expect(await read(club, 'supportsInterface', '0x7965db0b')).toBe(true)
  await expect(deploy('Club', [ZERO])).rejects.toThrow('AccessControlInvalidDefaultAdmin')
})

it('an owner pauses, gives the contract away, and leaves it', async () => {
  const [alice, bob] = chain.accounts
  const shop = await deploy('Shop', [alice])
  await send(shop, 'sell', [], 1)
  await expect(send(shop, 'pause', [], 1)).toRevertWith('OwnableUnauthorizedAccount', [bob])
  await expect(send(shop, 'unpause')).toRevertWith('ExpectedPause')
  await expect(send(shop, 'pause')).toEmit('Paused', { account: alice })
  await expect(send(shop, 'sell')).toRevertWith('EnforcedPause')
  await send(shop, 'unpause')
  await send(shop, 'sell')
  expect(await read(shop, 'sold')).toBe(2n)
  await expect(send(shop, 'transferOwnership', [ZERO])).toRevertWith('OwnableInvalidOwner')
  await expect(send(shop, 'transferOwnership', [bob])).toEmit('OwnershipTransferred', {
    previousOwner: alice,
    newOwner: bob,
  })
  await send(shop, 'renounceOwnership', [], 1)
  expect(await read(shop, 'owner')).toBe(ZERO)
})

it('deeds are owned, approved, moved, and asked for by contracts', async () => {
  const deed = await deploy('Deed')
  const taker = await deploy('Taker')
  const [alice, bob, carol] = chain.accounts
  await expect(send(deed, 'mint', [alice, 5n])).toEmit('Transfer', { from: ZERO, to: alice, tokenId: 5n })
  await expect(send(deed, 'mint', [bob, 5n])).toRevertWith('ERC721InvalidSender')
  await expect(send(deed, 'transferFrom', [alice, bob, 5n], 1)).toRevertWith('ERC721InsufficientApproval', [bob, 5n])
  await expect(send(deed, 'approve', [bob, 5n], 1)).toRevertWith('ERC721InvalidApprover', [bob])
  await send(deed, 'approve', [bob, 5n])
  await expect(send(deed, 'transferFrom', [carol, bob, 5n], 1)).toRevertWith('ERC721IncorrectOwner', [carol, 5n, alice])
  await send(deed, 'transferFrom', [alice, bob, 5n], 1)
  expect([await read(deed, 'ownerOf', 5n), await read(deed, 'getApproved', 5n)]).toEqual([bob, ZERO])
  await send(deed, 'setApprovalForAll', [carol, true], 1)
  await send(deed, 'safeTransferFrom', [bob, taker.address, 5n, '0x'], 2)
  expect([await read(taker, 'last'), await read(deed, 'balanceOf', taker.address)]).toEqual([5n, 1n])
  await send(deed, 'mint', [alice, 8n])
  await send(deed, 'safeTransferFrom', [alice, taker.address, 8n])
  expect([await read(taker, 'last'), await read(deed, 'ownerOf', 8n)]).toEqual([8n, taker.address])
  await expect(send(deed, 'mint', [deed.address, 6n])).rejects.toThrow('no such function')
  await expect(send(deed, 'burn', [7n])).toRevertWith('ERC721NonexistentToken', [7n])
  await send(deed, 'burn', [5n])
  await expect(read(deed, 'ownerOf', 5n)).rejects.toThrow('ERC721NonexistentToken')
})

it('items are many of many kinds', async () => {
  const items = await deploy('Items')
  const [alice, bob] = chain.accounts
  await expect(send(items, 'mint', [alice, 1n, 10n])).toEmit('TransferSingle', { to: alice, id: 1n, value: 10n })
  await send(items, 'mint', [alice, 2n, 20n])
  await expect(send(items, 'safeTransferFrom', [alice, bob, 1n, 1n, '0x'], 1)).toRevertWith(
    'ERC1155MissingApprovalForAll',
  )
  await expect(send(items, 'safeBatchTransferFrom', [alice, bob, [1n, 2n], [3n], '0x'])).toRevertWith(
    'ERC1155InvalidArrayLength',
    [2n, 1n],
  )
  await expect(send(items, 'safeBatchTransferFrom', [alice, bob, [1n, 2n], [3n, 21n], '0x'])).toRevertWith(
    'ERC1155InsufficientBalance',
    [alice, 20n, 21n, 2n],
  )
  await send(items, 'safeBatchTransferFrom', [alice, bob, [1n, 2n], [3n, 4n], '0x'])
  expect(await read(items, 'balanceOfBatch', [alice, bob, bob], [1n, 1n, 2n])).toEqual([7n, 3n, 4n])
  await send(items, 'burn', [2n, 4n], 1)
  expect(await read(items, 'balanceOf', bob, 2n)).toBe(0n)
})

describe('a proxy', () => {
  it('keeps state while its code changes, and lets only the owner change it', async () => {
    const [alice, bob] = chain.accounts
    const [one, two] = [await deploy('CounterV1'), await deploy('CounterV2')]
    const abi = artifacts['CounterV1']!.abi as Abi
    const initialize = encodeFunctionData({ abi, functionName: 'initialize', args: [alice] })
    const { address } = await deploy('Stable', [one.address, initialize])
    const { contractName, bytecode } = artifacts['CounterV1']!
    const counter = chain.at({ contractName, abi, bytecode }, address) as unknown as Loose
    await send(counter, 'bump', [], 1)
    await expect(send(counter, 'initialize', [bob], 1)).toRevertWith('InvalidInitialization')
    await expect(send(one, 'initialize', [bob], 1)).toRevertWith('InvalidInitialization')
    await expect(send(counter, 'upgradeToAndCall', [two.address, '0x'], 1)).toRevertWith('not the owner')
    await expect(send(counter, 'upgradeToAndCall', [address, '0x'])).rejects.toThrow()
    // Another proxy of the same code would answer for its implementation, and run itself for ever.
    const { address: other } = await deploy('Stable', [two.address, initialize])
    await expect(send(counter, 'upgradeToAndCall', [other, '0x'])).toRevertWith('ERC1967InvalidImplementation', [other])
    await expect(read(counter, 'proxiableUUID')).rejects.toThrow('UUPSUnauthorizedCallContext')
    await expect(send(one, 'upgradeToAndCall', [two.address, '0x'])).toRevertWith('UUPSUnauthorizedCallContext')
    const value = { from: alice, value: 1n }
    const paid = counter.send['upgradeToAndCall']!(...([[two.address, '0x'], value] as never[])) as Promise<never>
    await expect(paid).toRevertWith('ERC1967NonPayable')
    const stranger = await deploy('Items')
    await expect(send(counter, 'upgradeToAndCall', [stranger.address, '0x'])).toRevertWith(
      'ERC1967InvalidImplementation',
    )
    await expect(send(counter, 'upgradeToAndCall', [two.address, '0x'])).toEmit('Upgraded', {
      implementation: two.address,
    })
    await send(counter, 'bump')
    expect([await read(counter, 'count'), await read(counter, 'version')]).toEqual([11n, 2])
    const slot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
    const stored = await chain.client.getStorageAt({ address, slot })
    expect(getAddress(`0x${stored!.slice(26)}`)).toBe(two.address)
  })

  it('needs an implementation and a call of it, and says why its initialiser failed', async () => {
    await expect(deploy('Stable', [chain.accounts[1], '0x1234'])).rejects.toThrow('ERC1967InvalidImplementation')
    const one = await deploy('CounterV1')
    await expect(deploy('Stable', [one.address, '0x'])).rejects.toThrow('ERC1967ProxyUninitialized')
    await expect(deploy('Later', [chain.accounts[1], '0x'])).rejects.toThrow('ERC1967InvalidImplementation')
    const { address } = await deploy('Later', [one.address, '0x'])
    const { contractName, abi, bytecode } = artifacts['CounterV1']!
    const later = chain.at({ contractName, abi: abi as Abi, bytecode }, address) as unknown as Loose
    await send(later, 'initialize', [chain.accounts[1]])
    expect(await read(later, 'owner')).toBe(chain.accounts[1])
    await expect(deploy('Stable', [one.address, '0x12345678'])).rejects.toThrow('no such function')
  })
})

describe('signatures and typed data', () => {
  const account = privateKeyToAccount(DEV_KEYS[3]!)

  it('name the signer, and nobody for what is none', async () => {
    const tools = await deploy('Tools')
    const hash = keccak256('0x1234')
    const signature = await account.sign({ hash })
    expect(await read(tools, 'signer', hash, signature)).toBe(account.address)
    const [r, s] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`] as [Hex, Hex]
    const v = Number(`0x${signature.slice(130)}`)
    expect(await read(tools, 'perhaps', hash, v, r, s)).toBe(account.address)
    expect(await read(tools, 'perhaps', hash, v - 27, r, s)).toBe(ZERO)
    expect(await read(tools, 'perhaps', hash, v, `0x${'ff'.repeat(32)}`, s)).toBe(ZERO)
    // The other s of the same signature (EIP-2).
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = `0x${(order - BigInt(s)).toString(16).padStart(64, '0')}`
    expect(await read(tools, 'perhaps', hash, 55 - v, r, high)).toBe(ZERO)
    await expect(read(tools, 'signer', hash, '0x1234')).rejects.toThrow('a signature has 65 bytes')
    await expect(read(tools, 'signer', hash, `0x${'00'.repeat(65)}`)).rejects.toThrow('invalid signature')
  })

  it('hash structs in structs, arrays, texts and bytes as viem does', async () => {
    const tools = await deploy('Tools')
    const member = (text: string) => {
      const [type, name] = text.split(' ') as [string, string]
      return { name, type }
    }
    const types = {
      Tree: ['address owner', 'Leaf[] leaves', 'uint16[] sizes', 'Leaf top', 'bool flag', 'int64 low'].map(member),
      Leaf: ['string name', 'bytes data'].map(member),
    }
    const leaf = (name: string, data: Hex) => ({ name, data })
    const tree = {
      owner: account.address,
      leaves: [leaf('één', '0x'), leaf('', `0x${'ab'.repeat(40)}`)],
      sizes: [1, 65_535],
      top: leaf('top', '0x00'),
      flag: true,
      low: -5n,
    }
    expect(await read(tools, 'treeHash', tree)).toBe(hashStruct({ data: tree, types, primaryType: 'Tree' }))
    expect(hashTypedData({ types, primaryType: 'Tree', message: tree })).toMatch(/^0x/)
  })

  it('and units are what they say, without wrapping', async () => {
    const tools = await deploy('Tools')
    expect(await read(tools, 'units')).toEqual([2n * 10n ** 18n, 3n * 10n ** 9n, 60n, 3_600n, 172_800n, 604_800n])
    expect(await read(tools, 'tooLong', 2n ** 64n / 604_800n)).toBe((2n ** 64n / 604_800n) * 604_800n)
    await expect(read(tools, 'tooLong', 2n ** 64n / 604_800n + 1n)).rejects.toThrow(/Panic\(17\)|0x11|overflow/i)
  })

  it('a call that failed tells its reason, or passes it on', async () => {
    const tools = await deploy('Tools')
    const shop = await deploy('Shop', [chain.accounts[0]])
    const simulate = (name: string, ...args: readonly unknown[]) =>
      (tools as unknown as Record<'simulate', typeof tools.send>).simulate[name]!(...([args] as never[]))
    expect(await simulate('why', shop.address, '0x12345678')).toBe('no such function')
    const custom = encodeFunctionData({ abi: artifacts['Shop']!.abi as Abi, functionName: 'unpause', args: [] })
    expect(await simulate('why', shop.address, custom)).toBe('')
    await expect(simulate('pass', shop.address, custom)).rejects.toThrow()
    const owner = encodeFunctionData({ abi: artifacts['Shop']!.abi as Abi, functionName: 'sold', args: [] })
    expect(await simulate('pass', shop.address, owner)).toBe(`0x${'0'.repeat(64)}`)
  })
})

it('says which parts there are, and keeps them out of the sources of an artifact', async () => {
  const wrong = `${from('erc777', 'ERC777')}@contract export class A extends ERC777 {}`
  expect((await problems({ 'index.ts': wrong }))[0]).toBe("index.ts:1: there is no part 'erc777'")
  expect(Object.keys(artifacts['Gold']!.sources)).toEqual(['assembly/index.ts'])
  expect(artifacts['Gold']!.storageLayout.storage.map(({ label }) => label)).toContain('nonces')
})
