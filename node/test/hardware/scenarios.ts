/** Every kind of transaction the hardware export has, and whether it succeeds. */

import type { Random } from '@touchstone/vm/testing/random'
import { encodeDeployData, encodeFunctionData, hexToBytes } from 'viem'
import { concatBytes } from '../../src/codec/bytes.ts'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { address, command, PUPPET_CODE, PUPPET_MODULE, word } from '../../src/execution/testing/puppet.ts'
import { packCode } from '../../testing/modules.ts'
import { CALCULATOR_MODULE, FLOAT_MODULE, TRAPS_MODULE, trapKinds } from './contracts.ts'
import { foreignTokenScenarios } from './foreignTokenScenarios.ts'
import { precompileCalls } from './precompileCalls.ts'
import { registryScenarios } from './registryScenarios.ts'
import { type Artifact, type Artifacts, type Fields, type Scenario, type Step, step, type World } from './steps.ts'

const DEPLOY_GAS = 8_000_000n
/** Enough for a pairing of two pairs, at the prices of touchstone/1. */
const PRECOMPILE_GAS = 6_000_000n
/** Little, since it all burns: a loop that ends for want of gas is the slowest thing there is on an emulated processor. */
const FAULT_GAS = 90_000n
const SUPPLY = 10n ** 30n
const LATER = 2n ** 64n - 1n
const EMPTY = new Uint8Array(0)

const call = ({ abi }: Artifact, functionName: string, args: readonly unknown[]): Uint8Array =>
  hexToBytes(encodeFunctionData({ abi, functionName, args: [...args] }))
const deployment = ({ abi, bytecode }: Artifact, args: readonly unknown[]): Uint8Array =>
  hexToBytes(encodeDeployData({ abi, bytecode, args: [...args] }))

/** The contracts of the world: one transaction each, all of account 0. */
export function worldSteps({ token, exchange }: Artifacts, tokens: readonly [Uint8Array, Uint8Array]): Step[] {
  const deploy = (kind: string, data: Uint8Array) => step(kind, true, { data, gas: DEPLOY_GAS })
  const [gold, silver] = tokens.map(toHex)
  return [
    deploy('deploy: packed', encodeInitCode(PUPPET_CODE, null)),
    deploy('deploy: plain module', PUPPET_MODULE),
    deploy('deploy: plain module', TRAPS_MODULE),
    deploy('deploy: packed', encodeInitCode(packCode(CALCULATOR_MODULE), null)),
    deploy('deploy: with a constructor', deployment(token, ['Gold', 'GLD', SUPPLY])),
    deploy('deploy: with a constructor', deployment(token, ['Silver', 'SLV', SUPPLY])),
    deploy('deploy: with a constructor', deployment(exchange, [gold, silver])),
  ]
}

/** Tokens for all accounts, allowances, and a pool. */
export function marketSteps({ token, exchange }: Artifacts, world: Omit<World, 'foreignTokens'>): Step[] {
  const steps: Step[] = []
  for (const to of [world.gold, world.silver]) {
    for (const [from, account] of world.accounts.entries()) {
      if (from > 0)
        steps.push(step('token: transfer', true, { to, data: call(token, 'transfer', [toHex(account), SUPPLY / 10n]) }))
      steps.push(
        step('token: approve', true, { from, to, data: call(token, 'approve', [toHex(world.exchange), 2n ** 255n]) }),
      )
    }
  }
  const liquidity = call(exchange, 'addLiquidity', [10n ** 20n, 4n * 10n ** 20n, 0n, 0n, LATER])
  return [...steps, step('exchange: add liquidity', true, { to: world.exchange, data: liquidity })]
}

const small = (random: Random): bigint => BigInt(random.below(40))
const gasWord = (gas: bigint) => ({ gas })

/** A call of a puppet by account `from`. */
function puppetStep(
  kind: string,
  succeeds: boolean,
  data: (random: Random, world: World, number: number) => Uint8Array,
  fields: Fields = {},
): Scenario {
  return (random, world, _, number) =>
    step(kind, succeeds, { from: random.below(4), to: world.puppet, data: data(random, world, number), ...fields })
}

function refusedDeployment(kind: string, data: (random: Random) => Uint8Array, gas = DEPLOY_GAS): Scenario {
  return (random) => step(`deploy refused: ${kind}`, false, { from: random.below(4), data: data(random), gas })
}

const precompile = (number: number, data: Uint8Array) => command.call('call', address(BigInt(number)), data)

