/** The requests of tools made for Arbitrum, with their own interfaces, encoded by an independent library. */
import {
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  encodePacked,
  keccak256,
  parseAbi,
} from 'viem'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../codec/bytes.ts'
import { fromHex, toHex } from '../../../codec/hex.ts'
import { ForwardedState } from '../../../state/forwardedState.ts'
import { type Applied, applyMessage } from '../../applyMessage.ts'
import { create2Address, createAddress } from '../../contractAddress.ts'
import { estimateGas } from '../../estimateGas.ts'
import { CONSTRUCTOR_SELECTOR, encodeInitCode } from '../../initCode.ts'
import { MAX_CODE_BYTES, MAX_CODE_FRAGMENTS, MAX_MODULE_BYTES } from '../../limits.ts'
import {
  ALICE,
  address,
  command,
  newWorld,
  PUPPET_CODE,
  PUPPET_MODULE,
  type World,
  word,
} from '../../testing/puppet.ts'
import { keepWarm } from '../../warmCodes.ts'
import {
  ABSENT,
  ARB_INFO_ADDRESS,
  ARB_OWNER_PUBLIC_ADDRESS,
  ARB_SYS_ADDRESS,
  ARB_WASM_ADDRESS,
  ARB_WASM_CACHE_ADDRESS,
  STYLUS_DEPLOYER_ADDRESS,
} from './addresses.ts'

const arbWasm = parseAbi([
  'function activateProgram(address program) payable returns (uint16 version, uint256 dataFee)',
  'function codehashKeepalive(bytes32 codehash) payable',
  'function stylusVersion() view returns (uint16)',
  'function codehashVersion(bytes32 codehash) view returns (uint16 version)',
  'function codehashAsmSize(bytes32 codehash) view returns (uint32 size)',
  'function programVersion(address program) view returns (uint16 version)',
  'function programInitGas(address program) view returns (uint64 gas, uint64 gasWhenCached)',
  'function programMemoryFootprint(address program) view returns (uint16 footprint)',
  'function programTimeLeft(address program) view returns (uint64)',
  'function inkPrice() view returns (uint32)',
  'function minInitGas() view returns (uint64 gas, uint64 cached)',
  'event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version)',
  'event ProgramLifetimeExtended(bytes32 indexed codehash, uint256 dataFee)',
  'error ProgramNotWasm()',
  'error ProgramNotActivated()',
  'error ProgramUpToDate()',
])
const deployer = parseAbi([
  'function deploy(bytes bytecode, bytes initData, uint256 initValue, bytes32 salt) payable returns (address)',
  'function initSalt(bytes32 salt, bytes initData) view returns (bytes32)',
  'function requiresActivation(address addr) view returns (bool)',
  'event ContractDeployed(address deployedContract)',
  'error ContractDeploymentError(bytes bytecode)',
  'error ContractInitializationError(address newContract, bytes data)',
  'error RefundExcessValueError(uint256 excessValue)',
  'error EmptyBytecode()',
  'error InitValueButNotInitData()',
])
const others = parseAbi([
  'function allCacheManagers() view returns (address[])',
  'function codehashIsCached(bytes32 codehash) view returns (bool)',
  'function getMaxStylusContractFragments() view returns (uint8)',
  'function arbBlockNumber() view returns (uint256)',
  'function arbChainID() view returns (uint256)',
  'function arbBlockHash(uint256 number) view returns (bytes32)',
  'function withdrawEth(address destination) payable returns (uint256)',
  'function mapL1SenderContractAddressToL2Alias(address sender, address unused) view returns (address)',
  'function getBalance(address account) view returns (uint256)',
  'function getCode(address account) view returns (bytes)',
])

const PROGRAM = address(0xbeefn)
const ZERO_SALT = toHex(new Uint8Array(32))
const bytes = (data: `0x${string}`): Uint8Array => fromHex(data)
const hex = (data: Uint8Array) => toHex(data) as `0x${string}`

/** Runs a message and keeps what it did, as a transaction of a block does. */
function send(world: World, to: Uint8Array | null, data: Uint8Array, value = 0n, gasLimit = 10_000_000n): Applied {
  const { state, block, config } = world
  const outer = { from: ALICE, to, value, data, accessList: [], gasLimit, gasPrice: 0n }
  const applied = applyMessage(state, outer, block, config)
  state.endTransaction()
  return applied
}

