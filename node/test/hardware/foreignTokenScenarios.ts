/** Tokens that SDKs for Rust made: code larger and stranger than ours, made by a compiler of others. */
import type { Random } from '@touchstone/vm/testing/random'
import { encodeAbiParameters, encodeFunctionData, hexToBytes, parseAbi, parseAbiParameters } from 'viem'
import { toHex } from '../../src/codec/hex.ts'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { type Artifacts, type Scenario, type Step, step, type World } from './steps.ts'

const DEPLOY_GAS = 12_000_000n
const SUPPLY = 10n ** 30n
const CONSTRUCTOR = parseAbiParameters('string, string, uint256, address')
const abi = parseAbi([
  'function transfer(address to, uint256 value) returns (bool)',
  'function transferFrom(address from, address to, uint256 value) returns (bool)',
  'function approve(address spender, uint256 value) returns (bool)',
])

/** Each kind is created, by account 0, and moves something. */
export function foreignTokenSteps({ foreignTokens }: Artifacts, { accounts, foreignTokens: addresses }: World): Step[] {
  const words = encodeAbiParameters(CONSTRUCTOR, ['Foreign', 'FRN', SUPPLY, toHex(accounts[0]!)])
  const creations = foreignTokens.map(({ code }) =>
    step('foreign token: deploy', true, { data: encodeInitCode(code, hexToBytes(words)), gas: DEPLOY_GAS }),
  )
  return [...creations, ...addresses.map((to) => step('foreign token: transfer', true, transfer(to, accounts[1]!, 9n)))]
}

const transfer = (token: Uint8Array, to: Uint8Array, value: bigint) => ({
  to: token,
  data: hexToBytes(encodeFunctionData({ abi, functionName: 'transfer', args: [toHex(to), value] })),
})

export const foreignTokenScenarios: readonly Scenario[] = [
  (random, world) =>
    step('foreign token: transfer', true, transfer(pick(random, world), random.pick(world.accounts), 1n)),
  (random, world) =>
    step('foreign token: transfer to a new account', true, transfer(pick(random, world), random.bytes(20), 1n)),
  (random, world) =>
    step('foreign token: approve', true, {
      from: random.below(4),
      to: pick(random, world),
      data: hexToBytes(
        encodeFunctionData({ abi, functionName: 'approve', args: [toHex(world.exchange), random.bigint(256)] }),
      ),
    }),
  (random, world) =>
    step('foreign token: too much', false, {
      from: random.below(4),
      ...transfer(pick(random, world), world.accounts[0]!, 2n ** 200n),
    }),
  (random, world) =>
    step('foreign token: no allowance', false, {
      from: random.below(4),
      to: pick(random, world),
      data: hexToBytes(
        encodeFunctionData({
          abi,
          functionName: 'transferFrom',
          args: [toHex(world.puppet), toHex(world.accounts[0]!), 1n],
        }),
      ),
    }),
]

const pick = (random: Random, { foreignTokens }: World): Uint8Array => random.pick(foreignTokens)
