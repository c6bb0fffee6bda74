/** eth_call and eth_estimateGas: defaults, fees, overrides, and that nothing stays behind. */
import { describe, expect, it } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { bytesToBigint, concatBytes, equalBytes } from '../codec/bytes.ts'
import { fromHex } from '../codec/hex.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { signTransaction } from '../types/transactionCodec.ts'
import { createAccessList } from './accessList.ts'
import { CallError, type CallMessage, type StateOverride } from './call.ts'
import { callMessage } from './callMessage.ts'
import { checkTransaction } from './checkTransaction.ts'
import { estimateGas } from './estimateGas.ts'
import { encodeInitCode } from './initCode.ts'
import { replaceInState } from './overriddenState.ts'
import { ALICE, address, command, newWorld, outputOf, PUPPET_CODE, type World, word } from './testing/puppet.ts'
import { REGISTRY_ADDRESS } from './validatorRegistry/registryInterface.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const NOBODY = address(0x99999999n)

const world = (): World => {
  const made = newWorld()
  made.place(A)
  made.place(B)
  return made
}
const call = ({ state, block, config }: World, message: CallMessage, overrides: StateOverride[] = []) =>
  callMessage(state, message, block, config, overrides)
const estimate = ({ state, block, config }: World, message: CallMessage, overrides: StateOverride[] = []) =>
  estimateGas(state, message, block, config, overrides)

/** How often a message is run from now on: each run asks for its refund once. */
const countRuns = ({ state }: World): (() => number) => {
  let runs = 0
  const refund = state.refund.bind(state)
  state.refund = () => {
    runs++
    return refund()
  }
  return () => runs
}

const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof CallError) return error.message
    throw error
  }
  throw new Error('was not refused')
}