const errorName = (abi: typeof arbWasm | typeof deployer, { kind, output }: Applied) => {
  expect(kind).toBe('revert')
  return decodeErrorResult({ abi, data: hex(output) })
}

describe('ArbWasm', () => {
  const activate = (program: Uint8Array) =>
    bytes(encodeFunctionData({ abi: arbWasm, functionName: 'activateProgram', args: [hex(program)] }))
  const view = (world: World, functionName: 'codehashVersion' | 'codehashAsmSize', codeHash: Uint8Array) => {
    const data = bytes(encodeFunctionData({ abi: arbWasm, functionName, args: [hex(codeHash)] }))
    return send(world, ARB_WASM_ADDRESS, data)
  }

  it('records an activation, costs no fee and gives back what was sent', () => {
    const world = newWorld()
    world.place(PROGRAM)
    const codeHash = world.state.codeHash(PROGRAM)
    expect(errorName(arbWasm, view(world, 'codehashVersion', codeHash)).errorName).toBe('ProgramNotActivated')

    const before = world.state.balance(ALICE)
    const activated = send(world, ARB_WASM_ADDRESS, activate(PROGRAM), 10n ** 18n)
    expect(activated.kind).toBe('success')
    const result = decodeFunctionResult({ abi: arbWasm, functionName: 'activateProgram', data: hex(activated.output) })
    expect(result).toEqual([2, 0n])
    expect([world.state.balance(ALICE), world.state.balance(ARB_WASM_ADDRESS)]).toEqual([before, 0n])
    const [log] = activated.logs
    const event = decodeEventLog({
      abi: arbWasm,
      topics: log!.topics.map(hex) as [`0x${string}`],
      data: hex(log!.data),
    })
    expect(event).toMatchObject({
      eventName: 'ProgramActivated',
      args: { codehash: hex(codeHash), version: 2, dataFee: 0n },
    })

    const version = view(world, 'codehashVersion', codeHash)
    expect(version).toMatchObject({ kind: 'success', output: word(2n) })
    expect(view(world, 'codehashAsmSize', codeHash).output).toEqual(word(BigInt(PUPPET_MODULE.length)))
    expect(errorName(arbWasm, send(world, ARB_WASM_ADDRESS, activate(PROGRAM))).errorName).toBe('ProgramUpToDate')
  })

  it('knows what is no contract', () => {
    const world = newWorld()
    expect(errorName(arbWasm, send(world, ARB_WASM_ADDRESS, activate(address(0xdeadn)))).errorName).toBe(
      'ProgramNotWasm',
    )
    world.place(PROGRAM, concatBytes(Uint8Array.of(0xef, 0xf0, 1), PUPPET_CODE))
    expect(errorName(arbWasm, send(world, ARB_WASM_ADDRESS, activate(PROGRAM))).errorName).toBe('ProgramNotWasm')
    world.place(PROGRAM, PUPPET_CODE.subarray(0, 40))
    expect(send(world, ARB_WASM_ADDRESS, activate(PROGRAM))).toMatchObject({
      kind: 'failure',
      message: expect.stringContaining('not a complete Brotli stream'),
    })
  })

  it('answers what it was asked of a program', () => {
    const world = newWorld()
    world.place(PROGRAM)
    send(world, ARB_WASM_ADDRESS, activate(PROGRAM))
    const ask = (functionName: 'programVersion' | 'programInitGas' | 'programMemoryFootprint' | 'programTimeLeft') => {
      const data = bytes(encodeFunctionData({ abi: arbWasm, functionName, args: [hex(PROGRAM)] }))
      return decodeFunctionResult({ abi: arbWasm, functionName, data: hex(send(world, ARB_WASM_ADDRESS, data).output) })
    }
    expect(ask('programVersion')).toBe(2)
    expect(ask('programMemoryFootprint')).toBe(4)
    expect(ask('programTimeLeft')).toBe(2n ** 64n - 1n)
    const [gas, cached] = ask('programInitGas') as readonly [bigint, bigint]
    const words = BigInt(Math.ceil(PUPPET_MODULE.length / 32))
    // gas.md, "Loading": warm, by what is stored, and 2 of the 4 pages.
    const stored = BigInt(Math.ceil(world.state.code(PROGRAM).length / 32))
    expect(cached).toBe(1_000n + 4n * stored + 2n * 1_500n)
    expect(gas).toBeGreaterThan(3_000n + (8n + 184n) * words)
  })

  it('refuses a write in a static call, and every delegate call', () => {
    const world = newWorld()
    world.place(PROGRAM)
    const through = (kind: 'staticcall' | 'delegatecall') =>
      send(world, PROGRAM, command.call(kind, ARB_WASM_ADDRESS, activate(PROGRAM), { gas: 1_000_000n }))
    expect(through('staticcall').output).toEqual(Uint8Array.of(2))
    expect(new TextDecoder().decode(through('delegatecall').output)).toContain('cannot be called by delegatecall')
    expect(world.state.hasStorage(ARB_WASM_ADDRESS)).toBe(false)
  })

  it('is paid before it works', () => {
    const world = newWorld()
    world.place(PROGRAM)
    const { gasSpent } = send(newWorldWith(PROGRAM), ARB_WASM_ADDRESS, activate(PROGRAM))
    for (let gas = 30_000n; gas < gasSpent; gas += 3_001n) {
      expect(send(world, ARB_WASM_ADDRESS, activate(PROGRAM), 0n, gas)).toMatchObject({ kind: 'failure', gasUsed: gas })
    }
    expect(world.state.hasStorage(ARB_WASM_ADDRESS)).toBe(false)
    // EIP-2200: a store wants more gas left than it costs at last.
    expect(send(world, ARB_WASM_ADDRESS, activate(PROGRAM), 0n, gasSpent).kind).toBe('success')
  })
})

