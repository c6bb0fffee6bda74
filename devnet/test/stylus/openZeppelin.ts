/** OpenZeppelin's contracts for Stylus: their standards' functions, events and errors, and constructors through the tool. */
import { join } from 'node:path'
import { type Abi, keccak256, parseAbi, stringToBytes, zeroAddress } from 'viem'
import { type Builds, builtModule } from './builds.ts'
import { ERC20, expectErc20 } from './sdkContracts.ts'
import { type Deployed, expectEvent, type Trial } from './trial.ts'

const SUPPLY = 10n ** 24n
const KEEPER = keccak256(stringToBytes('KEEPER'))

const TOKEN = [
  ...ERC20,
  ...parseAbi([
    'function burn(uint256 value)',
    'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
    'error ERC20InvalidReceiver(address receiver)',
  ]),
]
const PICTURES = parseAbi([
  'function mint(address to, uint256 tokenId)',
  'function balanceOf(address owner) view returns (uint256)',
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function safeTransferFrom(address from, address to, uint256 tokenId)',
  'function approve(address to, uint256 tokenId)',
  'function getApproved(uint256 tokenId) view returns (address)',
  'function burn(uint256 tokenId)',
  'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  'error ERC721NonexistentToken(uint256 tokenId)',
  'error ERC721InvalidReceiver(address receiver)',
])
const GOODS = parseAbi([
  'function mintBatch(address to, uint256[] ids, uint256[] values, bytes data)',
  'function balanceOfBatch(address[] accounts, uint256[] ids) view returns (uint256[])',
  'function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes data)',
  'event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values)',
  'error ERC1155InvalidArrayLength(uint256 idsLength, uint256 valuesLength)',
])
const VAULT = parseAbi([
  'function number() view returns (uint256)',
  'function setNumber(uint256 number)',
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'function grantRole(bytes32 role, address account)',
  'function renounceRole(bytes32 role, address confirmation)',
  'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
])
const WALLET = parseAbi([
  'function owner() view returns (address)',
  'function end() view returns (uint256)',
  'function releasable(address token) view returns (uint256)',
  'function release()',
  'function release(address token)',
  'function released(address token) view returns (uint256)',
  'event EtherReleased(uint256 amount)',
  'event ERC20Released(address indexed token, uint256 amount)',
])

interface Constructed {
  readonly types: string
  readonly values: readonly unknown[]
}

export async function driveOpenZeppelin(trial: Trial, builds: Builds): Promise<void> {
  /** One by the tool, one by viem. */
  const both = async (name: string, abi: Abi, constructed: Constructed | null): Promise<readonly Deployed[]> => {
    const member = `openzeppelin/${name}`
    const cargo = trial.cargo.in({ folder: join(builds.folder, member), label: member })
    const byTool = await trial.deployByTool(cargo, (constructed?.values ?? []).map(String))
    const byViem = await trial.deployModule(builtModule(builds, member), constructed)
    return [byTool, byViem].map((address) => ({ address, abi }))
  }
  const { sender, deployer } = trial
  const named = { types: 'string, string, uint256, address', values: ['Silver', 'SLV', SUPPLY, sender] }
  const tokens = await both('erc20', TOKEN, named)
  for (const token of tokens) await checkToken(trial, token)
  for (const pictures of await both('erc721', PICTURES, null)) await checkPictures(trial, pictures)
  for (const goods of await both('erc1155', GOODS, null)) await checkGoods(trial, goods)
  for (const vault of await both('roles', VAULT, { types: 'address', values: [sender] })) await checkRoles(trial, vault)
  const vested = { types: 'address, uint64, uint64', values: [deployer, 1n, 2n] }
  for (const wallet of await both('vesting', WALLET, vested)) await checkVesting(trial, wallet, tokens[0]!)
  console.log('passed: contracts of OpenZeppelin, by the tool and by viem')
}