describe('callMessage', () => {
  it('leaves the state as it was', () => {
    const made = world()
    const before = made.state.root()
    outputOf(call(made, { from: ALICE, to: A, value: 5n, data: command.store(1n, 2n) }))
    expect(made.state.balance(A)).toBe(0n)
    expect(made.state.nonce(ALICE)).toBe(0n)
    expect(made.state.logs()).toEqual([])
    expect(made.state.refund()).toBe(0n)
    expect(made.state.root()).toEqual(before)
  })
  it('needs neither sender nor fee', () => {
    const output = outputOf(call(world(), { to: A, data: command.context() }))
    expect(output.slice(0, 20)).toEqual(new Uint8Array(20))
  })
  it('takes account of fees when a price is named', () => {
    const made = world()
    const priced = (message: CallMessage) => refusal(() => call(made, { from: ALICE, to: A, ...message }))
    expect(priced({ gasPrice: 9n })).toBe('max fee per gas less than block base fee: maxFeePerGas: 9, baseFee: 10')
    expect(priced({ maxFeePerGas: 20n, maxPriorityFeePerGas: 21n })).toMatch(/^max priority fee per gas higher than/)
    expect(priced({ gasPrice: 20n, maxFeePerGas: 20n })).toMatch(/^both gasPrice and/)
    expect(priced({ from: NOBODY, gasPrice: 10n, gas: 30_000n })).toBe(
      'insufficient funds for gas * price + value: have 0, want 300000',
    )
    expect(call(made, { from: ALICE, to: A, maxFeePerGas: 20n, data: command.account(ALICE) }).kind).toBe('success')
  })
  it('judges what a sender can pay by its cap, as sending does, whatever the block charges', () => {
    const made = world()
    const { block, config } = made
    const fees = { maxFeePerGas: 1_000n, maxPriorityFeePerGas: 0n }
    const to = address(0x5555n)
    const sent = { type: 2, chainId: config.chainId, nonce: 0n, to, value: 7n, data: new Uint8Array(0) } as const
    for (const balance of [0n, 6n, 21_000n * 10n + 7n, 21_000_006n, 21_000_007n]) {
      made.state.setBalance(NOBODY, balance)
      made.state.endTransaction()
      const signed = signTransaction(
        { ...sent, ...fees, gasLimit: 21_000n, accessList: [] },
        new Uint8Array(32).fill(7),
      )
      const account = { nonce: 0n, balance }
      const refused = checkTransaction(signed, account, block.baseFee, block.gasLimit, config.chainId)?.message ?? null
      expect(refused === null).toBe(balance === 21_000_007n)
      const message = { from: NOBODY, to, value: 7n, ...fees }
      if (refused === null) {
        expect(call(made, message).kind).toBe('success')
        expect(estimate(made, message)).toEqual({ kind: 'success', gas: 21_000n })
      } else {
        expect(refusal(() => call(made, message))).toBe(refused)
        expect(refusal(() => estimate(made, message))).toBe(refused)
        expect(refusal(() => call(made, { ...message, gas: 21_000n }))).toBe(refused)
      }
    }
  })
  it('says of a sender who can pay for a part that funds are what is missing', () => {
    const made = world()
    made.state.setBalance(NOBODY, 30_000n * 1_000n)
    made.state.endTransaction()
    const message = { from: NOBODY, to: A, maxFeePerGas: 1_000n, data: command.store(1n, 1n) }
    const needed = estimate(made, { ...message, maxFeePerGas: 0n })
    const gas = needed.kind === 'success' ? needed.gas : 0n
    expect(gas).toBeGreaterThan(30_000n)
    expect(refusal(() => estimate(made, message))).toBe(
      `insufficient funds for gas * price + value: have 30000000, want ${gas * 1_000n}`,
    )
    const ran = call(made, message)
    expect(ran.kind === 'failure' && ran.message).toMatch(
      /out of gas.*; it ran with 30000 gas, all that the sender can pay for at 1000 wei a gas$/,
    )
    made.state.setBalance(NOBODY, gas * 1_000n)
    made.state.endTransaction()
    expect(estimate(made, message)).toEqual(needed)
    // A call that fails for another reason fails for that.
    const trap = estimate(made, { ...message, data: command.trap() })
    expect(trap.kind === 'failure' && trap.message).toContain('unreachable')
  })
  it('refuses value that is not there and gas that is not enough', () => {
    const made = world()
    expect(refusal(() => call(made, { from: NOBODY, to: A, value: 1n }))).toBe(
      'insufficient funds for gas * price + value: have 0, want 1',
    )
    expect(refusal(() => call(made, { to: A, gas: 20_999n }))).toBe('intrinsic gas too low: have 20999, want 21000')
  })
  it('caps the gas', () => {
    const outcome = call(world(), { to: A, gas: 10n ** 15n, data: command.trap() })
    expect(outcome.gasUsed).toBe(50_000_000n)
  })
  it('takes the cap it is given, for calls without gas too, and says so when one fails', () => {
    const { state, block, config } = world()
    const capped = (message: CallMessage) => callMessage(state, message, block, config, [], 60_000n)
    const asked = capped({ to: A, gas: 10n ** 15n, data: command.loop() })
    expect(asked).toMatchObject({ kind: 'failure', gasUsed: 60_000n })
    expect(asked.kind === 'failure' && asked.message).toMatch(
      /; it ran with 60000 gas, .*callGasCap.* 1000000000000000$/,
    )
    expect(capped({ to: A, data: command.loop() })).toMatchObject({ gasUsed: 60_000n })
    const own = capped({ to: A, gas: 50_000n, data: command.loop() })
    expect(own.kind === 'failure' && own.message).not.toMatch(/callGasCap/)
  })
  it('shows reasons', () => {
    const data = fromHex(`0x08c379a0${'20'.padStart(64, '0')}${'03'.padStart(64, '0')}${'6261640000'.padEnd(64, '0')}`)
    expect(call(world(), { to: A, data: command.revert(data) })).toMatchObject({
      kind: 'revert',
      message: 'execution reverted: bad',
      output: data,
    })
  })
})

