/** Calls of the validator registry: the set that signs the export's certificates changes while it goes on. */
import type { Random } from '@touchstone/vm/testing/random'
import { encodeFunctionData, hexToBytes, parseAbi } from 'viem'
import { toHex } from '../../src/codec/hex.ts'
import { ed25519PublicKey } from '../../src/crypto/ed25519.ts'
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '../../src/execution/validatorRegistry/registryInterface.ts'
import { type Place, type Scenario, step, type World } from './steps.ts'

/** ed25519 seeds. The first four are in the genesis. */
export const validatorSeeds = [11, 12, 13, 14, 15, 16].map((fill) => new Uint8Array(32).fill(fill))
const validatorKeys = validatorSeeds.map(ed25519PublicKey)
const REGISTRY_ABI = parseAbi(REGISTRY_INTERFACE)
/** Operator of the validator that decides alone, of all others, and of none. */
const DECIDES = 0
const OPERATES = 1
const STRANGER = 2
/** Heights between a change and the block that schedules it, at least. */
const NOTICE = 2n

export const REGISTRY_KIND = 'validators: '

type DataIn = (place: Place, random: Random, world: World) => Uint8Array

/** At most one in a block: the next is made of what the validators are then. */
function registryStep(kind: string, succeeds: boolean, from: number, data: DataIn): Scenario {
  return (random, world) =>
    step(`${REGISTRY_KIND}${kind}`, succeeds, {
      from,
      to: REGISTRY_ADDRESS,
      dataIn: (place) => data(place, random, world),
    })
}

function propose({ accounts }: World, publicKey: Uint8Array, power: bigint, height: bigint): Uint8Array {
  const feeRecipient = toHex(new Uint8Array(20).fill(0xf0))
  const args = [toHex(publicKey), power, feeRecipient, toHex(accounts[OPERATES]!), height] as const
  return hexToBytes(encodeFunctionData({ abi: REGISTRY_ABI, functionName: 'propose', args }))
}

/** Someone besides the first, in or not: a change of weight, or one more. */
const changeOfWeight: DataIn = ({ height }, random, world) =>
  propose(
    world,
    random.pick(validatorKeys.slice(1)),
    BigInt(1 + random.below(9)),
    height + NOTICE + BigInt(random.below(4)),
  )

/** After all that is scheduled: then the last validator is sure to be there. The first two stay. */
const leaving: DataIn = (place, random, world) => {
  const { from, validators } = place.validators.at(-1)!
  if (validators.length < 3) return changeOfWeight(place, random, world)
  const soonest = place.height + NOTICE
  return propose(world, validators.at(-1)!.publicKey, 0n, (from > soonest ? from : soonest) + 1n)
}

const show = (functionName: 'validators' | 'changes'): Uint8Array =>
  hexToBytes(encodeFunctionData({ abi: REGISTRY_ABI, functionName }))
const approval = hexToBytes(encodeFunctionData({ abi: REGISTRY_ABI, functionName: 'approve', args: [1_000_000n] }))

export const registryScenarios: readonly Scenario[] = [
  registryStep('a change', true, DECIDES, changeOfWeight),
  registryStep('another change', true, DECIDES, changeOfWeight),
  registryStep('one leaves', true, DECIDES, leaving),
  registryStep('an open proposal', true, OPERATES, changeOfWeight),
  registryStep('shown', true, STRANGER, () => show('validators')),
  registryStep('changes shown', true, STRANGER, () => show('changes')),
  registryStep('a stranger proposes', false, STRANGER, changeOfWeight),
  registryStep('too soon', false, DECIDES, ({ height }, _, world) =>
    propose(world, validatorKeys[1]!, 5n, height + 1n),
  ),
  registryStep('no such change', false, DECIDES, () => approval),
]
