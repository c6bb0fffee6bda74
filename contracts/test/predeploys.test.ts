/** The predeploys of a devnet, against viem's own ABI of Multicall3 and Ethereum's formula for CREATE2. */
import { fileURLToPath } from 'node:url'
import {
  type Abi,
  concat,
  decodeFunctionResult,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  hexToBytes,
  keccak256,
  multicall3Abi,
  numberToHex,
  parseAbi,
  toFunctionSelector,
  zeroHash,
} from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Artifact, buildContract } from '../src/index.ts'
import { BUILD_TIMEOUT, buildFixture } from './fixtures.ts'
import { account, TestChain, TestContract } from './testChain.ts'

const MULTICALL = '0xca11bde05977b3631167028862be2a173976ca11'
const FACTORY = '0x4e59b44847b379578588920ca78fbf26c0b4956c'

/** The functions of Multicall3 that are not in viem's ABI. */
const others = parseAbi([
  'struct Call { address target; bytes callData; }',
  'struct Call3Value { address target; bool allowFailure; uint256 value; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate(Call[] calls) payable returns (uint256 blockNumber, bytes[] returnData)',
  'function aggregate3Value(Call3Value[] calls) payable returns (Result[] returnData)',
  'function blockAndAggregate(Call[] calls) payable returns (uint256 blockNumber, bytes32 blockHash, Result[] returnData)',
  'function tryAggregate(bool requireSuccess, Call[] calls) payable returns (Result[] returnData)',
  'function tryBlockAndAggregate(bool requireSuccess, Call[] calls) payable returns (uint256 blockNumber, bytes32 blockHash, Result[] returnData)',
  'function getBasefee() view returns (uint256 basefee)',
  'function getBlockHash(uint256 blockNumber) view returns (bytes32 blockHash)',
  'function getBlockNumber() view returns (uint256 blockNumber)',
  'function getChainId() view returns (uint256 chainid)',
  'function getCurrentBlockCoinbase() view returns (address coinbase)',
  'function getCurrentBlockDifficulty() view returns (uint256 difficulty)',
  'function getCurrentBlockGasLimit() view returns (uint256 gaslimit)',
  'function getCurrentBlockTimestamp() view returns (uint256 timestamp)',
  'function getEthBalance(address addr) view returns (uint256 balance)',
  'function getLastBlockHash() view returns (bytes32 blockHash)',
  'error Error(string)',
])
const abi = [...multicall3Abi, ...others] as const

let built: { multicall: Artifact; factory: Artifact; frames: Artifact }
let chain: TestChain
let multicall: TestContract
let frames: TestContract

beforeAll(async () => {
  const build = async (name: string): Promise<Artifact> =>
    (await buildContract(fileURLToPath(new URL(`../predeploys/${name}`, import.meta.url))))[0]!
  built = {
    multicall: await build('multicall3'),
    factory: await build('create2Factory'),
    frames: await buildFixture('frames'),
  }
  chain = new TestChain()
  for (const [address, artifact] of [
    [MULTICALL, built.multicall],
    [FACTORY, built.factory],
  ] as const) {
    chain.state.setNonce(hexToBytes(address), 1n)
    chain.state.setCode(hexToBytes(address), hexToBytes(artifact.deployedBytecode))
  }
  chain.state.endTransaction()
  multicall = new TestContract(chain, { ...built.multicall, abi: abi as never }, MULTICALL, 0n)
  frames = chain.deploy(built.frames, [account(0), 1n])
}, BUILD_TIMEOUT)

const call = (functionName: string, ...args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: built.frames.abi as Abi, functionName, args })
const own = (functionName: string, ...args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi, functionName, args } as never)
const word = (value: bigint) => numberToHex(value, { size: 32 })
const reason = (text: string): Hex => encodeError(text)

function encodeError(text: string): Hex {
  const asCall = parseAbi(['function Error(string reason)'])
  return encodeFunctionData({ abi: asCall, functionName: 'Error', args: [text] })
}