describe('overrides', () => {
  it('set balance, nonce and code', () => {
    const made = world()
    const overrides = [{ address: NOBODY, balance: 99n, nonce: 4n, code: PUPPET_CODE }]
    const output = outputOf(call(made, { from: NOBODY, to: NOBODY, data: command.account(NOBODY) }, overrides))
    expect(bytesToBigint(output.slice(0, 32))).toBe(99n)
    expect(made.state.exists(NOBODY)).toBe(false)
  })
  it('replace single slots, or the whole storage', () => {
    const made = world()
    made.state.setStorage(A, word(1n), word(11n))
    made.state.setStorage(A, word(2n), word(22n))
    made.state.endTransaction()
    const load = (key: bigint, override: Omit<StateOverride, 'address'>) =>
      bytesToBigint(outputOf(call(made, { to: A, data: command.load(key) }, [{ address: A, ...override }])))
    expect(load(1n, { stateDiff: [[word(1n), word(5n)]] })).toBe(5n)
    expect(load(2n, { stateDiff: [[word(1n), word(5n)]] })).toBe(22n)
    expect(load(1n, { state: [[word(1n), word(5n)]] })).toBe(5n)
    expect(load(2n, { state: [[word(1n), word(5n)]] })).toBe(0n)
    expect(load(2n, {})).toBe(22n)
    expect(bytesToBigint(made.state.storage(A, word(1n)))).toBe(11n)
  })
  it('let a replaced storage be written and undone', () => {
    const made = world()
    made.state.setStorage(A, word(2n), word(22n))
    made.state.endTransaction()
    const data = command.sequence(
      command.call('call', A, command.storeAndRevert(2n, 9n)),
      command.store(3n, 7n),
      command.call('call', A, command.load(2n)),
    )
    const overrides = [{ address: A, state: [] }]
    expect(bytesToBigint(outputOf(call(made, { to: A, data }, overrides)).slice(1))).toBe(0n)
  })
  it('count as the values at the start, for prices', () => {
    const made = world()
    const set = (override?: StateOverride) =>
      call(made, { to: A, data: command.store(1n, 9n) }, override === undefined ? [] : [override]).gasUsed
    expect(set() - set({ address: A, stateDiff: [[word(1n), word(5n)]] })).toBe(20_000n - 2_900n)
  })
})

describe('overrides no account can have', () => {
  it('are refused', () => {
    const bad = (override: StateOverride) => refusal(() => call(world(), { to: A }, [override]))
    expect(bad({ address: A, balance: 2n ** 256n })).toMatch(/balance over/)
    expect(bad({ address: A, nonce: 2n ** 64n })).toMatch(/nonce over/)
    expect(bad({ address: A.subarray(1) })).toMatch(/address of 19 bytes/)
    expect(bad({ address: A, stateDiff: [[word(1n), new Uint8Array(31)]] })).toMatch(/not 32 bytes/)
    const spent = refusal(() => call(world(), { from: B, to: A }, [{ address: B, nonce: 2n ** 64n - 1n }]))
    expect(spent).toMatch(/nonce has max value/)
  })
  it('are refused where the chain alone writes: the validators, whose record contracts of the chain read', () => {
    const made = world()
    const { state, block, config } = made
    const validators = { to: REGISTRY_ADDRESS, data: keccak256(new TextEncoder().encode('validators()')).slice(0, 4) }
    for (const slots of ['state', 'stateDiff']) {
      const overrides = [{ address: REGISTRY_ADDRESS, [slots]: [[word(0n), word(1n)] as const] }]
      for (const run of [
        () => call(made, validators, overrides),
        () => estimate(made, validators, overrides),
        () => createAccessList(state, validators, block, config, overrides),
        () => replaceInState(newWorld().state, overrides),
      ]) {
        expect(refusal(run)).toBe("state override with storage of the validator registry, which is the chain's own")
      }
    }
    expect(call(made, validators, [{ address: REGISTRY_ADDRESS, balance: 1n }]).kind).toBe('success')
  })
  it('do no harm where they barely fit', () => {
    const rich = [{ address: A, balance: 2n ** 256n - 1n }]
    expect(call(world(), { from: ALICE, to: A, value: 5n, data: command.account(A) }, rich)).toMatchObject({
      kind: 'success',
    })
  })
})

