/** Calls between contracts, run on the real VM: values, gas, reverts, static and delegate calls, depth, logs. */

import { describe, expect, it } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { bytesToBigint } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import { MAX_CALL_DEPTH } from './limits.ts'
import { fromCall } from './revertReason.ts'
import { ALICE, address, command, logsOf, newWorld, outputOf, PUPPET_WAT, word } from './testing/puppet.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const NOBODY = address(0x99999999n)

const pair = () => {
  const world = newWorld()
  world.place(A)
  world.place(B)
  return world
}
const littleEndian = (bytes: Uint8Array): bigint => bytesToBigint(bytes.slice().reverse())

describe('a call from outside', () => {
  it('stores and loads', () => {
    const { run, state } = pair()
    expect(bytesToBigint(outputOf(run(A, command.sequence(command.store(1n, 42n), command.load(1n)))))).toBe(42n)
    expect(bytesToBigint(state.storage(A, word(1n)))).toBe(0n)
  })
  it('loses what was cached and never flushed', () => {
    const { run } = pair()
    const data = command.sequence(command.storeUnflushed(1n, 9n), command.call('staticcall', A, command.load(1n)))
    expect(bytesToBigint(outputOf(run(A, data)).slice(1))).toBe(0n)
  })
  it('sees who called, with what, and where', () => {
    const { run } = pair()
    const output = outputOf(run(A, command.context(), { value: 7n }))
    expect(output.slice(0, 20)).toEqual(ALICE)
    expect(output.slice(20, 40)).toEqual(A)
    expect(output.slice(40, 60)).toEqual(ALICE)
    expect(bytesToBigint(output.slice(60, 92))).toBe(7n)
    expect(output[92]).toBe(0)
  })
  it('to an account without code succeeds with nothing', () => {
    const { run } = pair()
    expect(run(NOBODY, Uint8Array.of(1, 2, 3), { value: 5n })).toEqual({
      kind: 'success',
      output: new Uint8Array(0),
      // EIP-7623: 40 for each byte that is not zero.
      gasUsed: 21_120n,
      logs: [],
    })
  })
  it('reverts with its data and keeps the gas it did not use', () => {
    const { run } = pair()
    const outcome = run(A, command.revert(Uint8Array.of(1, 2)), { gas: 1_000_000n })
    expect(outcome).toMatchObject({ kind: 'revert', output: Uint8Array.of(1, 2), message: 'execution reverted' })
    expect(outcome.gasUsed).toBeLessThan(50_000n)
  })
  it('that traps burns all gas and says where', () => {
    const { run } = pair()
    const outcome = run(A, command.trap(), { gas: 1_000_000n })
    expect(outcome).toMatchObject({ kind: 'failure', gasUsed: 1_000_000n })
    expect(outcome.kind === 'failure' && outcome.message).toMatch(/unreachable.*trap_here/)
  })
  it('that runs for ever or too deep ends with a clear failure', () => {
    const { run } = pair()
    const loop = run(A, command.loop(), { gas: 100_000n })
    expect(loop.kind === 'failure' && loop.message).toMatch(
      /^out of gas: limit 78984, used 78984 \((?!out of gas).*in function/,
    )
    const load = run(A, command.load(1n), { gas: 29_000n })
    expect(load.kind === 'failure' && load.message).toMatch(
      /^out of gas: limit \d+, used \d+ \(\d+ gas needed here, \d+ left, in function \d+ "load/,
    )
    const recursion = run(A, command.recurse(), { gas: 1_000_000n })
    expect(recursion.kind === 'failure' && recursion.message).toMatch(/stack.*recurse/)
  })
  it('grows memory up to the limit', () => {
    const { run } = pair()
    expect(littleEndian(outputOf(run(A, command.grow(10))))).toBe(4n)
    expect(littleEndian(outputOf(run(A, command.grow(1_000))))).toBe(0xffff_ffffn)
  })
  it('prints', () => {
    const { run, printed } = pair()
    run(A, command.print('hello é'))
    expect(printed).toEqual(['hello é'])
  })
})

describe('a call from a contract', () => {
  it('gives return data and status 0', () => {
    const { run } = pair()
    const output = outputOf(run(A, command.call('call', B, command.context(), { value: 3n }), { value: 3n }))
    expect(output[0]).toBe(0)
    expect(output.slice(1, 21)).toEqual(A)
    expect(output.slice(21, 41)).toEqual(B)
    expect(output.slice(41, 61)).toEqual(ALICE)
    expect(bytesToBigint(output.slice(61, 93))).toBe(3n)
  })
  it('that reverts is undone, bubbles its data, and leaves the caller running', () => {
    const { run } = pair()
    const data = command.sequence(
      command.call('call', B, command.storeAndRevert(1n, 5n)),
      command.call('call', B, command.load(1n)),
    )
    expect(bytesToBigint(outputOf(run(A, data)))).toBe(0n)
    const bubbled = outputOf(run(A, command.call('call', B, command.revert(Uint8Array.of(9, 8)))))
    expect(bubbled).toEqual(Uint8Array.of(2, 9, 8))
  })
  it('that reverts is named when its data is passed on, or when its caller gives up without a word', () => {
    const { run } = pair()
    const data = Uint8Array.of(9, 8, 7, 6, 5)
    const failing = (target: Uint8Array, output: Uint8Array) => command.call('call', target, command.revert(output))
    const messageOf = (...commands: Uint8Array[]) => {
      const outcome = run(A, command.sequence(...commands))
      return outcome.kind === 'revert' ? outcome.message : outcome.kind
    }
    const named = 'execution reverted: custom error 0x09080706'
    expect(messageOf(failing(B, data), command.revert(data))).toBe(`${named}${fromCall(toHex(B))}`)
    // Its own data, and data that was seen in a call that made do without it.
    expect(messageOf(failing(B, Uint8Array.of(1)), command.revert(data))).toBe(named)
    const within = command.call('call', B, command.sequence(failing(A, data), command.load(1n)))
    expect(messageOf(within, command.revert(data))).toBe(named)
    const none = new Uint8Array(0)
    expect(messageOf(failing(B, data), command.revert(none))).toBe(
      `execution reverted (before that, the call to ${toHex(B)} failed: ${named})`,
    )
    expect(messageOf(command.revert(none))).toBe('execution reverted')
  })
  it('that traps gives status 2 and no data, and burns the gas it was given', () => {
    const { run } = pair()
    const outcome = run(A, command.call('call', B, command.trap(), { gas: 100_000n }))
    expect(outputOf(outcome)).toEqual(Uint8Array.of(2))
    expect(outcome.gasUsed).toBeGreaterThan(100_000n)
    expect(outcome.gasUsed).toBeLessThan(160_000n)
  })
  it('passes on at most 63/64 of the gas', () => {
    const { run } = pair()
    const gas = 1_000_000n
    const direct = littleEndian(outputOf(run(A, command.gas(), { gas })))
    const nested = littleEndian(outputOf(run(A, command.call('call', B, command.gas()), { gas })).slice(1))
    // The caller's gas at the call is below `direct`; a 64th of that stays behind.
    expect(nested).toBeLessThan(direct - direct / 64n)
    expect(nested).toBeGreaterThan(direct - direct / 64n - 20_000n)
    const asked = littleEndian(
      outputOf(run(A, command.call('call', B, command.gas(), { gas: 50_000n }), { gas })).slice(1),
    )
    expect(asked).toBeLessThan(50_000n)
    expect(asked).toBeGreaterThan(40_000n)
  })
  it('with value gives the callee a stipend', () => {
    const { run } = pair()
    const at = (value: bigint) =>
      littleEndian(
        outputOf(run(A, command.call('call', B, command.gas(), { gas: 50_000n, value }), { value })).slice(1),
      )
    expect(at(1n) - at(0n)).toBe(2_300n)
  })
  it('with more value than there is fails and costs no callee gas', () => {
    const { run } = pair()
    const outcome = run(A, command.call('call', B, command.context(), { value: 1n }))
    expect(outputOf(outcome)).toEqual(Uint8Array.of(2))
  })
  it('with value to a new account costs 25000 more than to an old one', () => {
    const { run, state } = pair()
    const old = address(0x77777777n)
    state.setBalance(old, 1n)
    const cost = (to: Uint8Array) =>
      run(A, command.call('call', to, new Uint8Array(0), { value: 1n, gas: 0n }), { value: 1n }).gasUsed
    expect(cost(NOBODY) - cost(old)).toBe(25_000n)
  })
  it('costs 2500 less the second time (EIP-2929)', () => {
    const { run } = pair()
    const once = command.call('call', NOBODY, new Uint8Array(0))
    const other = command.call('call', address(0x99999998n), new Uint8Array(0))
    const twice = run(A, command.sequence(once, once)).gasUsed
    const both = run(A, command.sequence(once, other)).gasUsed
    expect(both - twice).toBe(2_500n)
  })
  it('knows when it re-enters', () => {
    const { run } = pair()
    const back = command.call('call', A, command.context())
    const output = outputOf(run(A, command.call('call', B, back)))
    expect(output[2 + 92]).toBe(1)
    const there = outputOf(run(A, command.call('call', B, command.context())))
    expect(there[1 + 92]).toBe(0)
    const delegated = outputOf(run(A, command.call('delegatecall', B, command.context())))
    expect(delegated[1 + 92]).toBe(0)
  })
})

describe('a delegate call', () => {
  it("runs the other's code on the caller's storage, with the caller's caller and value", () => {
    const { run } = pair()
    const output = outputOf(run(A, command.call('delegatecall', B, command.context()), { value: 6n }))
    expect(output.slice(1, 21)).toEqual(ALICE)
    expect(output.slice(21, 41)).toEqual(A)
    expect(bytesToBigint(output.slice(61, 93))).toBe(6n)
    const stored = command.sequence(command.call('delegatecall', B, command.store(3n, 8n)), command.load(3n))
    expect(bytesToBigint(outputOf(run(A, stored)))).toBe(8n)
  })
})

describe('a static call', () => {
  const changes: [string, Uint8Array][] = [
    ['a store', command.store(1n, 1n)],
    ['a transient store', command.transient(1n, 1n)],
    ['a log', command.log([], new Uint8Array(0))],
    ['a creation', command.create(Uint8Array.of(1))],
    ['value', command.call('call', NOBODY, new Uint8Array(0), { value: 1n })],
    ['a store further down', command.call('call', A, command.trap())],
  ]
  for (const [name, data] of changes.slice(0, 5)) {
    it(`fails on ${name}`, () => {
      const { run } = pair()
      expect(outputOf(run(A, command.call('staticcall', B, data, { gas: 200_000n }), { value: 1n }))).toEqual(
        Uint8Array.of(2),
      )
    })
  }
  it('stays static in the calls it makes', () => {
    const { run } = pair()
    const deeper = command.call('call', A, command.store(1n, 1n), { gas: 100_000n })
    const output = outputOf(run(A, command.call('staticcall', B, deeper, { gas: 400_000n })))
    expect(output).toEqual(Uint8Array.of(0, 2))
  })
  it('may read', () => {
    const { run } = pair()
    expect(outputOf(run(A, command.call('staticcall', B, command.load(1n))))[0]).toBe(0)
  })
})

describe('depth', () => {
  it(`ends at ${MAX_CALL_DEPTH} frames`, () => {
    // With two pages each: puppets have four, and the pages of a transaction are bounded too.
    const { run, place } = newWorld()
    const small = packCode(
      watToWasm(PUPPET_WAT.replace('(memory (export "memory") 4)', '(memory (export "memory") 2)')),
    )
    place(A, small)
    place(B, small)
    let data: Uint8Array = command.context()
    // Each level's calldata holds the one below it.
    for (let depth = 1; depth <= MAX_CALL_DEPTH; depth++) data = command.call('call', depth % 2 === 0 ? A : B, data)
    const output = outputOf(run(A, data, { gas: 30_000_000n }))
    // One status byte for each frame that could be started, then the failure.
    expect(output).toHaveLength(MAX_CALL_DEPTH)
    expect(output.slice(0, -1).every((status) => status === 0)).toBe(true)
    expect(output.at(-1)).toBe(2)
  })
})

describe('logs', () => {
  it('are kept in order, and not those of what failed', () => {
    const { run } = pair()
    const data = command.sequence(
      command.log([1n], Uint8Array.of(1)),
      command.call('call', B, command.log([2n, 3n], Uint8Array.of(2))),
      command.call('call', B, command.sequence(command.log([], Uint8Array.of(3)), command.revert(new Uint8Array(0)))),
    )
    const logs = logsOf(run(A, data))
    expect(logs.map((log) => [log.address, log.topics.map(bytesToBigint), [...log.data]])).toEqual([
      [A, [1n], [1]],
      [B, [2n, 3n], [2]],
    ])
  })
})

describe('transient storage', () => {
  it('lasts for the transaction and is undone with a frame', () => {
    const { run } = pair()
    const data = command.sequence(
      command.call('call', B, command.transient(1n, 7n)),
      command.call('call', B, command.sequence(command.transient(1n, 8n), command.revert(new Uint8Array(0)))),
      command.call('call', B, command.transient(1n, null)),
    )
    expect(bytesToBigint(outputOf(run(A, data)).slice(1))).toBe(7n)
    expect(bytesToBigint(outputOf(run(B, command.transient(1n, null))))).toBe(0n)
  })
})

describe('accounts', () => {
  it('show balance, code hash and code size', () => {
    const { run, state } = pair()
    const own = outputOf(run(A, command.account(B)))
    expect(own.slice(32, 64)).toEqual(state.codeHash(B))
    expect(littleEndian(own.slice(64, 68))).toBe(BigInt(state.code(B).length))
    const alice = outputOf(run(A, command.account(ALICE)))
    expect(bytesToBigint(alice.slice(0, 32))).toBe(10n ** 21n)
    expect(alice.slice(32, 64)).toEqual(EMPTY_CODE_HASH)
    expect(outputOf(run(A, command.account(NOBODY))).slice(32, 64)).toEqual(new Uint8Array(32))
  })
})

describe('precompiles', () => {
  it('answer contracts and calls from outside', () => {
    const { run } = pair()
    expect(outputOf(run(A, command.call('staticcall', address(4n), Uint8Array.of(5, 6))))).toEqual(
      Uint8Array.of(0, 5, 6),
    )
    // Zeros, so that the price of hashing is above the floor of EIP-7623.
    expect(run(address(2n), new Uint8Array(4)).gasUsed).toBe(21_000n + 16n + 425n)
  })
  it('burn the gas given when they refuse or it is too little', () => {
    const { run } = pair()
    const refused = run(A, command.call('call', address(9n), Uint8Array.of(1), { gas: 50_000n }))
    expect(outputOf(refused)).toEqual(Uint8Array.of(2))
    expect(refused.gasUsed).toBeGreaterThan(70_000n)
    expect(outputOf(run(A, command.call('call', address(1n), new Uint8Array(0), { gas: 2_999n })))).toEqual(
      Uint8Array.of(2),
    )
  })
})

describe('memory held by nested frames', () => {
  it('is refused before it grows large', () => {
    const { run } = pair()
    let data: Uint8Array = command.context()
    for (let depth = 0; depth < 30; depth++) {
      data = command.sequence(command.grow(60), command.call('call', depth % 2 === 0 ? A : B, data))
    }
    // Eight frames of 64 pages would hold the 512 a transaction may, at a price of over 50 million gas.
    const statuses = outputOf(run(A, data, { gas: 30_000_000n }))
    expect(statuses.length).toBeGreaterThan(4)
    expect(statuses.length).toBeLessThan(8)
    expect(statuses.at(-1)).toBe(2)
  })
})