describe('Multicall3', () => {
  test('has the functions of the original, each under its selector, and no other', () => {
    const wanted = abi.flatMap((item) => (item.type === 'function' ? [toFunctionSelector(item)] : []))
    const has = built.multicall.abi.flatMap((item) =>
      item.type === 'function' ? [toFunctionSelector(item as never)] : [],
    )
    expect(has.sort()).toEqual([...new Set(wanted)].sort())
  })

  test('gives what each call gave, also where one fails that may', () => {
    const calls = [
      { target: frames.address, allowFailure: false, callData: call('set', 41n) },
      { target: frames.address, allowFailure: true, callData: call('fails', 'on purpose') },
      { target: frames.address, allowFailure: false, callData: call('get') },
      // An account without code answers nothing.
      { target: account(5), allowFailure: false, callData: '0x' },
    ]
    expect(multicall.send('aggregate3', [calls])).toEqual([
      { success: true, returnData: '0x' },
      { success: false, returnData: reason('on purpose') },
      { success: true, returnData: word(41n) },
      { success: true, returnData: '0x' },
    ])
    expect(multicall.send('aggregate3', [[]])).toEqual([])
  })

  test('undoes everything where a call fails that may not, with the words of the original', () => {
    const fails = { target: frames.address, callData: call('fails', 'on purpose') }
    const sets = { target: frames.address, callData: call('set', 99n) }
    for (const [name, args] of [
      ['aggregate', [[sets, fails]]],
      [
        'aggregate3',
        [
          [
            { ...sets, allowFailure: true },
            { ...fails, allowFailure: false },
          ],
        ],
      ],
      ['aggregate3Value', [[{ ...fails, allowFailure: false, value: 0n }]]],
      ['blockAndAggregate', [[sets, fails]]],
      ['tryAggregate', [true, [sets, fails]]],
      ['tryBlockAndAggregate', [true, [sets, fails]]],
    ] as const) {
      const sent = multicall.trySend(name, args)
      expect([name, sent.kind, sent.output]).toEqual([name, 'revert', reason('Multicall3: call failed')])
    }
    expect(frames.send('get')).toBe(41n)
  })

  test('gives the block with the results', () => {
    const calls = [
      { target: frames.address, callData: call('get') },
      { target: frames.address, callData: call('fails', 'no') },
    ]
    const results = [
      { success: true, returnData: word(41n) },
      { success: false, returnData: reason('no') },
    ]
    expect(multicall.send('aggregate', [calls.slice(0, 1)])).toEqual([1n, [word(41n)]])
    expect(multicall.send('tryAggregate', [false, calls])).toEqual(results)
    expect(multicall.send('tryBlockAndAggregate', [false, calls])).toEqual([1n, zeroHash, results])
    expect(multicall.send('blockAndAggregate', [calls.slice(0, 1)])).toEqual([1n, zeroHash, results.slice(0, 1)])
  })

  test('sends each call its value, and takes no other sum', () => {
    const before = chain.state.balance(hexToBytes(account(6)))
    const pays = (value: bigint) => ({ target: account(6), allowFailure: true, value, callData: '0x' })
    multicall.send('aggregate3Value', [[pays(3n), pays(4n)]], { value: 7n })
    expect(chain.state.balance(hexToBytes(account(6)))).toBe(before + 7n)
    const sums = [
      multicall.trySend('aggregate3Value', [[pays(3n), pays(4n)]], { value: 8n }),
      // The second asks for more than there is, and may fail; the sum wraps to what was sent.
      multicall.trySend('aggregate3Value', [[pays(3n), pays(2n ** 256n - 1n)]], { value: 3n }),
    ]
    expect(sums.map(({ output }) => output)).toEqual(Array(2).fill(reason('Multicall3: value mismatch')))
    expect(chain.state.balance(hexToBytes(account(6)))).toBe(before + 7n)
    // The original keeps value sent by mistake, too.
    multicall.send('aggregate3', [[]], { value: 5n })
    expect(multicall.send('getEthBalance', [MULTICALL])).toBe(5n)
  })

  test('can be called by itself, as clients do it for balances', () => {
    const calls = [
      { target: MULTICALL, allowFailure: false, callData: own('getEthBalance', account(6)) },
      { target: MULTICALL, allowFailure: false, callData: own('getBlockNumber') },
      { target: MULTICALL, allowFailure: false, callData: own('aggregate3', []) },
    ]
    const results = multicall.send<{ success: boolean; returnData: Hex }[]>('aggregate3', [calls])
    expect(results.map(({ success }) => success)).toEqual([true, true, true])
    expect(results[0]!.returnData).toBe(word(chain.state.balance(hexToBytes(account(6)))))
    expect(decodeFunctionResult({ abi, functionName: 'aggregate3', data: results[2]!.returnData })).toEqual([])
  })

  test('tells about the block, and of hashes that it cannot', () => {
    const told = ['getBasefee', 'getBlockNumber', 'getChainId', 'getCurrentBlockCoinbase', 'getCurrentBlockDifficulty']
    expect(told.map((name) => multicall.send(name))).toEqual([7n, 1n, 31337n, `0x${'cB'.repeat(20)}`, 0n].map(loose))
    expect(multicall.send('getCurrentBlockGasLimit')).toBe(30_000_000n)
    expect(multicall.send('getCurrentBlockTimestamp')).toBe(chain.timestamp)
    const none = reason('Multicall3: this chain gives contracts no hashes of blocks')
    expect(multicall.trySend('getBlockHash', [0n]).output).toBe(none)
    expect(multicall.trySend('getLastBlockHash').output).toBe(none)
  })

  function loose(value: unknown): unknown {
    return typeof value === 'string' ? expect.stringMatching(new RegExp(`^${value}$`, 'i')) : value
  }
})

describe('the deployment factory', () => {
  const salt = keccak256('0x01')
  const initCode = () => concat([built.frames.bytecode, word(BigInt(account(3))), word(8n)])

  test('creates at the address of EIP-1014, with the value, once', () => {
    const address = getContractAddress({ opcode: 'CREATE2', from: FACTORY, salt, bytecode: initCode() })
    const sent = chain.send(FACTORY, concat([salt, initCode()]), { value: 9n })
    expect([sent.kind, sent.output]).toEqual(['success', address.toLowerCase()])
    expect(chain.state.balance(hexToBytes(address))).toBe(9n)
    const created = new TestContract(chain, built.frames, address, 0n)
    expect(created.send('get')).toBe(13n)
    expect(chain.send(FACTORY, concat([salt, initCode()])).kind).toBe('revert')
    const other = chain.send(FACTORY, concat([zeroHash, initCode()]))
    expect(other.output).toBe(
      getContractAddress({ opcode: 'CREATE2', from: FACTORY, salt: zeroHash, bytecode: initCode() }).toLowerCase(),
    )
  })

  test('refuses init code of the EVM with the words of this chain, and too short an input with its own', () => {
    const evm = chain.send(FACTORY, concat([salt, '0x6080604052']))
    expect(evm).toMatchObject({ kind: 'revert', output: '0x' })
    expect(evm.message).toMatch(/EVM bytecode\? This chain runs WebAssembly/)
    const short = chain.send(FACTORY, '0x1234')
    expect(short.output).toBe(reason('the input is a salt of 32 bytes, followed by init code'))
  })
})
