/** Contracts that are stepped over: they do and cost what they do without, and what is seen of them is what they do. */
import { describe, expect, it } from 'vitest'
import { randomProgram } from '../../test/randomProgram.ts'
import { seededRandom } from '../../testing/random.ts'
import { watToWasm } from '../../testing/wat.ts'
import { compile } from '../compile.ts'
import { ReferenceProgram } from '../engine/reference/program.ts'
import { type Contract, compileContract } from '../host/compileContract.ts'
import { FakeEnvironment } from '../host/testing/fakeEnvironment.ts'
import { stepContract } from './stepContract.ts'
import { SteppedCode } from './steppedCode.ts'
import { SteppedFrame } from './steppedFrame.ts'

const MODULE = watToWasm(
  `(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (memory (export "memory") 1 1)
  (global $g (mut i64) (i64.const -9))
  (type $pair (func (param i64 i64) (result i64)))
  (table 1 funcref)
  (elem (i32.const 0) $multiply)
  (func $multiply (param $left i64) (param $right i64) (result i64) (local $product i64)
    (local.set $product (i64.mul (local.get $left) (local.get $right)))
    (local.get $product))
  (func $factorial (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n)) (then (i64.const 1))
      (else (call $multiply (local.get $n) (call $factorial (i64.sub (local.get $n) (i64.const 1)))))))
  (func $tail (param i64 i64) (result i64) (return_call_indirect (type $pair) (local.get 0) (local.get 1) (i32.const 0)))
  (func (export "user_entrypoint") (param $size i32) (result i32)
    (call $read_args (i32.const 128))
    (global.set $g (call $factorial (i64.const 3)))
    (i64.store (i32.const 256) (call $tail (global.get $g) (i64.const 0x100000001)))
    (drop (i32.div_u (i32.const 7) (i32.load8_u (i32.const 128))))
    (call $write_result (i32.const 256) (i32.const 8))
    (i32.const 0)))`,
  { names: true },
)
const PLAIN = compileContract(MODULE)
const GAS = 400_000n

let onStep: (frame: SteppedFrame) => void = () => {}
const clock = { steps: 0, next: 0 }
const STEPPED = stepContract(PLAIN, MODULE, (code) => new SteppedFrame(code, clock, (frame) => onStep(frame)))

function ran({ program, abi, schedule }: Contract, gas: bigint, first: number) {
  const environment = new FakeEnvironment({ input: Uint8Array.of(first) })
  const outcome = abi.execute(program, environment, gas, schedule)
  return outcome.kind === 'failure' ? { kind: outcome.kind, code: outcome.trap.code } : outcome
}

/** `next`: the first step that is told; all from there on. */
function stepped(first = 1, gas = GAS, next = 0, looks = true) {
  clock.steps = 0
  clock.next = next
  const told: { readonly step: number; readonly text: string; readonly frame: SteppedFrame }[] = []
  const seen: ReturnType<SteppedFrame['functions']>[] = []
  onStep = (frame) => {
    if (!looks) return
    told.push({ step: clock.steps, text: frame.code.textAt(frame.position), frame })
    seen.push(frame.functions())
  }
  const outcome = ran(STEPPED, gas, first)
  return { outcome, told, seen, steps: clock.steps }
}

