/**
 * The same desk and the same ERC-20 in each release of `stylus-sdk`: deployed by the tool and by viem, driven through
 * their ABI, calling contracts in AssemblyScript and called by them.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Address, encodeErrorResult, parseAbi, parseEventLogs, zeroAddress } from 'viem'
import { type Builds, builtModule } from './builds.ts'
import { expectThat } from './cargoStylus.ts'
import { type Deployed, expectEvent, type Trial } from './trial.ts'

const EXAMPLES = fileURLToPath(new URL('../../../contracts/examples', import.meta.url))
const SUPPLY = 10n ** 24n
const LATER = 2n ** 64n - 1n

export const ERC20 = parseAbi([
  'constructor(string name, string symbol, uint256 supply, address owner)',
  'function name() view returns (string)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function transferFrom(address from, address to, uint256 value) returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Approval(address indexed owner, address indexed spender, uint256 value)',
])
const TOKEN = [
  ...ERC20,
  ...parseAbi([
    'function setUp(string name, string symbol, uint256 supply, address owner)',
    'function mint(address to, uint256 value)',
    'function owner() view returns (address)',
    'function transferOwnership(address to)',
    'error InsufficientBalance(address from, uint256 have, uint256 want)',
    'error InsufficientAllowance(address owner, address spender, uint256 have, uint256 want)',
    'error NotTheOwner(address caller)',
  ]),
]
const DESK = parseAbi([
  'function number() view returns (uint256)',
  'function setNumber(uint256 number)',
  'function increment()',
  'function history() view returns (uint256[])',
  'function setMark(uint256 key, uint256 value)',
  'function markOf(address account, uint256 key) view returns (uint256)',
  'function setNote(string note)',
  'function note() view returns (string)',
  'function balanceIn(address token, address account) view returns (uint256)',
  'function pay(address token, address to, uint256 value) returns (bool)',
  'function deposit() payable returns (uint256)',
  'function giveUp() view returns (uint256)',
  'event NumberChanged(address indexed by, uint256 number)',
  'error TooLarge(uint256 number, uint256 greatest)',
  'error Refused(address token, bytes reason)',
])

/** Releases that know `#[constructor]`. */
const CONSTRUCTED: ReadonlySet<string> = new Set(['09', '010'])

/** The contracts of all releases. Returns one token of each, so that others can use them. */
export async function driveSdkContracts(trial: Trial, builds: Builds): Promise<readonly Deployed[]> {
  const releases = builds.contracts.flatMap((path) => /^sdk-(\d+)\/token$/.exec(path)?.slice(1) ?? [])
  const gold = await trial.deployArtifact(join(EXAMPLES, 'token/build/Token.json'), ['Gold', 'GLD', SUPPLY])
  const tokens: Deployed[] = []
  for (const release of releases) {
    const token = await driveToken(trial, builds, release)
    await driveDesk(trial, builds, release, gold, token)
    tokens.push(token)
    console.log(`passed: contracts of stylus-sdk 0.${Number(release)}, by the tool and by viem`)
  }
  return tokens
}

async function driveToken(trial: Trial, builds: Builds, release: string): Promise<Deployed> {
  const member = `sdk-${release}/token`
  const cargo = trial.cargo.in({ folder: join(builds.folder, member), label: member })
  const words = ['Silver', 'SLV', SUPPLY, trial.sender] as const
  const module = builtModule(builds, member)
  const types = 'string, string, uint256, address'
  const tokens: Deployed[] = []
  if (CONSTRUCTED.has(release)) {
    await cargo.passes(
      'constructor',
      [],
      /constructor\(string \w+ name, string \w+ symbol, uint256 supply, address owner\)/,
    )
    tokens.push({ address: await trial.deployByTool(cargo, words.map(String)), abi: TOKEN })
    tokens.push({ address: await trial.deployModule(module, { types, values: words }), abi: TOKEN })
  } else {
    tokens.push({ address: await trial.deployByTool(cargo, []), abi: TOKEN })
    tokens.push({ address: await trial.deployModule(module, null), abi: TOKEN })
    for (const token of tokens) {
      await trial.send(token, 'setUp', words)
      await trial.expectError(token, 'setUp', words, 'NotTheOwner', [trial.sender])
    }
  }
  // Of a trait that a contract implements, 0.9 tells nothing.
  await cargo.passes('export-abi', [], /function mint\(address to, uint256 value\)/)
  for (const token of tokens) await checkToken(trial, token)
  await trade(trial, tokens as [Deployed, Deployed])
  return tokens[0]!
}

async function checkToken(trial: Trial, token: Deployed): Promise<void> {
  const { sender, deployer } = trial
  await expectErc20(trial, token, SUPPLY)
  await trial.expectError(token, 'transferFrom', [deployer, sender, 1n], 'InsufficientAllowance', [
    deployer,
    sender,
    0n,
    1n,
  ])
  await trial.expectError(token, 'transfer', [deployer, SUPPLY], 'InsufficientBalance', [sender, SUPPLY - 7n, SUPPLY])
  // Of the half that it inherits from the owned.
  await trial.expectRead(token, 'owner', [], sender)
  const minted = await trial.send(token, 'mint', [deployer, 5n])
  expectEvent(minted, token, 'Transfer', { from: zeroAddress, to: deployer, value: 5n })
  await trial.send(token, 'transferOwnership', [deployer])
  await trial.expectError(token, 'mint', [sender, 1n], 'NotTheOwner', [sender])
}