async function checkToken(trial: Trial, token: Deployed): Promise<void> {
  const { sender, deployer } = trial
  await expectErc20(trial, token, SUPPLY)
  await trial.expectError(token, 'transfer', [zeroAddress, 1n], 'ERC20InvalidReceiver', [zeroAddress])
  const more = [sender, SUPPLY - 7n, SUPPLY]
  await trial.expectError(token, 'transfer', [deployer, SUPPLY], 'ERC20InsufficientBalance', more)
  expectEvent(await trial.send(token, 'burn', [3n]), token, 'Transfer', { from: sender, to: zeroAddress, value: 3n })
  await trial.expectRead(token, 'totalSupply', [], SUPPLY - 3n)
}

async function checkPictures(trial: Trial, pictures: Deployed): Promise<void> {
  const { sender, deployer } = trial
  const minted = await trial.send(pictures, 'mint', [sender, 9n])
  expectEvent(minted, pictures, 'Transfer', { from: zeroAddress, to: sender, tokenId: 9n })
  await trial.send(pictures, 'approve', [deployer, 9n])
  await trial.expectRead(pictures, 'getApproved', [9n], deployer)
  // A contract that is no receiver is asked, and refuses.
  const refused = [pictures.address]
  await trial.expectError(pictures, 'safeTransferFrom', [sender, ...refused, 9n], 'ERC721InvalidReceiver', refused)
  await trial.send(pictures, 'safeTransferFrom', [sender, deployer, 9n])
  await trial.expectRead(pictures, 'ownerOf', [9n], deployer)
  await trial.expectRead(pictures, 'balanceOf', [sender], 0n)
  await trial.send(pictures, 'mint', [sender, 10n])
  await trial.send(pictures, 'burn', [10n])
  await trial.expectError(pictures, 'ownerOf', [10n], 'ERC721NonexistentToken', [10n])
}

async function checkGoods(trial: Trial, goods: Deployed): Promise<void> {
  const { sender, deployer } = trial
  const minted = await trial.send(goods, 'mintBatch', [sender, [1n, 2n], [10n, 20n], '0x'])
  const fields = { operator: sender, from: zeroAddress, to: sender, ids: [1n, 2n], values: [10n, 20n] }
  expectEvent(minted, goods, 'TransferBatch', fields)
  await trial.send(goods, 'safeTransferFrom', [sender, deployer, 2n, 5n, '0x'])
  await trial.expectRead(
    goods,
    'balanceOfBatch',
    [
      [sender, sender, deployer],
      [1n, 2n, 2n],
    ],
    [10n, 15n, 5n],
  )
  await trial.expectError(goods, 'mintBatch', [sender, [1n], [], '0x'], 'ERC1155InvalidArrayLength', [1n, 0n])
}

async function checkRoles(trial: Trial, vault: Deployed): Promise<void> {
  const { sender } = trial
  await trial.expectError(vault, 'setNumber', [1n], 'AccessControlUnauthorizedAccount', [sender, KEEPER])
  const granted = await trial.send(vault, 'grantRole', [KEEPER, sender])
  expectEvent(granted, vault, 'RoleGranted', { role: KEEPER, account: sender, sender })
  await trial.send(vault, 'setNumber', [5n])
  await trial.expectRead(vault, 'number', [], 5n)
  await trial.send(vault, 'renounceRole', [KEEPER, sender])
  await trial.expectRead(vault, 'hasRole', [KEEPER, sender], false)
}

/** All is vested: it began and ended long ago. */
async function checkVesting(trial: Trial, wallet: Deployed, token: Deployed): Promise<void> {
  const { deployer } = trial
  await trial.expectRead(wallet, 'owner', [], deployer)
  await trial.expectRead(wallet, 'end', [], 3n)
  await trial.pay(wallet.address, 1_000n)
  expectEvent(await trial.send(wallet, 'release'), wallet, 'EtherReleased', { amount: 1_000n })
  await trial.send(token, 'transfer', [wallet.address, 50n])
  await trial.expectRead(wallet, 'releasable', [token.address], 50n)
  const released = await trial.send(wallet, 'release', [token.address])
  expectEvent(released, wallet, 'ERC20Released', { token: token.address, amount: 50n })
  expectEvent(released, token, 'Transfer', { from: wallet.address, to: deployer, value: 50n })
}
