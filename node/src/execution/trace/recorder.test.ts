/** Traces of executions: the tree says what happened, and listening changes neither outcome nor gas. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import type { State } from '../../state/state.ts'
import { applyMessage } from '../applyMessage.ts'
import { createAddress } from '../contractAddress.ts'
import { encodeInitCode } from '../initCode.ts'
import { MAX_TRACE_BYTES, MAX_TRACE_VALUES } from '../limits.ts'
import { ALICE, address, command, newWorld, PUPPET_CODE, type World, word } from '../testing/puppet.ts'
import type { TracedFrame } from './callTree.ts'
import { Listening } from './listening.ts'
import { Recorder, TraceTooLarge } from './recorder.ts'
import { TracedState } from './tracedState.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)

function traced(world: World, to: Uint8Array, data: Uint8Array, hostCalls = true, value = 0n) {
  const outer = { from: ALICE, to, value, data, accessList: [], gasLimit: 5_000_000n, gasPrice: 0n }
  const run = (state: State, config: World['config']) => {
    const checkpoint = world.state.checkpoint()
    try {
      return applyMessage(state, outer, world.block, config)
    } finally {
      world.state.revert(checkpoint)
    }
  }
  const plain = run(world.state, world.config)
  const listening = new Listening(world.state, (onLog) => new TracedState(world.state, onLog), world.config, {
    hostCalls,
    state: true,
  })
  listening.begin()
  const applied = run(listening.state, listening.config)
  const { root, state } = listening.take()
  expect(applied).toEqual(plain)
  return { root: root!, touched: state!.before }
}

/** A frame in a line for each step, inner frames indented. */
function lines(frame: TracedFrame, indent = ''): string[] {
  const head = `${indent}${frame.kind} ${toHex(frame.to).slice(-4)} ${frame.error?.message ?? 'ok'}`
  return [
    head,
    ...frame.steps.flatMap((step) => {
      if (step.kind === 'frame') return lines(step.frame, `${indent}  `)
      return [`${indent}  ${step.kind === 'host' ? step.call.name : `log ${keyOf(step.log.data)}`}`]
    }),
  ]
}

describe('a trace', () => {
  it('is the tree of frames, with what each asked of the host in its order', () => {
    const world = newWorld()
    world.place(A)
    world.place(B)
    const { root } = traced(
      world,
      A,
      command.sequence(
        command.call('staticcall', B, command.load(1n)),
        command.log([5n], Uint8Array.of(1, 2)),
        command.call('delegatecall', B, command.revert(Uint8Array.of(9))),
        command.create(encodeInitCode(PUPPET_CODE, word(3n))),
      ),
    )
    const created = toHex(createAddress(A, 1n)).slice(-4)
    expect(lines(root)).toEqual([
      'CALL aaaa ok',
      ...['  user_entrypoint', '  read_args'],
      ...[
        '  STATICCALL bbbb ok',
        '    user_entrypoint',
        '    read_args',
        '    storage_load_bytes32',
        '    write_result',
      ],
      ...['    user_returned', '  static_call_contract', '  return_data_size', '  read_return_data'],
      ...['  log 0102', '  emit_log'],
      ...['  DELEGATECALL bbbb execution reverted', '    user_entrypoint', '    read_args', '    write_result'],
      ...['    user_returned', '  delegate_call_contract', '  return_data_size', '  read_return_data'],
      ...[
        `  CREATE ${created} ok`,
        '    user_entrypoint',
        '    read_args',
        '    storage_cache_bytes32',
        '    msg_value',
      ],
      ...['    storage_cache_bytes32', '    storage_flush_cache', '    write_result', '    user_returned', '  create1'],
      ...['  return_data_size', '  read_return_data', '  write_result', '  user_returned'],
    ])
    const [callee] = root.steps.flatMap((step) => (step.kind === 'frame' ? [step.frame] : []))
    expect(callee).toMatchObject({ from: A, to: B, input: command.load(1n), output: word(0n), value: 0n })
    expect(callee!.gasUsed).toBeLessThan(callee!.gas)
  })

  it('has no host calls where nobody asked for them', () => {
    const world = newWorld()
    world.place(A)
    world.place(B)
    const { root } = traced(world, A, command.call('call', B, command.trap()), false)
    expect(lines(root)).toEqual(['CALL aaaa ok', expect.stringMatching(/^ {2}CALL bbbb unreachable/)])
  })

  it('remembers what was touched as it was before', () => {
    const world = newWorld()
    world.place(A)
    world.state.setStorage(A, word(1n), word(7n))
    world.state.endTransaction()
    const { touched } = traced(world, A, command.sequence(command.store(1n, 8n), command.store(2n, 9n)), false, 5n)
    const of = (who: Uint8Array) => touched.find((account) => keyOf(account.address) === keyOf(who))
    expect(of(A)).toMatchObject({ balance: 0n, nonce: 1n, code: PUPPET_CODE })
    expect(of(A)!.storage).toEqual([
      [word(1n), word(7n)],
      [word(2n), word(0n)],
    ])
    expect(of(ALICE)).toMatchObject({ balance: 10n ** 21n, nonce: 0n })
  })

  it('calls a call a call, also inside a static one', () => {
    const world = newWorld()
    world.place(A)
    world.place(B)
    const inner = command.call('call', A, command.load(1n))
    const { root } = traced(world, A, command.call('staticcall', B, inner), false)
    expect(lines(root)).toEqual(['CALL aaaa ok', '  STATICCALL bbbb ok', '    CALL aaaa ok'])
  })

  it('has no words in an error that a terminal would obey', () => {
    const recorder = new Recorder(() => 0n)
    recorder.begin()
    const none = new Uint8Array(0)
    const accounts = { caller: ALICE, self: A, codeAddress: A } as const
    recorder.enterMessage({ ...accounts, kind: 'call', value: 0n, input: none, gas: 1n, isStatic: false, depth: 0 })
    recorder.leave({ kind: 'failure', output: none, gasLeft: 0n, reason: 'no export \u001b[31m' })
    expect(recorder.take()!.error!.message).toBe('no export \\u{1b}[31m')
  })

  it('is given up where it grows over its bounds', () => {
    const recorder = new Recorder(() => 0n)
    recorder.begin()
    const log = { address: A, topics: [word(1n), word(2n)], data: new Uint8Array(0) }
    for (let i = 0; i < MAX_TRACE_VALUES / 4; i++) recorder.log(log)
    expect(() => recorder.log(log)).toThrow(TraceTooLarge)
  })

  it('is given up where the accounts of all its transactions together have too much code', () => {
    const world = newWorld()
    world.place(A, new Uint8Array(MAX_TRACE_BYTES / 32))
    const state = new TracedState(world.state, () => {})
    for (let transaction = 0; transaction < 32; transaction++) {
      state.begin(true)
      state.balance(A)
      expect(state.take()!.before.length).toBe(1)
    }
    state.begin(true)
    expect(() => state.balance(A)).toThrow(TraceTooLarge)
  })
})