/** As relayers do, which are given gas to pass on. */
const REVERTS_WITH_LITTLE_GAS = `(module
  (import "vm_hooks" "evm_gas_left" (func $gas (result i64)))
  (memory (export "memory") 1)
  (func (export "user_entrypoint") (param i32) (result i32)
    (i64.lt_u (call $gas) (i64.const 500000))))`

describe('estimateGas', () => {
  const gasOf = (made: World, message: CallMessage): bigint => {
    const outcome = estimate(made, message)
    if (outcome.kind !== 'success') throw new Error(outcome.message)
    return outcome.gas
  }
  it('is 21000 for a transfer', () => {
    expect(gasOf(world(), { from: ALICE, to: NOBODY, value: 1n })).toBe(21_000n)
  })

  const messages: [string, CallMessage, number][] = [
    ['a store', { to: A, data: command.store(1n, 1n) }, 1],
    ['nested calls', { to: A, data: command.call('call', B, command.call('call', A, command.store(1n, 1n))) }, 5],
    // Its last store changes nothing, costs less than a store must find (EIP-2200), and not much comes after it.
    ['refunds', { to: A, data: command.sequence(command.store(1n, 1n), command.store(1n, 0n)) }, 1],
    ['a contract that asks for its gas', { to: A, data: command.sequence(command.gas(), command.load(1n)) }, 2],
    ['a creation', { to: null, data: encodeInitCode(PUPPET_CODE, word(1n)) }, 4],
    [
      'a creation in a call with value',
      { to: A, value: 3n, data: command.create(encodeInitCode(PUPPET_CODE, null), { value: 2n }) },
      4,
    ],
  ]
  for (const [name, message, runs] of messages) {
    it(`is enough for ${name} and at most 1.5 % too much, after ${runs} runs`, () => {
      const made = world()
      const counted = countRuns(made)
      const gas = gasOf(made, { from: ALICE, ...message })
      expect(counted()).toBe(runs)
      const complete = call(made, { from: ALICE, ...message })
      const output = outputOf(complete)
      const isComplete = (limit: bigint) => {
        const outcome = call(made, { from: ALICE, ...message, gas: limit })
        // The puppet answers nested calls that fail with a status.
        return outcome.kind === 'success' && equalBytes(outcome.output, output)
      }
      expect(isComplete(gas)).toBe(true)
      expect(gas).toBeGreaterThanOrEqual(complete.gasUsed)
      let [low, high] = [21_000n, gas]
      while (low + 1n < high) {
        const middle = (low + high) / 2n
        if (isComplete(middle)) high = middle
        else low = middle
      }
      expect(Number(gas - high) / Number(gas)).toBeLessThanOrEqual(runs === 1 ? 0 : 0.015)
    })
  }
  it('runs a transfer once', () => {
    const made = world()
    const counted = countRuns(made)
    gasOf(made, { from: ALICE, to: NOBODY, value: 1n })
    expect(counted()).toBe(1)
  })
  it('never goes below what the run with all gas spent, though less succeeds', () => {
    const made = world()
    // The nested call burns all it is given, and its caller carries on.
    const message = { from: ALICE, to: A, data: command.call('call', B, command.loop()), gas: 500_000n }
    expect(call(made, { ...message, gas: 100_000n }).kind).toBe('success')
    const counted = countRuns(made)
    const gas = gasOf(made, message)
    expect(gas).toBeGreaterThanOrEqual(call(made, message).gasUsed)
    expect(counted()).toBeLessThanOrEqual(3)
  })
  it('counts nested calls that fail: one that always does hides no other', () => {
    const made = world()
    // The gas each level keeps back is more than it needs after its call.
    const stores = command.sequence(...[1n, 2n, 3n, 4n, 5n].map((key) => command.store(key, 1n)))
    const steps = [command.call('call', B, command.trap(), { gas: 30_000n }), command.call('call', B, stores)]
    const message = { from: ALICE, to: A, data: command.sequence(...steps) }
    const all = call(made, message)
    // Less is a success as well, with nothing stored.
    const less = call(made, { ...message, gas: all.gasUsed })
    expect([outputOf(all)[0], outputOf(less)[0]]).toEqual([0, 2])
    expect(outputOf(call(made, { ...message, gas: gasOf(made, message) }))[0]).toBe(0)
  })
  it('counts nested calls that revert as those that fail', () => {
    const made = world()
    const C = made.place(address(0xccccn), packCode(watToWasm(REVERTS_WITH_LITTLE_GAS)))
    const message = { from: ALICE, to: A, data: command.call('call', C, Uint8Array.of(1)) }
    const all = call(made, message)
    const less = call(made, { ...message, gas: all.gasUsed + 100_000n })
    expect([outputOf(all)[0], outputOf(less)[0]]).toEqual([0, 2])
    expect(outputOf(call(made, { ...message, gas: gasOf(made, message) }))[0]).toBe(0)
  })
  it('stops at the bound of all attempts together, with a limit that suffices', () => {
    const made = world()
    // Each level keeps a 64th back, so that neither guess suffices.
    let data = command.store(1n, 1n)
    for (let depth = 0; depth < 40; depth++) data = command.call('call', depth % 2 === 0 ? A : B, data)
    const unbounded = call(made, { from: ALICE, to: A, data })
    const counted = countRuns(made)
    const estimated = (gasCap: bigint) => {
      const outcome = estimateGas(made.state, { from: ALICE, to: A, data }, made.block, made.config, [], gasCap)
      if (outcome.kind !== 'success') throw new Error(outcome.message)
      return outcome.gas
    }
    const close = estimated(30_000_000n)
    const needed = counted()
    const cap = (unbounded.gasUsed * 3n) / 2n
    const loose = estimated(cap)
    expect(counted() - needed).toBeLessThan(needed)
    expect(loose).toBeGreaterThan(close)
    expect(loose).toBeLessThanOrEqual(cap)
    expect(outputOf(call(made, { from: ALICE, to: A, data, gas: loose }))).toEqual(outputOf(unbounded))
  })
  it('says when a message fails for the gas cap of this node', () => {
    const { state, block, config } = world()
    const outcome = estimateGas(state, { to: A, data: command.loop() }, block, config, [], 100_000n)
    expect(outcome.kind === 'failure' && outcome.message).toMatch(
      /^out of gas: .*; it ran with 100000 gas, the most this node gives a call \(callGasCap\), and not with 30000000$/,
    )
  })
  it('gives the failure of what fails with any gas', () => {
    const made = world()
    expect(estimate(made, { to: A, data: command.revert(Uint8Array.of(1)) })).toMatchObject({
      kind: 'revert',
      output: Uint8Array.of(1),
    })
    const trapped = estimate(made, { to: A, data: command.trap() })
    expect(trapped.kind === 'failure' && trapped.message).toMatch(/unreachable/)
    const evm = estimate(made, { to: null, data: fromHex('0x6080604052') })
    expect(evm.kind === 'failure' && evm.message).toMatch(/This chain runs WebAssembly/)
  })
  it('does not go beyond the block or what the sender can pay', () => {
    const made = world()
    made.state.setBalance(NOBODY, 300_000n)
    made.state.endTransaction()
    // The run that nobody pays for, which looks whether more gas would do, ends at the cap.
    const message = { from: NOBODY, to: A, gasPrice: 10n, data: command.loop() }
    const poor = estimateGas(made.state, message, made.block, made.config, [], 1_000_000n)
    expect(poor).toMatchObject({ kind: 'failure', gasUsed: 30_000n })
    const greedy = estimate(made, { to: A, gas: 10n ** 12n, data: command.trap() })
    expect(greedy).toMatchObject({ kind: 'failure', gasUsed: 30_000_000n })
  })
  it('leaves the state as it was', () => {
    const made = world()
    const before = made.state.root()
    gasOf(made, { from: ALICE, to: A, value: 1n, data: concatBytes(command.store(1n, 1n)) })
    expect(made.state.root()).toEqual(before)
  })
})