function newWorldWith(program: Uint8Array): World {
  const world = newWorld()
  world.place(program)
  return world
}

describe('the other addresses', () => {
  const ask = (
    world: World,
    to: Uint8Array,
    functionName: (typeof others)[number]['name'],
    args: readonly unknown[] = [],
  ) => send(world, to, bytes(encodeFunctionData({ abi: others, functionName, args } as never)))

  it('answer as a chain without a cache market, an owner, or a layer below', () => {
    const world = newWorld()
    expect(ask(world, ARB_WASM_CACHE_ADDRESS, 'allCacheManagers').output).toEqual(concatBytes(word(32n), word(0n)))
    const isCached = (codeHash: Uint8Array) =>
      ask(world, ARB_WASM_CACHE_ADDRESS, 'codehashIsCached', [hex(codeHash)]).output
    const codeHash = world.state.codeHash(world.place(PROGRAM))
    expect(isCached(codeHash)).toEqual(word(0n))
    keepWarm(world.state, [{ key: codeHash, weight: 5_000n }])
    expect(isCached(codeHash)).toEqual(word(1n))
    // The line and its places stand in slots with small numbers, and no code does.
    for (const slot of [0n, 1n, 2n]) expect(isCached(word(slot))).toEqual(word(0n))
    expect(ask(world, ARB_OWNER_PUBLIC_ADDRESS, 'getMaxStylusContractFragments').output).toEqual(word(6n))
    expect(ask(world, ARB_SYS_ADDRESS, 'arbBlockNumber').output).toEqual(word(1n))
    expect(ask(world, ARB_SYS_ADDRESS, 'arbChainID').output).toEqual(word(31_337n))
    expect(ask(world, ARB_INFO_ADDRESS, 'getBalance', [hex(ALICE)]).output).toEqual(word(10n ** 21n))
    world.place(PROGRAM)
    const code = ask(world, ARB_INFO_ADDRESS, 'getCode', [hex(PROGRAM)]).output
    expect(decodeFunctionResult({ abi: others, functionName: 'getCode', data: hex(code) })).toBe(hex(PUPPET_CODE))
    const last = hex(address(2n ** 160n - 1n))
    const alias = ask(world, ARB_SYS_ADDRESS, 'mapL1SenderContractAddressToL2Alias', [last, last]).output
    expect(alias).toEqual(word(0x1111000000000000000000000000000000001110n))
  })

  it('keep nobody’s money', () => {
    const world = newWorld()
    const places = [ARB_SYS_ADDRESS, ARB_WASM_ADDRESS, STYLUS_DEPLOYER_ADDRESS, ...ABSENT.map(([, to]) => to)]
    for (const to of places) expect(send(world, to, new Uint8Array(0), 7n).kind).toBe('revert')
    expect(ask(world, ARB_SYS_ADDRESS, 'withdrawEth', [hex(ALICE)])).toMatchObject({
      kind: 'revert',
      message: expect.stringContaining('settles on no other'),
    })
    expect(places.map((to) => world.state.balance(to)).every((balance) => balance === 0n)).toBe(true)
    expect(send(world, ABSENT[0]![1], new Uint8Array(0)).message).toContain('ArbAddressTable')
  })
})

