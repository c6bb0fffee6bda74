/** Profiles: profiling changes neither outcome nor gas, and what it shows is the gas that was used, to the unit. */
import { describe, expect, it } from 'vitest'
import { packCode, watToWasm } from '../../../testing/modules.ts'
import { keyOf } from '../../codec/bytes.ts'
import type { State } from '../../state/state.ts'
import { applyMessage } from '../applyMessage.ts'
import { encodeInitCode } from '../initCode.ts'
import { MAX_PROFILE_NODES } from '../limits.ts'
import { ALICE, address, command, newWorld, PUPPET_CODE, type World, word } from '../testing/puppet.ts'
import { Listening } from './listening.ts'
import type { Profile, ProfiledNode } from './profile.ts'
import { TraceTooLarge } from './recorder.ts'
import { TracedState } from './tracedState.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const INK = 10_000
const ROOMY = 200_000_000n

function profiled(to: Uint8Array | null, data: Uint8Array, gasLimit = 3_000_000n, prepare = (_: World) => {}): Profile {
  const world = newWorld()
  world.place(A)
  world.place(B)
  prepare(world)
  const outer = { from: ALICE, to, value: 0n, data, accessList: [], gasLimit, gasPrice: 0n }
  const run = (state: State, config: World['config']) => {
    const checkpoint = world.state.checkpoint()
    try {
      return applyMessage(state, outer, world.block, config)
    } finally {
      world.state.revert(checkpoint)
    }
  }
  const plain = run(world.state, world.config)
  const needs = { hostCalls: false, state: false, profile: true }
  const listening = new Listening(world.state, (onLog) => new TracedState(world.state, onLog), world.config, needs)
  listening.begin()
  const applied = run(listening.state, listening.config)
  expect(applied).toEqual(plain)
  const profile = listening.take().profile!({ ...outer, gasUsed: applied.gasUsed })
  expect(profile.gasSpent).toBe(applied.gasSpent)
  expect(profile.gasUsed).toBe(applied.gasUsed)
  return profile
}

const inkOf = (nodes: readonly ProfiledNode[]) => nodes.reduce((sum, { ink }) => sum + ink, 0)

function nameOf({ what }: ProfiledNode): string {
  if (what.kind === 'frame') return `${what.frame} ${keyOf(what.to).slice(-4)}`
  if (what.kind === 'function') return `function ${what.functionIndex}`
  return what.kind === 'burnt' ? 'burnt' : what.name
}

const named = (profile: Profile, name: string) => profile.nodes.filter((node) => nameOf(node) === name)

const nested = (data: Uint8Array, gas?: bigint) => command.call('call', B, data, gas === undefined ? {} : { gas })

const contractOf = (body: string): Uint8Array => packCode(moduleOf(body))

function moduleOf(body: string, more = ''): Uint8Array {
  const entry = `(func (export "user_entrypoint") (param i32) (result i32) ${body} (i32.const 0))`
  return watToWasm(`(module (memory (export "memory") 16 16) ${more} ${entry})`)
}

/** Profiles of messages one after the other, which are heard as the transactions of one block are. */
function listener(prepare: (world: World) => void): (to: Uint8Array) => Profile {
  const world = newWorld()
  prepare(world)
  const needs = { hostCalls: false, state: false, profile: true }
  const listening = new Listening(world.state, (onLog) => new TracedState(world.state, onLog), world.config, needs)
  return (to) => {
    const outer = { from: ALICE, to, value: 0n, data: new Uint8Array(0), accessList: [], gasLimit: ROOMY, gasPrice: 0n }
    listening.begin()
    const { gasUsed } = applyMessage(listening.state, outer, world.block, listening.config)
    listening.state.endTransaction()
    return listening.take().profile!({ ...outer, gasUsed })
  }
}

