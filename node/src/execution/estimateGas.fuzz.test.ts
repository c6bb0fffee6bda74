/**
 * Messages of chance, from a seed: an estimate suffices, and where one run gave it, nothing less does. A contract that sees
 * how much gas there is, or starts another frame, is never estimated by one.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import type { CallMessage } from './call.ts'
import { callMessage } from './callMessage.ts'
import { estimateGas } from './estimateGas.ts'
import { ALICE, address, command, newWorld, outputOf } from './testing/puppet.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const ROUNDS = 60

/** `tells`: the contract may learn from it how much gas it has. */
interface Step {
  readonly data: Uint8Array
  readonly tells: boolean
}

function stepOf(random: Random, pays: boolean): Step {
  const key = BigInt(random.below(3))
  const value = BigInt(random.below(3))
  const quiet = (data: Uint8Array): Step => ({ data, tells: false })
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      return quiet(command.store(key, value))
    case 3:
      return quiet(command.storeUnflushed(key, value))
    case 4:
      return quiet(command.load(key))
    case 5:
      return quiet(command.transient(key, random.below(2) === 0 ? value : null))
    case 6:
      return quiet(command.log([key], random.bytes(random.below(90))))
    case 7:
      return quiet(command.context())
    case 8:
      return quiet(command.grow(random.below(4)))
    case 9:
      return quiet(command.print('text'))
    case 10:
      return { data: command.account(random.below(2) === 0 ? ALICE : B), tells: pays }
    case 11:
      return { data: command.gas(), tells: true }
    case 12:
      return { data: command.call('call', B, command.store(key, value)), tells: true }
    default:
      return quiet(command.load(key + 10n))
  }
}

it.each(['touchstone/1', 'stylus'])('in schedule %s', (schedule) => {
  const random = seededRandom(20_261_130)
  const { state, block, config: own, place } = newWorld()
  place(A)
  place(B)
  let runs = 0
  const refund = state.refund.bind(state)
  state.refund = () => {
    runs++
    return refund()
  }
  const counts = { once: 0, tried: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const config = { ...own, schedule, engine: round % 2 === 0 ? 'compiled' : 'interpreter' } as const
    const pays = random.below(2) === 0
    const steps = Array.from({ length: 1 + random.below(5) }, () => stepOf(random, pays))
    const data = command.sequence(...steps.map((step) => step.data))
    const message: CallMessage = { from: ALICE, to: A, data, ...(pays ? { gasPrice: block.baseFee } : {}) }
    const all = callMessage(state, message, block, config, [])
    if (all.kind !== 'success') throw new Error(`round ${round}: ${all.message}`)
    runs = 0
    const estimate = estimateGas(state, message, block, config, [])
    const isOne = runs === 1
    counts[isOne ? 'once' : 'tried']++
    if (estimate.kind !== 'success') throw new Error(`round ${round}: ${estimate.message}`)
    const limited = (gas: bigint) => callMessage(state, { ...message, gas }, block, config, [])
    const enough = limited(estimate.gas)
    expect(enough.kind, `round ${round}`).toBe('success')
    expect(isOne, `round ${round}`).toBe(steps.every(({ tells }) => !tells))
    if (!isOne) continue
    expect(outputOf(enough), `round ${round}`).toEqual(all.output)
    expect(limited(estimate.gas - 1n).kind, `round ${round}`).toBe('failure')
  }
  expect(Math.min(counts.once, counts.tried)).toBeGreaterThan(ROUNDS / 5)
})