describe('the StylusDeployer', () => {
  const INIT_CODE = encodeInitCode(PUPPET_CODE, null)
  /** The constructor of the puppet keeps its argument in slot 0 and the value in slot 1. */
  const INIT_DATA = concatBytes(CONSTRUCTOR_SELECTOR, word(77n))
  const deploy = (
    initCode: Uint8Array,
    initData: Uint8Array,
    initValue = 0n,
    salt: `0x${string}` = ZERO_SALT as `0x${string}`,
  ) =>
    bytes(
      encodeFunctionData({
        abi: deployer,
        functionName: 'deploy',
        args: [hex(initCode), hex(initData), initValue, salt],
      }),
    )
  const first = createAddress(STYLUS_DEPLOYER_ADDRESS, 1n)

  it('creates, activates, constructs and gives back the rest', () => {
    const world = newWorld()
    const before = world.state.balance(ALICE)
    const done = send(world, STYLUS_DEPLOYER_ADDRESS, deploy(INIT_CODE, INIT_DATA, 5n), 1_000n)
    expect(done.message).toBeNull()
    expect(done.output).toEqual(concatBytes(new Uint8Array(12), first))
    expect(world.state.code(first)).toEqual(PUPPET_CODE)
    expect([world.state.storage(first, word(0n)), world.state.storage(first, word(1n))]).toEqual([word(77n), word(5n)])
    expect([before - world.state.balance(ALICE), world.state.balance(first)]).toEqual([5n, 5n])
    const names = done.logs.map(({ topics, data }) => {
      const shape = { topics: topics.map(hex) as [`0x${string}`], data: hex(data) }
      return decodeEventLog({ abi: [...arbWasm, ...deployer], ...shape }).eventName
    })
    expect(names).toEqual(['ProgramActivated', 'ContractDeployed'])
    // An equal code is active already.
    const again = send(world, STYLUS_DEPLOYER_ADDRESS, deploy(INIT_CODE, INIT_DATA))
    expect(again.logs.length).toBe(1)
    expect(again.output).toEqual(concatBytes(new Uint8Array(12), createAddress(STYLUS_DEPLOYER_ADDRESS, 2n)))
  })

  it('creates by CREATE2 where there is a salt, which depends on the constructor’s data', () => {
    const world = newWorld()
    const salt = hex(word(9n))
    const done = send(world, STYLUS_DEPLOYER_ADDRESS, deploy(INIT_CODE, INIT_DATA, 0n, salt))
    const salted = bytes(keccak256(encodePacked(['bytes32', 'bytes'], [salt, hex(INIT_DATA)])))
    const expected = create2Address(STYLUS_DEPLOYER_ADDRESS, salted, INIT_CODE)
    expect(done.output).toEqual(concatBytes(new Uint8Array(12), expected))
    expect(world.state.code(expected)).toEqual(PUPPET_CODE)
  })

  it('undoes all of it when anything fails, and says what', () => {
    const world = newWorld()
    const before = world.state.root()
    const name = (data: Uint8Array, value = 0n) =>
      errorName(deployer, send(world, STYLUS_DEPLOYER_ADDRESS, data, value)).errorName
    expect(name(deploy(new Uint8Array(0), INIT_DATA))).toBe('EmptyBytecode')
    expect(name(deploy(INIT_CODE.subarray(0, 60), INIT_DATA))).toBe('ContractDeploymentError')
    expect(name(deploy(INIT_CODE, INIT_DATA.subarray(0, 20)))).toBe('ContractInitializationError')
    expect(name(deploy(INIT_CODE, new Uint8Array(0), 5n), 5n)).toBe('InitValueButNotInitData')
    expect(name(deploy(INIT_CODE, INIT_DATA, 6n), 5n)).toBe('Panic')
    expect(send(world, STYLUS_DEPLOYER_ADDRESS, deploy(INIT_CODE, INIT_DATA).subarray(0, 120)).message).toContain(
      'arguments',
    )
    expect([world.state.nonce(STYLUS_DEPLOYER_ADDRESS), world.state.hasStorage(ARB_WASM_ADDRESS)]).toEqual([0n, false])
    world.state.setNonce(ALICE, 0n)
    world.state.endTransaction()
    expect(world.state.root()).toEqual(before)
  })
})