/** Seven of the sender's whole supply go to the deployer. */
export async function expectErc20(trial: Trial, token: Deployed, supply: bigint): Promise<void> {
  const { sender, deployer } = trial
  await trial.expectRead(token, 'name', [], 'Silver')
  await trial.expectRead(token, 'symbol', [], 'SLV')
  await trial.expectRead(token, 'decimals', [], 18)
  await trial.expectRead(token, 'totalSupply', [], supply)
  const moved = await trial.send(token, 'transfer', [deployer, 7n])
  expectEvent(moved, token, 'Transfer', { from: sender, to: deployer, value: 7n })
  await trial.expectRead(token, 'balanceOf', [sender], supply - 7n)
  await trial.expectRead(token, 'balanceOf', [deployer], 7n)
}

/** The exchange in AssemblyScript takes and gives the tokens in Rust. */
async function trade(trial: Trial, [first, second]: readonly [Deployed, Deployed]): Promise<void> {
  const args = [first.address, second.address]
  const exchange = await trial.deployArtifact(join(EXAMPLES, 'exchange/build/Exchange.json'), args)
  for (const token of [first, second]) {
    const approved = await trial.send(token, 'approve', [exchange.address, SUPPLY])
    expectEvent(approved, token, 'Approval', { owner: trial.sender, spender: exchange.address, value: SUPPLY })
  }
  await trial.send(exchange, 'addLiquidity', [10n ** 20n, 10n ** 20n, 0n, 0n, LATER])
  const before = (await trial.read(second, 'balanceOf', [trial.sender])) as bigint
  const out = (await trial.read(exchange, 'quote', [first.address, 10n ** 18n])) as bigint
  await trial.send(exchange, 'swap', [first.address, 10n ** 18n, out, LATER])
  await trial.expectRead(second, 'balanceOf', [trial.sender], before + out)
  await trial.expectRead(first, 'balanceOf', [exchange.address], 10n ** 20n + 10n ** 18n)
}

async function driveDesk(
  trial: Trial,
  builds: Builds,
  release: string,
  gold: Deployed,
  token: Deployed,
): Promise<void> {
  const member = `sdk-${release}/desk`
  const cargo = trial.cargo.in({ folder: join(builds.folder, member), label: member })
  const addresses: readonly Address[] = [
    await trial.deployByTool(cargo, []),
    await trial.deployModule(builtModule(builds, member), null),
  ]
  for (const address of addresses) {
    const desk = { address, abi: DESK }
    await keepThings(trial, desk)
    await payFrom(trial, desk, gold, 'ERC20InsufficientBalance')
    await payFrom(trial, desk, token, 'InsufficientBalance')
  }
  const desk = { address: addresses[0]!, abi: DESK }
  const counted = await trial.send(desk, 'increment')
  // console! is a host call; what it says stands in a trace.
  const said = Buffer.from('the number is 43').toString('hex')
  await cargo.passes(
    'trace',
    ['--tx', counted.transactionHash, ...trial.endpoint],
    new RegExp(`"0x${said}"[^{}]*"console_log_text"`),
  )
}

async function keepThings(trial: Trial, desk: Deployed): Promise<void> {
  const { sender } = trial
  const set = await trial.send(desk, 'setNumber', [41n])
  expectEvent(set, desk, 'NumberChanged', { by: sender, number: 41n })
  const counted = await trial.send(desk, 'increment')
  expectThat(parseEventLogs({ abi: DESK, logs: counted.logs }).length === 1, 'increment logs once')
  await trial.expectRead(desk, 'number', [], 42n)
  await trial.expectRead(desk, 'history', [], [41n, 42n])
  await trial.expectError(desk, 'setNumber', [1_000_001n], 'TooLarge', [1_000_001n, 1_000_000n])
  await trial.send(desk, 'setMark', [7n, 2n ** 255n])
  await trial.expectRead(desk, 'markOf', [sender, 7n], 2n ** 255n)
  await trial.expectRead(desk, 'markOf', [sender, 8n], 0n)
  // Within one slot, and over several.
  for (const note of ['short', 'ä text of more than thirty-two bytes, which lies apart']) {
    await trial.send(desk, 'setNote', [note])
    await trial.expectRead(desk, 'note', [], note)
  }
  await trial.send(desk, 'deposit', [], 5n)
  const panicked = await trial.sendInVain(desk, 'giveUp')
  expectThat(panicked.logs.length === 0, 'a panic leaves nothing')
  await trial.expectReason(desk, 'giveUp', /^the desk gave up at 42 \([\w./-]*desk\.rs:\d+\)$/)
}

async function payFrom(trial: Trial, desk: Deployed, token: Deployed, errorName: string): Promise<void> {
  const { sender, deployer } = trial
  await trial.send(token, 'transfer', [desk.address, 100n])
  await trial.expectRead(desk, 'balanceIn', [token.address, desk.address], 100n)
  const held = (await trial.read(token, 'balanceOf', [deployer])) as bigint
  const paid = await trial.send(desk, 'pay', [token.address, deployer, 60n])
  expectEvent(paid, token, 'Transfer', { from: desk.address, to: deployer, value: 60n })
  await trial.expectRead(token, 'balanceOf', [deployer], held + 60n)
  const reason = encodeErrorResult({ abi: token.abi, errorName, args: [desk.address, 40n, 41n] })
  await trial.expectError(desk, 'pay', [token.address, sender, 41n], 'Refused', [token.address, reason])
}