describe('a profile', () => {
  it.each<[string, Uint8Array | null, Uint8Array, bigint?]>([
    [
      'of stores, loads and logs',
      A,
      command.sequence(command.store(1n, 2n), command.load(1n), command.log([1n], word(3n))),
    ],
    ['of a transfer', address(0xeeeen), new Uint8Array(0)],
    ['of calldata that costs more than what it runs', address(0xeeeen), new Uint8Array(500).fill(7)],
    ['of a precompile', address(2n), new Uint8Array(64)],
    ['of a precompile with too little gas', address(8n), new Uint8Array(192), 60_000n],
    [
      'of calls in calls',
      A,
      nested(command.sequence(nested(command.store(1n, 1n)), command.call('delegatecall', A, command.load(1n)))),
    ],
    ['of a call with value and stipend', A, command.call('call', address(0xeeeen), new Uint8Array(0), { value: 0n })],
    ['of a revert', A, command.sequence(command.store(1n, 2n), command.revert(Uint8Array.of(1)))],
    ['of a revert within', A, nested(command.storeAndRevert(1n, 2n))],
    ['of a trap', A, command.sequence(command.store(1n, 2n), command.trap())],
    ['of a trap within', A, command.sequence(nested(command.trap(), 50_000n), command.store(1n, 2n))],
    ['of gas that gives out', A, command.loop(), 100_000n],
    ['of gas that gives out within', A, nested(command.loop(), 70_000n)],
    [
      'of gas that gives out in the host',
      A,
      command.sequence(command.store(1n, 2n), command.store(2n, 2n), command.store(3n, 2n)),
      70_000n,
    ],
    ['of gas that does not even load the contract', A, command.load(1n), 22_000n],
    ['of a call that cannot load its contract', A, nested(command.load(1n), 1_000n)],
    ['of a creation', null, encodeInitCode(PUPPET_CODE, word(7n))],
    ['of a creation whose constructor reverts', null, encodeInitCode(PUPPET_CODE, new Uint8Array(0))],
    ['of a creation without a constructor', null, encodeInitCode(PUPPET_CODE, null)],
    ['of a creation that is none', null, Uint8Array.of(1, 2, 3)],
    [
      'of creations within',
      A,
      command.sequence(
        command.create(encodeInitCode(PUPPET_CODE, word(7n))),
        command.create(encodeInitCode(PUPPET_CODE, null), { salt: 5n }),
      ),
    ],
    ['of a creation within that fails', A, command.create(Uint8Array.of(1, 2, 3))],
    ['of memory that grows', A, command.grow(3)],
    ['of recursion until the stack ends', A, nested(command.recurse(), 400_000n)],
    ['of a native contract', address(0x64n), Uint8Array.of(0xa3, 0xb1, 0xb3, 0x1d)],
  ])('%s is of all gas', (_, to, data, gas) => {
    const profile = profiled(to, data, gas)
    expect(inkOf(profile.nodes)).toBe(Number(profile.gasSpent) * INK)
    expect(profile.nodes.every(({ ink }) => Number.isSafeInteger(ink) && ink >= 0)).toBe(true)
    // All that a contract used stands at an instruction of it, or is burnt.
    const executed = profile.nodes.filter(({ what }) => what.kind === 'function' || what.kind === 'host')
    const places = profile.contracts.flatMap((contract) => contract.places)
    const nativeHosts = profile.contracts.length === 0
    expect(nativeHosts ? 0 : places.reduce((sum, { fuel }) => sum + fuel, 0)).toBe(inkOf(executed))
    for (const { ink } of named(profile, 'rounding'))
      expect(ink).toBeLessThan(INK * named(profile, 'rounding').length * 4)
  })

  it('tells fixed costs from what ran, and host calls from instructions', () => {
    const profile = profiled(A, command.store(1n, 2n))
    const names = profile.nodes.map(nameOf)
    expect(names.slice(0, 3)).toEqual(['transaction', 'calldata', 'CALL aaaa'])
    expect(names).toEqual(expect.arrayContaining(['loading', 'frame start', 'storage_flush_cache']))
    expect(named(profile, 'transaction')[0]!.ink).toBe(21_000 * INK)
    // A cold slot that was zero: 22 100, and the price of the host call.
    expect(named(profile, 'storage_flush_cache')[0]!.ink).toBeGreaterThan(22_100 * INK)
    expect(named(profile, 'storage_flush_cache')[0]!.ink).toBeLessThan(22_500 * INK)
  })

  it('says what a refund gave back', () => {
    const profile = profiled(A, command.store(1n, 0n), undefined, ({ state }) => {
      state.setStorage(A, word(1n), word(5n))
      state.endTransaction()
    })
    expect(profile.refund).toBe(4_800n)
    expect(profile.gasSpent - profile.refund).toBe(profile.gasUsed)
  })

  it('has the frame of a call below the host call that began it, and its gas there alone', () => {
    const profile = profiled(A, nested(command.loop(), 70_000n))
    const [inner] = named(profile, 'CALL bbbb')
    expect(nameOf(profile.nodes[inner!.parent]!)).toBe('call_contract')
    expect(profile.nodes[inner!.parent]!.ink).toBeLessThan(3_500 * INK)
    const below = (place: number): number =>
      profile.nodes[place]!.ink +
      profile.nodes.reduce((sum, { parent }, child) => sum + (parent === place ? below(child) : 0), 0)
    expect(below(profile.nodes.indexOf(inner!))).toBe(70_000 * INK)
  })

  it('loses no gas where there are more functions than it says', () => {
    const calls = Array.from({ length: 30 }, () => nested(command.load(1n)))
    const profile = profiled(A, command.sequence(...calls))
    expect(named(profile, 'CALL bbbb')).toEqual([expect.objectContaining({ calls: 30 })])
    expect(profile.isCut).toBe(false)
    const deep = profiled(A, nested(command.recurse()), 29_000_000n)
    expect(inkOf(deep.nodes)).toBe(Number(deep.gasSpent) * INK)
  })

  it('has a bound for all transactions of a block together, in which each way of a choice counts', () => {
    const table = `(block (br_table ${'0 '.repeat(1_000)} (i32.const 7)))`
    const run = listener((world) => world.place(A, contractOf(table.repeat(60))))
    for (const _ of [1, 2]) {
      expect(run(A).contracts[0]!.choices.map(({ ways }) => ways.length)).toEqual(Array(60).fill(1_000))
    }
    expect(() => run(A)).toThrow('MAX_PROFILE_PLACES')
    const small = listener((world) => world.place(A, contractOf('')))
    const once = small(A)
    // Fixed costs of a transaction take no room.
    const nodes = once.nodes.filter(({ what }) => what.kind !== 'fixed' || what.name !== 'transaction').length
    const fitting = Math.floor(MAX_PROFILE_NODES / nodes)
    for (let more = 1; more < fitting; more++) expect(small(A).isCut).toBe(false)
    const left = MAX_PROFILE_NODES - nodes * fitting
    if (left > 0) {
      const cut = small(A)
      expect([cut.isCut, inkOf(cut.nodes)]).toEqual([true, inkOf(once.nodes)])
    }
    expect(() => small(A)).toThrow('MAX_PROFILE_NODES')
  })

  it('has a bound for the modules that are compiled for it, each once', () => {
    const module = moduleOf('', `(data (i32.const 0) "${'x'.repeat(1_000_000)}")`)
    const contracts = [1, 2, 3, 4, 5].map((index) => packCode(module.with(module.lastIndexOf(0x78), index)))
    const run = listener((world) => {
      for (const [index, code] of contracts.entries()) world.place(address(BigInt(index + 1) << 32n), code)
    })
    for (const index of [1n, 2n, 1n, 3n, 4n, 4n]) expect(run(address(index << 32n)).contracts).toHaveLength(1)
    expect(() => run(address(5n << 32n))).toThrow('MAX_PROFILED_MODULE_BYTES')
  })

  it('is refused of more gas than a number of ink holds', () => {
    expect(() => profiled(A, command.load(1n), 2n ** 50n)).toThrow(TraceTooLarge)
  })
})