describe('a contract that is stepped over', () => {
  it('does and costs what it does, wherever its gas ends', () => {
    const kinds = new Set<string>()
    for (const first of [0, 1]) {
      for (let gas = 0n; gas < 12_000n; gas += 151n) {
        for (const next of [0, 2 ** 50]) {
          const { outcome } = stepped(first, gas, next, false)
          expect({ first, gas, next, outcome }).toEqual({ first, gas, next, outcome: ran(PLAIN, gas, first) })
          kinds.add(outcome.kind === 'failure' ? outcome.code : outcome.kind)
        }
      }
    }
    expect([...kinds].sort()).toEqual(['integer-divide-by-zero', 'out-of-gas', 'success'])
  })

  it('is told of each instruction once, or of those from a step on, and always of calls that may leave it', () => {
    const whole = stepped()
    expect(whole.told.map(({ step }) => step)).toEqual(Array.from({ length: whole.steps }, (_, i) => i + 1))
    const late = stepped(1, GAS, whole.steps - 2)
    expect(late.told.map(({ step, text }) => [step, text])).toEqual([
      [2, 'call 0'],
      ...whole.told.filter(({ text }) => text.startsWith('return_call_indirect')).map(({ step, text }) => [step, text]),
      ...whole.told.filter(({ text }) => text === 'call 1').map(({ step, text }) => [step, text]),
      ...whole.told.slice(-2).map(({ step, text }) => [step, text]),
    ])
  })

  it('shows the call stack with the values of each function, where they are called and types are known', () => {
    const { told, seen } = stepped()
    const at = told.findIndex(({ text }) => text === 'i64.mul')
    const { code } = told[at]!.frame
    const words = seen[at]!.map(({ functionIndex, position, locals, operands }) => [
      code.functionName(functionIndex),
      code.textAt(position),
      locals.map(({ type, value }) => `${type} ${value}`),
      operands.map(({ type, value }) => `${type} ${value}`),
    ])
    const waiting = (n: number) => ['factorial', 'call 3', [`i64 ${n}`], [`i64 ${n}`]]
    expect(words).toEqual([
      ['multiply', 'i64.mul', ['i64 1', 'i64 1', 'i64 0'], ['i64 1', 'i64 1']],
      ['factorial', 'call 2', ['i64 1'], []],
      waiting(2),
      waiting(3),
      ['user_entrypoint', 'call 3', ['i32 1'], []],
    ])
    const last = told.at(-1)!.frame
    expect(last.globals()).toEqual([{ type: 'i64', value: 6n }])
    expect(last.memory!.read(256, 8)).toEqual(Uint8Array.of(6, 0, 0, 0, 6, 0, 0, 0))
    expect(code.localName(2, 2)).toBe('product')
  })

  it('has the operands of a trap at its last step', () => {
    const { outcome, told, seen, steps } = stepped(0)
    expect(outcome).toEqual({ kind: 'failure', code: 'integer-divide-by-zero' })
    expect([told.at(-1)!.step, told.at(-1)!.text]).toEqual([steps, 'i32.div_u'])
    expect(seen.at(-1)![0]!.operands).toEqual([
      { type: 'i32', value: 7 },
      { type: 'i32', value: 0 },
    ])
  })

  it('is told of what is watched, wherever it is', () => {
    const { told } = stepped()
    const { code } = told[0]!.frame
    const multiplications = told.filter(({ text }) => text === 'i64.mul')
    code.watch([[...code.positions()].find((at) => code.textAt(at) === 'i64.mul')!])
    const watched = stepped(1, GAS, 2 ** 50).told.filter(({ text }) => text === 'i64.mul')
    code.watch([])
    expect(watched.map(({ step }) => step)).toEqual(multiplications.map(({ step }) => step))
    expect(watched.length).toBe(4)
    expect(stepped(1, GAS, 2 ** 50).told.filter(({ text }) => text === 'i64.mul')).toEqual([])
  })
})

it('random programs do the same, and every operand has a type', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed)
    const bytes = watToWasm(randomProgram(random))
    const args = [random.below(2 ** 32) | 0, BigInt(random.below(2 ** 32))] as const
    const run = (program: ReferenceProgram, stepper?: SteppedFrame) => {
      const ticks: unknown[] = []
      const tick = {
        type: { params: ['i32', 'i64'], results: [] },
        call: (...all: unknown[]) => void ticks.push(...all.slice(0, 2)),
      } as const
      const instance = program.instantiate({
        imports: { e: { tick } },
        fuel: 2n ** 40n,
        ...(stepper ? { stepper } : {}),
      })
      const outcome = instance.invoke('run', args)
      return { outcome: outcome.kind === 'trap' ? outcome.trap.code : outcome, ticks, fuel: instance.fuelLeft() }
    }
    const code = new SteppedCode(compile(bytes, { engine: 'reference', stepped: true }) as ReferenceProgram)
    let untyped = 0
    const stepper = new SteppedFrame(code, { steps: 0, next: 0 }, (frame) => {
      if (frame.clock.steps % 101 !== 0) return
      for (const { operands } of frame.functions(0, 2)) untyped += operands.filter(({ type }) => type === null).length
    })
    const plain = compile(bytes, { engine: 'reference' })
    if (!(plain instanceof ReferenceProgram)) throw new Error('another engine')
    expect({ seed, ...run(code.program, stepper), untyped }).toEqual({ seed, ...run(plain), untyped: 0 })
  }
})
