/** The steps that most attacks are made of. */
import type { Attacker } from './attacker.ts'
import type { AttackContext } from './attacks.ts'

export const going = ({ until }: AttackContext) => performance.now() < until
export const pause = (milliseconds = 5) => new Promise((resolve) => setTimeout(resolve, milliseconds))
/** After an attack with many connections the victim takes no more from this host for a second. */
const JOIN_ATTEMPTS = 20

/** A peer that has joined; before that it `prepare`s, for example what it answers. */
export async function joined(
  context: AttackContext,
  hello: Parameters<Attacker['join']>[0] = {},
  prepare?: (attacker: Attacker) => Promise<void>,
): Promise<Attacker> {
  const attacker = await context.attacker()
  await prepare?.(attacker)
  for (let attempt = 1; ; attempt++) {
    try {
      await attacker.join(hello)
      return attacker
    } catch (error) {
      if (attempt === JOIN_ATTEMPTS) throw error
      await pause(200)
    }
  }
}

/** One peer that repeats `send` until the end, or until it is thrown out. */
export function flood(
  send: (attacker: Attacker, context: AttackContext, turn: number) => Promise<unknown>,
): (context: AttackContext) => Promise<readonly Attacker[]> {
  return async (context) => {
    const attacker = await joined(context)
    for (let turn = 0; going(context) && attacker.isConnected; turn++) {
      await send(attacker, context, turn)
      await pause(1)
    }
    return [attacker]
  }
}

export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
