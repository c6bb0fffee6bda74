/** Traces of executions: the tree says what happened, and listening changes neither outcome nor gas. */
import { describe, expect, it } from 'vitest'
import { concatBytes, keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import type { State } from '../../state/state.ts'
import { applyMessage } from '../applyMessage.ts'
import { createAddress } from '../contractAddress.ts'
import { encodeInitCode } from '../initCode.ts'
import { MAX_TRACE_STEPS } from '../limits.ts'
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

  it('is given up where it grows over its bounds', () => {
    const recorder = new Recorder(() => 0n)
    recorder.begin()
    const empty = new Uint8Array(0)
    const call = { name: 'x', args: empty, outs: empty, startInk: 0n, endInk: 0n }
    const log = { address: A, topics: [], data: concatBytes(call.args) }
    for (let i = 0; i < MAX_TRACE_STEPS; i++) recorder.log(log)
    expect(() => recorder.log(log)).toThrow(TraceTooLarge)
  })
})
