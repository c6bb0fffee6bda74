/** The users of a simulated chain: they hand in transactions, and operators change the validator set. */
import type { Random } from '@touchstone/vm/testing/random'
import { bigintToBytes, concatBytes } from '../../src/codec/bytes.ts'
import type { ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { REGISTRY_ADDRESS } from '../../src/execution/validatorRegistry/registryInterface.ts'
import type { SimulatedNode } from './chainKind.ts'
import { HEALING } from './faults.ts'
import { simKey } from './simKey.ts'
import { FIRST_LARGE, operatorCall, operatorOf } from './simTransactions.ts'
import type { Simulation } from './simulation.ts'

/** Milliseconds until a client tries again to hand in what no node has taken. */
const RETRY = 200
/** Milliseconds between two looks whether a transaction is in a block. */
const LOOK = 100

export interface Clients {
  /** All transactions that have to get into the chain. */
  readonly numbers: number[]
  /** Transactions that no node has acknowledged yet. */
  waiting: number
}

/** Over the time of faults and a little after. */
const arrival = (setup: Random): number => setup.fraction() * (HEALING + 1_000)

const transactionNumbers = (setup: Random): number[] =>
  Array.from({ length: 4 + setup.below(16) }, (_, index) => index + 1)

/** Each transaction goes to one node; a client without an answer tries another. It repeats nothing that was acknowledged. */
export function handInOnce<N extends SimulatedNode>(simulation: Simulation<N>, setup: Random): Clients {
  const clients: Clients = { numbers: [], waiting: 0 }
  for (const number of transactionNumbers(setup)) {
    const at = arrival(setup)
    expectLater(clients, number)
    simulation.scheduler.after(at, () => void handIn(simulation, clients, number))
  }
  return clients
}

/** Most large transactions of a run. */
const MOST_LARGE = 4

/** Beside the others, of senders of their own. */
export function handInLarge<N extends SimulatedNode>(simulation: Simulation<N>, setup: Random, clients: Clients): void {
  for (let count = 1 + setup.below(MOST_LARGE); count > 0; count--) {
    const number = FIRST_LARGE + count
    expectLater(clients, number)
    simulation.scheduler.after(arrival(setup), () => void handIn(simulation, clients, number))
  }
}

function expectLater(clients: Clients, number: number): void {
  clients.numbers.push(number)
  clients.waiting += 1
}

async function handIn<N extends SimulatedNode>(
  simulation: Simulation<N>,
  clients: Clients,
  number: number,
): Promise<void> {
  const { scheduler, nodes, random } = simulation
  if (await random.pick(nodes).offer(number)) clients.waiting -= 1
  else scheduler.after(RETRY, () => void handIn(simulation, clients, number))
}

/** For nodes that do not spread transactions themselves: each reaches some at once and the rest as by gossip. */
export function handInEverywhere<N extends SimulatedNode>(simulation: Simulation<N>, setup: Random): Clients {
  const { scheduler, nodes, random } = simulation
  const numbers = transactionNumbers(setup)
  const gossiped = setup.chance(0.8)
  for (const number of numbers) {
    const at = arrival(setup)
    // A follower proposes nothing: what only it has stays there.
    const first = setup.pick(gossiped ? nodes : nodes.filter((node) => node.isValidator))
    for (const node of nodes) {
      if (node !== first && !gossiped) continue
      const deliver = async () => {
        if (!(await node.offer(number))) scheduler.after(RETRY, () => void deliver())
      }
      scheduler.after(at + (node === first ? 0 : random.fraction() * 100), () => void deliver())
    }
  }
  return { numbers, waiting: 0 }
}

interface Change {
  readonly validator: number
  /** 0: it leaves. */
  readonly power: bigint
}

/**
 * Operators let the node that is not in the genesis join, give the first validator another weight, and vote a Byzantine
 * one out, one change after the other. A change whose height comes before it is approved fails, as on a real chain.
 */
export function changeValidators<N extends SimulatedNode>(
  simulation: Simulation<N>,
  setup: Random,
  clients: Clients,
  { validators }: ValidatorSet,
  byzantine: ReadonlySet<number>,
): void {
  const { scheduler, nodes, random } = simulation
  const most = validators.reduce((power, validator) => (validator.power > power ? validator.power : power), 0n)
  const correct = validators.findIndex((_, index) => !byzantine.has(index))
  const changes: readonly Change[] = [
    { validator: validators.length, power: most },
    { validator: correct, power: validators[correct]!.power + 1n },
    ...[...byzantine].map((validator) => ({ validator, power: 0n })),
  ]
  const operators = [...validators.keys(), validators.length].filter((operator) => !byzantine.has(operator))
  const nonces = Array.from({ length: validators.length + 1 }, () => 0n)
  const call = (operator: number, data: Uint8Array): number => {
    const number = operatorCall(operator, nonces[operator]!, REGISTRY_ADDRESS, data)
    nonces[operator] = nonces[operator]! + 1n
    expectLater(clients, number)
    void handIn(simulation, clients, number)
    return number
  }
  const height = () => nodes.reduce((highest, node) => (node.height() > highest ? node.height() : highest), 0n)
  const whenIncluded = (numbers: readonly number[], next: () => void): void => {
    scheduler.after(LOOK, () => {
      if (numbers.every((number) => nodes.some((node) => !node.lacks(number)))) next()
      else whenIncluded(numbers, next)
    })
  }
  const decide = (index: number): void => {
    const change = changes[index]
    if (change === undefined) return
    const effective = height() + 4n + BigInt(random.below(3))
    whenIncluded([call(correct, proposeCall(change, effective))], () => {
      // The one that joins votes as well, from the moment on at which it counts.
      const others = operators.filter((operator) => operator !== correct)
      const approvals = others.map((operator) => call(operator, approveCall(BigInt(index + 1))))
      whenIncluded(approvals, () => decide(index + 1))
    })
  }
  scheduler.after(setup.fraction() * HEALING, () => decide(0))
}

const word = (value: bigint): Uint8Array => bigintToBytes(value, 32)
const selector = (signature: string): Uint8Array => keccak256(new TextEncoder().encode(signature)).slice(0, 4)
const PROPOSE = selector('propose(bytes32,uint64,address,address,uint64)')
const APPROVE = selector('approve(uint64)')

function proposeCall({ validator, power }: Change, effective: bigint): Uint8Array {
  const padding = new Uint8Array(12)
  const feeRecipient = new Uint8Array(20).fill(0xe0 + validator)
  return concatBytes(
    PROPOSE,
    simKey(validator).publicKey,
    word(power),
    padding,
    feeRecipient,
    padding,
    operatorOf(validator),
    word(effective),
  )
}

function approveCall(id: bigint): Uint8Array {
  return concatBytes(APPROVE, word(id))
}
