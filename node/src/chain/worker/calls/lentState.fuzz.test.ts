/**
 * Calls of chance, from a seed, on a state that is kept open, against the same calls each on a state of its own: nothing
 * that one does, is given, reads or creates is there for the next, whichever way it ends.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { bigintToBytes } from '../../../codec/bytes.ts'
import { createAccessList } from '../../../execution/accessList.ts'
import { CallError, type CallMessage, type StateOverride } from '../../../execution/call.ts'
import { callMessage } from '../../../execution/callMessage.ts'
import { createAddress } from '../../../execution/contractAddress.ts'
import { estimateGas } from '../../../execution/estimateGas.ts'
import { encodeInitCode } from '../../../execution/initCode.ts'
import { ALICE, address, command, newWorld, PUPPET_CODE, word } from '../../../execution/testing/puppet.ts'
import type { JournaledState } from '../../../state/journaledState.ts'
import { memoryStateStore, openMemoryState } from '../../../state/memoryState.ts'
import { LentState } from './lentState.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const ROUNDS = 150
/** Few accounts and slots, so that a call meets what others have touched. */
const touched = [A, B, ALICE, createAddress(A, 1n), createAddress(A, 2n), createAddress(ALICE, 0n)]
const keys = [0n, 1n, 2n].map(word)
const deployment = encodeInitCode(PUPPET_CODE, null)

function step(random: Random, depth = 0): Uint8Array {
  const [key, value] = [BigInt(random.below(3)), BigInt(random.below(3))]
  switch (random.below(12)) {
    case 0:
      return command.store(key, value)
    case 1:
      return command.load(key)
    case 2:
      return command.transient(key, random.below(2) === 0 ? value : null)
    case 3:
      return command.account(random.pick(touched))
    case 4:
      return command.create(deployment, random.below(2) === 0 ? {} : { salt: key })
    case 5:
      return command.log([key], random.bytes(random.below(40)))
    case 6:
      return command.storeAndRevert(key, value)
    case 7:
      return random.below(8) === 0 ? command.trap() : command.gas()
    case 8:
      return random.below(8) === 0 ? command.revert(random.bytes(4)) : command.storeUnflushed(key, value)
    default: {
      if (depth > 2) return command.load(key)
      const kind = random.pick(['call', 'delegatecall', 'staticcall'] as const)
      const options = kind === 'call' && random.below(3) === 0 ? { value: 1n } : {}
      return command.call(kind, random.pick(touched), steps(random, depth + 1), options)
    }
  }
}

function steps(random: Random, depth = 0): Uint8Array {
  return command.sequence(...Array.from({ length: 1 + random.below(4) }, () => step(random, depth)))
}

function overridesOf(random: Random): StateOverride[] {
  return Array.from({ length: random.below(3) }, () => {
    const slots = [[word(BigInt(random.below(3))), word(BigInt(random.below(3)))]] as const
    return {
      address: random.pick(touched),
      ...(random.below(3) === 0 ? { balance: BigInt(random.below(9)) * 10n ** 20n } : {}),
      ...(random.below(3) === 0 ? { nonce: BigInt(random.below(3)) } : {}),
      ...(random.below(3) === 0 ? { code: random.pick([PUPPET_CODE, new Uint8Array(0), random.bytes(20)]) } : {}),
      ...(random.below(3) === 0 ? { state: slots } : {}),
      ...(random.below(3) === 0 ? { stateDiff: slots } : {}),
      // Which no account can have: the call is refused when others were written already.
      ...(random.below(12) === 0 ? { balance: 1n << 256n } : {}),
    }
  })
}

/** What any call could find. */
function foundIn(state: JournaledState) {
  const accounts = touched.map((address) => ({
    account: state.account(address),
    code: state.code(address),
    hasStorage: state.hasStorage(address),
    slots: keys.map((key) => [state.storage(address, key), state.originalStorage(address, key)]),
    transient: keys.map((key) => state.transient(address, key)),
  }))
  return { accounts, refund: state.refund(), logs: state.logs(), begins: state.checkpoint() }
}

test.each([1, 2, 3])('a call on a kept state is as on one of its own, from seed %i', (seed) => {
  const random = seededRandom(seed)
  const { block, config } = newWorld()
  const store = memoryStateStore()
  const building = openMemoryState(store)
  const roots = [0, 1].map((head) => {
    building.setBalance(ALICE, 10n ** 21n)
    for (const contract of [A, B]) {
      building.setNonce(contract, 1n)
      building.setCode(contract, PUPPET_CODE)
      building.setBalance(contract, 100n)
      building.setStorage(contract, word(1n), bigintToBytes(BigInt(head + 1), 32))
    }
    building.endTransaction()
    const changes = building.takeChanges()
    store.add(changes)
    return changes.root
  })
  const lent = new LentState((root) => openMemoryState(store, root), 16 * 1024 * 1024)
  let [succeeded, refused] = [0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const root = roots[random.below(8) === 0 ? 1 : 0]!
    const message: CallMessage = {
      from: ALICE,
      to: random.below(8) === 0 ? null : random.pick([A, B]),
      data: random.below(8) === 0 ? deployment : steps(random),
      gas: BigInt(random.pick([60_000, 200_000, 2_000_000])),
      ...(random.below(3) === 0 ? { gasPrice: block.baseFee } : {}),
    }
    const overrides = overridesOf(random)
    const run = random.pick([callMessage, callMessage, estimateGas, createAccessList])
    const answers = [lent.at(root), openMemoryState(store, root)].map((state) => {
      try {
        return run(state, message, block, config, overrides)
      } catch (error) {
        if (!(error instanceof CallError)) throw error
        return error.message
      }
    })
    expect(answers[0], `round ${round}`).toEqual(answers[1])
    expect(foundIn(lent.at(root)), `round ${round}`).toEqual(foundIn(openMemoryState(store, root)))
    if (typeof answers[0] === 'string') refused++
    else succeeded++
    lent.takeBack()
  }
  expect(Math.min(succeeded, refused)).toBeGreaterThan(5)
})
