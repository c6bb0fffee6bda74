/** eth_createAccessList, and what overrides do to precompiles. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { sha256 } from '../crypto/sha256.ts'
import { createAccessList } from './accessList.ts'
import { applyMessage } from './applyMessage.ts'
import { CallError, type CallMessage, type StateOverride } from './call.ts'
import { callMessage, defaultGasCap, prepareCall, undone } from './callMessage.ts'
import { ALICE, address, command, newWorld, outputOf, PUPPET_CODE, type World, word } from './testing/puppet.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const SHA256 = address(2n)
const MOVED = address(0x123456n)

const world = (): World => {
  const made = newWorld()
  made.place(A)
  made.place(B)
  return made
}
const listOf = ({ state, block, config }: World, message: CallMessage, overrides: StateOverride[] = []) =>
  createAccessList(state, message, block, config, overrides)
const shown = (list: ReturnType<typeof listOf>['accessList']) =>
  list.map(({ address: at, storageKeys }) => [keyOf(at), ...storageKeys.map(keyOf)])

describe('createAccessList', () => {
  it('lists slots of the contract itself, and the accounts it calls with theirs', () => {
    const made = world()
    const data = command.sequence(command.load(7n), command.call('call', B, command.store(1n, 2n)))
    const { accessList, failure } = listOf(made, { from: ALICE, to: A, data })
    expect(failure).toBeNull()
    expect(shown(accessList)).toEqual([
      [keyOf(A), keyOf(word(7n))],
      [keyOf(B), keyOf(word(1n))],
    ])
  })

  it('gives the gas of the run with the list, in which nothing is cold', () => {
    const made = world()
    const message = { from: ALICE, to: A, data: command.call('call', B, command.load(1n)) }
    const { accessList, gasUsed } = listOf(made, message)
    const gasWith = undone(made.state, [], (state) => {
      const outer = prepareCall(state, { ...message, accessList }, made.block, defaultGasCap(made.block))
      return applyMessage(state, outer, made.block, made.config).gasUsed
    })
    expect(gasUsed).toBe(gasWith)
    expect(shown(listOf(made, { ...message, accessList }).accessList)).toEqual(shown(accessList))
  })

  it('leaves out who is warm for nothing, and precompiles', () => {
    const made = world()
    const data = command.sequence(
      command.account(ALICE),
      command.account(made.block.coinbase),
      command.account(A),
      command.call('call', SHA256, Uint8Array.of(1)),
    )
    expect(listOf(made, { from: ALICE, to: A, data }).accessList).toEqual([])
    expect(listOf(made, { from: ALICE, to: B, value: 1n }).accessList).toEqual([])
  })

  it('keeps what is touched where it is undone, and says why it failed', () => {
    const made = world()
    const data = command.sequence(command.load(9n), command.revert(Uint8Array.of(1)))
    const { accessList, failure, gasUsed } = listOf(made, { from: ALICE, to: A, data })
    expect(shown(accessList)).toEqual([[keyOf(A), keyOf(word(9n))]])
    expect(failure).toContain('execution reverted')
    expect(gasUsed).toBeGreaterThan(21_000n)
  })

  it('drops what a list of the caller names and nobody touches only if it was warm for nothing', () => {
    const made = world()
    const given = [
      { address: A, storageKeys: [] },
      { address: B, storageKeys: [word(3n)] },
    ]
    const { accessList } = listOf(made, { from: ALICE, to: A, data: command.load(1n), accessList: given })
    expect(shown(accessList)).toEqual([
      [keyOf(A), keyOf(word(1n))],
      [keyOf(B), keyOf(word(3n))],
    ])
  })

  it('leaves the state as it was', () => {
    const made = world()
    const before = made.state.root()
    listOf(made, { from: ALICE, to: A, data: command.store(1n, 1n) })
    expect(made.state.root()).toEqual(before)
  })
})

describe('overrides of precompiles', () => {
  const hash = (to: Uint8Array, overrides: StateOverride[]) => {
    const { state, block, config } = world()
    return callMessage(state, { from: ALICE, to, data: Uint8Array.of(5) }, block, config, overrides)
  }
  const refused = (overrides: StateOverride[]) => {
    try {
      hash(MOVED, overrides)
    } catch (error) {
      if (error instanceof CallError) return error.message
      throw error
    }
    throw new Error('was not refused')
  }

  it('a precompile is where it was moved to, and not where it was', () => {
    const move = [{ address: SHA256, movePrecompileTo: MOVED }]
    expect(outputOf(hash(SHA256, []))).toEqual(sha256(Uint8Array.of(5)))
    expect(outputOf(hash(MOVED, move))).toEqual(sha256(Uint8Array.of(5)))
    expect(outputOf(hash(SHA256, move))).toEqual(new Uint8Array(0))
  })

  it('code in its place runs, and can call it', () => {
    const { state, block, config } = world()
    const data = command.call('call', MOVED, Uint8Array.of(5))
    const overrides = [{ address: SHA256, code: PUPPET_CODE, movePrecompileTo: MOVED }]
    const outcome = callMessage(state, { from: ALICE, to: SHA256, data }, block, config, overrides)
    expect(keyOf(outputOf(outcome))).toContain(keyOf(sha256(Uint8Array.of(5))))
  })

  it('refuses a move of what is none, and to where something is', () => {
    expect(refused([{ address: B, movePrecompileTo: MOVED }])).toContain('is not a precompile')
    expect(
      refused([
        { address: SHA256, movePrecompileTo: A },
        { address: A, balance: 1n },
      ]),
    ).toContain('already')
    const other = { address: address(4n), movePrecompileTo: MOVED }
    expect(refused([{ address: SHA256, movePrecompileTo: MOVED }, other])).toContain('already')
  })
})
