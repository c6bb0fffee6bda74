/** Who attacks in a storm, and with what. Each attack is by one of four actors; they act at once. */
import { FUNDED_ATTACKS } from '../funded/fundedAttacks.ts'
import type { NetworkAddresses } from '../funded/fundedNetwork.ts'
import type { Attacker } from '../support/attacker.ts'
import { type AttackContext, ATTACKS as PEER_ATTACKS } from '../support/attacks.ts'
import { CROWD_ATTACKS } from './crowdAttacks.ts'
import { SLOW_ATTACKS } from './slowAttacks.ts'
import { VALIDATOR_ATTACKS } from './validatorAttacks.ts'

/** Those of `validator` have the key of one of the four, whose node goes on running with it. */
export const ACTORS = ['validator', 'crowd', 'slow', 'money'] as const
export type Actor = (typeof ACTORS)[number]

export interface StormContext extends AttackContext {
  readonly network: NetworkAddresses
  /** Makes a peer of any node, which is stopped after the attack; `context.attacker` makes one of the target. */
  attackerOf(node: number): Promise<Attacker>
}

export interface StormAttack {
  readonly name: string
  /** Goes on until `context.until`. */
  run(context: StormContext): Promise<unknown>
}

/** Of the attacks on one node, those of who takes his time. The others are of somebody with any number of identities. */
const SLOW = [
  'pings of the muxer, unread',
  'streams that are refused, unread',
  'pings by a stream, unread',
  'readers that do not read',
  'writers that do not finish',
  'HTTP that does not finish',
  'HTTP clients that do not read',
  'WebSockets that do not read',
  'pools of nothing, given slowly',
]

/** By a key of their scene, which nobody here knows: they are of the validator's list here. */
const OF_THEIR_SCENE = [
  'wrong roots, signed by a validator',
  'lists of transactions nobody has, signed by a validator',
  'votes of far rounds, by a validator',
]
/** The same, of the attacks with money: the validator has it. */
const FRAMING = 'a validator that frames others'

/** The attacks of somebody with money are made of turns (fundedAttacks.ts), and run by the actor's process. */
export const MONEY_ATTACKS = FUNDED_ATTACKS.filter(({ name }) => name !== FRAMING)

const isSlow = ({ name }: { readonly name: string }) => SLOW.includes(name)
const others = PEER_ATTACKS.filter(({ name }) => !OF_THEIR_SCENE.includes(name))

export const STORM_ATTACKS: Readonly<Record<Exclude<Actor, 'money'>, readonly StormAttack[]>> = {
  validator: VALIDATOR_ATTACKS,
  crowd: [...CROWD_ATTACKS, ...others.filter((attack) => !isSlow(attack))],
  slow: [...SLOW_ATTACKS, ...others.filter(isSlow)],
}

/** Those with `words` in their names. */
export function namesOf(actor: Actor, words: string): readonly string[] {
  const attacks = actor === 'money' ? MONEY_ATTACKS : STORM_ATTACKS[actor]
  return attacks.map(({ name }) => name).filter((name) => name.includes(words))
}

/**
 * Attacks that make the validator whose key it is faulty, or its node, which runs the reference engine, slow: that
 * takes many seconds of a loaded machine for what compiled code does in one, and when another node is down the blocks
 * wait for it.
 */
export function holdsBack(actor: Actor, name: string): boolean {
  return actor === 'validator' || SLOW_FOR_REFERENCE.includes(name)
}

const SLOW_FOR_REFERENCE = ['loads no cache holds', 'values alive across calls']