/** One turn of each is drawn at least; those named twice come more often. */
export const scenarios: readonly Scenario[] = [
  (random, world) =>
    step('transfer', true, {
      from: random.below(4),
      to: random.pick(world.accounts),
      value: BigInt(random.below(1_000_000)),
      gas: 21_000n,
    }),
  (random) =>
    step('transfer to a new account', true, { from: random.below(4), to: random.bytes(20), value: 1n, gas: 21_000n }),
  (random, world) =>
    step('transfer with data', true, {
      from: random.below(4),
      to: world.accounts[1]!,
      data: random.bytes(300),
      gas: 60_000n,
    }),

  (random, world, { token }) =>
    step('token: transfer', true, {
      from: random.below(4),
      to: world.gold,
      data: call(token, 'transfer', [toHex(random.pick(world.accounts)), small(random)]),
    }),
  (random, world, { token }) =>
    step('token: too much', false, {
      from: random.below(4),
      to: world.silver,
      data: call(token, 'transfer', [toHex(world.accounts[0]!), 2n ** 200n]),
    }),
  (random, world, { token }) =>
    step('token: no allowance', false, {
      from: random.below(4),
      to: world.gold,
      data: call(token, 'transferFrom', [toHex(world.puppet), toHex(world.accounts[0]!), 1n]),
    }),
  (random, world, { exchange }) =>
    step('exchange: swap', true, {
      from: random.below(4),
      to: world.exchange,
      data: call(exchange, 'swap', [
        toHex(random.pick([world.gold, world.silver])),
        BigInt(1_000_000 + random.below(1_000_000)),
        0n,
        LATER,
      ]),
    }),
  (random, world, { exchange }) =>
    step('exchange: too little', false, {
      from: random.below(4),
      to: world.exchange,
      data: call(exchange, 'swap', [toHex(world.gold), 1000n, 2n ** 100n, LATER]),
    }),
  (random, world, { exchange }) =>
    step('exchange: add liquidity', true, {
      from: random.below(4),
      to: world.exchange,
      data: call(exchange, 'addLiquidity', [10n ** 16n, 4n * 10n ** 16n, 0n, 0n, LATER]),
    }),
  (random, world) =>
    step('access list', true, {
      from: random.below(4),
      to: world.puppet,
      data: command.sequence(command.load(1n), command.call('staticcall', world.otherPuppet, command.load(2n))),
      accessList: [
        { address: world.puppet, storageKeys: [word(1n), word(9n)] },
        { address: world.otherPuppet, storageKeys: [word(2n)] },
        { address: random.bytes(20), storageKeys: [] },
      ],
    }),

  puppetStep('storage: set', true, (random) => command.store(small(random), random.bigint(256) | 1n)),
  puppetStep('storage: clear', true, (random) => command.store(small(random), 0n)),
  puppetStep('storage: clear many', true, (random) =>
    command.sequence(...Array.from({ length: 8 }, () => command.store(small(random), 0n))),
  ),
  puppetStep('storage: set and clear', true, (random) => {
    const key = small(random)
    return command.sequence(
      command.store(key, 5n),
      command.store(key, 0n),
      command.store(key, 6n),
      command.storeUnflushed(key, 7n),
    )
  }),
  puppetStep('storage: load', true, (random) => command.load(small(random))),
  puppetStep('storage: transient', true, (random) =>
    command.sequence(command.transient(small(random), 3n), command.transient(small(random), null)),
  ),
  puppetStep('logs', true, (random) =>
    command.sequence(
      ...Array.from({ length: 1 + random.below(4) }, (_, count) =>
        command.log(
          Array.from({ length: count }, () => random.bigint(256)),
          random.bytes(random.below(100)),
        ),
      ),
    ),
  ),
  puppetStep('big calldata', true, (random) => command.log([1n], random.bytes(6_000))),
  puppetStep('context', true, () => command.sequence(command.context(), command.gas())),
  puppetStep('accounts', true, (random, world) =>
    command.sequence(...[world.puppet, world.accounts[0]!, random.bytes(20)].map((of) => command.account(of))),
  ),
  puppetStep('print', true, () => command.print('printed, and no part of any result: Ω')),
  puppetStep('memory: grow', true, (random) => command.grow(random.below(20))),
  puppetStep('memory: grow too far', true, () => command.grow(300), { gas: 20_000_000n }),

  puppetStep('call', true, (random, world) =>
    command.call('call', world.otherPuppet, command.store(small(random), 4n)),
  ),
  puppetStep('call with value', true, (_, world) => command.call('call', world.otherPuppet, EMPTY, { value: 2n }), {
    value: 5n,
  }),
  puppetStep('call with more value than there is', true, (_, world) =>
    command.call('call', world.otherPuppet, EMPTY, { value: 10n ** 25n }),
  ),
  puppetStep('delegate call', true, (random, world) =>
    command.call('delegatecall', world.otherPuppet, command.store(small(random), 11n)),
  ),
  puppetStep('static call', true, (random, world) =>
    command.call('staticcall', world.otherPuppet, command.load(small(random))),
  ),
  puppetStep('static call that writes', true, (random, world) =>
    command.call('staticcall', world.otherPuppet, command.store(small(random), 1n), gasWord(60_000n)),
  ),
  puppetStep('call of a trap', true, (random, world) =>
    command.sequence(
      command.store(7n, small(random)),
      command.call('call', world.traps, Uint8Array.of(random.below(trapKinds.length)), gasWord(FAULT_GAS)),
      command.log([2n], word(1n)),
    ),
  ),
  puppetStep('call of a revert', true, (random, world) =>
    command.call('call', world.otherPuppet, command.storeAndRevert(small(random), 99n)),
  ),
  puppetStep('call of nothing', true, (random) => command.call('call', random.bytes(20), random.bytes(9))),
  puppetStep('call back', true, (random, world) =>
    command.call('call', world.otherPuppet, command.call('call', world.puppet, command.store(small(random), 8n))),
  ),
  puppetStep('calls nested', true, (random, world) => {
    let data = command.log([3n], random.bytes(8))
    for (let depth = 4 + random.below(12); depth > 0; depth--) {
      const kind = random.pick(['call', 'delegatecall', 'staticcall', 'call'] as const)
      data = command.call(kind, depth % 2 === 0 ? world.puppet : world.otherPuppet, data)
    }
    return data
  }),
  puppetStep(
    'calls nested too deep',
    true,
    (_, world) => {
      let data: Uint8Array = command.gas()
      for (let depth = 0; depth < 135; depth++) data = command.call('call', world.puppet, data)
      return data
    },
    { gas: 20_000_000n },
  ),
  puppetStep(
    'create from a contract',
    true,
    (random) =>
      command.create(encodeInitCode(PUPPET_CODE, random.below(2) === 0 ? null : word(random.bigint(200))), {
        value: 0n,
      }),
    { gas: DEPLOY_GAS },
  ),
  puppetStep(
    'create2',
    true,
    (_, _world, number) => command.create(encodeInitCode(PUPPET_CODE, null), { salt: BigInt(number) }),
    { gas: DEPLOY_GAS },
  ),
  puppetStep(
    'create2 where something is',
    true,
    () => command.create(encodeInitCode(PUPPET_CODE, null), { salt: 1_000_000n }),
    { gas: DEPLOY_GAS },
  ),
  puppetStep('create of what is no contract', true, (random) => command.create(random.bytes(40)), { gas: 2_000_000n }),

  puppetStep('revert with data', false, (random) => command.revert(random.bytes(random.below(200)))),
  puppetStep('revert after writing', false, (random) => command.storeAndRevert(small(random), 42n)),
  puppetStep('revert after all else', false, (random, world) =>
    command.sequence(
      command.log([1n], word(5n)),
      command.call('call', world.otherPuppet, command.store(small(random), 12n)),
      command.storeAndRevert(3n, 3n),
    ),
  ),
  ...trapKinds.map(
    (kind, index): Scenario =>
      (random, world) =>
        step(`trap: ${kind}`, false, {
          from: random.below(4),
          to: world.traps,
          data: Uint8Array.of(index),
          gas: FAULT_GAS,
        }),
  ),
  puppetStep('out of gas while storing', false, (random) => command.store(100_000n + small(random), 1n), {
    gas: 30_000n,
  }),
  puppetStep('endless loop', false, () => command.loop(), { gas: FAULT_GAS }),
  puppetStep('endless recursion', false, () => command.recurse(), { gas: 400_000n }),

  (random, world) =>
    step('computation', true, {
      from: random.below(4),
      to: world.calculator,
      data: concatBytes(Uint8Array.of(random.below(256)), random.bytes(8)),
    }),
  (random, world) =>
    step('computation', true, {
      from: random.below(4),
      to: world.calculator,
      data: concatBytes(Uint8Array.of(255), random.bytes(8)),
    }),

  ...Object.entries(precompileCalls).map(([number, input]) =>
    puppetStep(`precompile ${number}`, true, (random) => precompile(Number(number), input(random)), {
      gas: PRECOMPILE_GAS,
    }),
  ),
  puppetStep('precompile: no point of the curve', true, () =>
    command.call('call', address(6n), concatBytes(word(1n), word(1n)), gasWord(20_000n)),
  ),

  (random) =>
    step('deploy: packed', true, {
      from: random.below(4),
      data: encodeInitCode(packCode(TRAPS_MODULE), null),
      gas: DEPLOY_GAS,
    }),
  (random) =>
    step('deploy: with a constructor', true, {
      from: random.below(4),
      data: encodeInitCode(PUPPET_CODE, word(random.bigint(256))),
      value: 3n,
      gas: DEPLOY_GAS,
    }),
  ...foreignTokenScenarios,
  ...registryScenarios,
  refusedDeployment('constructor reverts', () => encodeInitCode(PUPPET_CODE, Uint8Array.of(1))),
  refusedDeployment('EVM code', () => fromHex('0x6080604052348015600f57600080fd5b50')),
  refusedDeployment('floats', () => FLOAT_MODULE),
  refusedDeployment('no entry point', () => fromHex('0x0061736d01000000')),
  refusedDeployment('damaged module', (random) => damaged(PUPPET_MODULE, random)),
  refusedDeployment('damaged compression', (random) => encodeInitCode(damaged(PUPPET_CODE, random), null)),
  refusedDeployment('cut off', (random) => encodeInitCode(PUPPET_CODE.slice(0, 10 + random.below(500)), null)),
  refusedDeployment('out of gas', () => encodeInitCode(PUPPET_CODE, null), 150_000n),
]

/** Behind the first bytes, which say what it is; enough bytes that it cannot stay valid. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const out = Uint8Array.from(bytes)
  for (let i = 0; i < 40; i++) out[12 + random.below(out.length - 12)]! ^= 1 + random.below(255)
  return out
}