describe('a contract in fragments', () => {
  /** The fragments `cargo stylus` makes of a packed module: EFF001 || part, and EFF002 || 00 || length || addresses. */
  const split = (
    world: World,
    count: number,
  ): { readonly root: Uint8Array; readonly addresses: readonly Uint8Array[] } => {
    const stream = PUPPET_CODE.subarray(4)
    const size = Math.ceil(stream.length / count)
    const addresses = Array.from({ length: count }, (_, i) => {
      const part = concatBytes(Uint8Array.of(0xef, 0xf0, 1), stream.subarray(size * i, size * (i + 1)))
      const nonce = world.state.nonce(ALICE)
      expect(send(world, null, encodeInitCode(part, null)).message).toBeNull()
      return createAddress(ALICE, nonce)
    })
    return { root: rootOf(PUPPET_MODULE.length, addresses), addresses }
  }
  const rootOf = (length: number, addresses: readonly Uint8Array[]) =>
    concatBytes(Uint8Array.of(0xef, 0xf0, 2, 0), word(BigInt(length)).subarray(28), ...addresses)
  const create = (world: World, root: Uint8Array) => {
    const nonce = world.state.nonce(ALICE)
    return { result: send(world, null, encodeInitCode(root, null)), at: createAddress(ALICE, nonce) }
  }

  it('runs by its root, is activated by it, and its fragments run never', () => {
    const world = newWorld()
    const { root, addresses } = split(world, 3)
    const { result, at } = create(world, root)
    expect(result.message).toBeNull()
    expect(world.state.code(at)).toEqual(root)
    expect(send(world, at, command.sequence(command.store(1n, 5n), command.load(1n))).output).toEqual(word(5n))
    const activate = encodeFunctionData({ abi: arbWasm, functionName: 'activateProgram', args: [hex(at)] })
    expect(send(world, ARB_WASM_ADDRESS, bytes(activate)).message).toBeNull()
    expect(send(world, addresses[0]!, command.load(1n)).message).toContain(
      'a fragment (EFF001) of a contract: call its root',
    )
  })

  it('costs the accounts it is in, whether or not a node has it in its cache', () => {
    const world = newWorld()
    const { root } = split(world, 3)
    const whole = create(world, PUPPET_CODE).at
    const { at } = create(world, root)
    const gasOf = (to: Uint8Array) => send(world, to, command.load(1n)).gasUsed
    expect(gasOf(at) - gasOf(whole)).toBe(3n * 2_600n)
    const warm = gasOf(at)
    const cold = { ...world, config: { ...world.config, programs: newWorld().config.programs } }
    expect(send(cold, at, command.load(1n)).gasUsed).toBe(warm)
  })

  it('starts where gas is left for its fragments as they are: warm ones cost less', () => {
    const world = newWorld()
    const { root } = split(world, 6)
    const { at } = create(world, root)
    world.place(PROGRAM)
    // Less than six cold accounts.
    const again = command.call('call', at, new Uint8Array(0), { gas: 12_000n })
    const { output } = send(world, PROGRAM, command.sequence(command.call('call', at, new Uint8Array(0)), again))
    expect(output).toEqual(Uint8Array.of(0))
  })

  it('is not read where its loading cannot be paid', () => {
    const world = newWorld()
    const { root, addresses } = split(world, 3)
    const { at } = create(world, root)
    const reads: string[] = []
    const state = new (class extends ForwardedState {
      override code(of: Uint8Array): Uint8Array {
        reads.push(toHex(of))
        return super.code(of)
      }
    })(world.state)
    const outer = { from: ALICE, to: at, value: 0n, data: new Uint8Array(0), accessList: [], gasPrice: 0n }
    const run = (gas: bigint) => applyMessage(state, { ...outer, gasLimit: 21_000n + gas }, world.block, world.config)
    expect(run(3n * 2_600n + 2_999n).kind).toBe('failure')
    expect(reads).toEqual([toHex(at)])
    run(1_000_000n)
    expect(reads).toEqual(expect.arrayContaining(addresses.map(toHex)))
  })

  it('is estimated before its fragments have addresses, as cargo stylus asks', () => {
    const world = newWorld()
    const { root } = split(world, 3)
    const estimate = (code: Uint8Array, gas?: bigint) =>
      estimateGas(
        world.state,
        { from: ALICE, to: null, data: encodeInitCode(code, null), ...(gas === undefined ? {} : { gas }) },
        world.block,
        world.config,
        [],
      )
    const nobody = (count: number) => Array<Uint8Array>(count).fill(new Uint8Array(20))
    const { result } = create(world, root)
    const zeros = root.subarray(8).filter((byte) => byte === 0).length
    const announced = result.gasSpent + 12n * BigInt(zeros)
    expect(estimate(rootOf(PUPPET_MODULE.length, nobody(3)))).toEqual({ kind: 'success', gas: announced })
    // One that names somebody, or goes beyond a limit, is what it is.
    for (const wrong of [
      rootOf(PUPPET_MODULE.length, [...nobody(2), ALICE]),
      rootOf(PUPPET_MODULE.length, nobody(MAX_CODE_FRAGMENTS + 1)),
      rootOf(MAX_MODULE_BYTES + 1, nobody(3)),
    ]) {
      expect(estimate(wrong).kind).toBe('failure')
    }
    expect(estimate(rootOf(PUPPET_MODULE.length, nobody(3)), announced - 1n).kind).toBe('failure')
  })

  it('is another program when a call overrides a fragment', () => {
    const world = newWorld()
    const { root, addresses } = split(world, 2)
    const { at } = create(world, root)
    expect(send(world, at, command.load(1n)).kind).toBe('success')
    world.state.setCode(addresses[1]!, Uint8Array.of(0xef, 0xf0, 1, 0))
    expect(send(world, at, command.load(1n)).message).toContain('cannot run')
  })

  it('is refused where a root is wrong', () => {
    const world = newWorld()
    const { addresses } = split(world, 2)
    const big = concatBytes(Uint8Array.of(0xef, 0xf0, 1), new Uint8Array(MAX_CODE_BYTES / 2))
    const nonce = world.state.nonce(ALICE)
    expect(send(world, null, encodeInitCode(big, null), 0n, 20_000_000n).message).toBeNull()
    const filler = createAddress(ALICE, nonce)
    const refusals: readonly (readonly [Uint8Array, string])[] = [
      [rootOf(PUPPET_MODULE.length, []), 'EFF002 || 00'],
      [rootOf(PUPPET_MODULE.length, Array(MAX_CODE_FRAGMENTS + 1).fill(addresses[0])), 'EFF002 || 00'],
      [rootOf(PUPPET_MODULE.length, addresses).subarray(0, 40), 'EFF002 || 00'],
      [rootOf(PUPPET_MODULE.length - 1, addresses), `announces a module of ${PUPPET_MODULE.length - 1} bytes`],
      [rootOf(PUPPET_MODULE.length, [addresses[0]!, ALICE]), 'holds no fragment'],
      [rootOf(PUPPET_MODULE.length, [addresses[1]!, addresses[0]!]), 'compressed module'],
      [rootOf(PUPPET_MODULE.length, [filler, filler, filler]), 'bytes together'],
    ]
    for (const [root, words] of refusals) expect(create(world, root).result.message).toContain(words)
    const constructed = encodeInitCode(concatBytes(Uint8Array.of(0xef, 0xf0, 1), PUPPET_CODE), word(1n))
    expect(send(world, null, constructed).message).toContain('has no constructor')
  })
})
