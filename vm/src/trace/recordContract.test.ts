/** Contracts that are recorded: what they do and cost is what it is without, and what is recorded is what they did. */
import { describe, expect, it } from 'vitest'
import { type CreateProgram, engineSuite } from '../../test/engineSuite.ts'
import { randomProgram } from '../../test/randomProgram.ts'
import { seededRandom } from '../../testing/random.ts'
import { watToWasm } from '../../testing/wat.ts'
import { decode } from '../binary/decode.ts'
import { WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import { compile } from '../compile.ts'
import { ReferenceProgram } from '../engine/reference/program.ts'
import { type Contract, compileContract } from '../host/compileContract.ts'
import { FakeEnvironment } from '../host/testing/fakeEnvironment.ts'
import { INK_PER_GAS } from '../host/vmHooks/ink.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { executableOf } from './executable.ts'
import { observeContract } from './observe.ts'
import { NodeRoom, ProfileNode } from './profileTree.ts'
import { type ContractRecorder, recordContract } from './recordContract.ts'
import { RecordedContract } from './recordedContract.ts'
import { type ExecutedLabel, RecordedFrame } from './recordedFrame.ts'

/** Recursion, a loop that a function begins with, a br_table, selects, tail calls, bulk memory, growth, host calls. */
const MODULE = watToWasm(
  `(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (memory (export "memory") 1 4)
  (type $pair (func (param i64 i64) (result i64)))
  (table 1 funcref)
  (elem (i32.const 0) $multiply)
  (func $multiply (param i64 i64) (result i64) (local i64 i64 i64) (i64.mul (local.get 0) (local.get 1)))
  (func $count (param $n i32) (result i32)
    (loop $next
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $n))
  (func $factorial (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n)) (then (i64.const 1))
      (else (i64.mul (local.get $n) (call $factorial (i64.sub (local.get $n) (i64.const 1)))))))
  (func $tail (param i64 i64) (result i64) (return_call_indirect (type $pair) (local.get 0) (local.get 1) (i32.const 0)))
  (func $word (param $n i32) (result i32)
    (block $two (block $one (block $zero
      (br_table $zero $one $two (local.get $n)))
      (return (i32.const 10)))
      (return (i32.const 11)))
    (i32.const 12))
  (func (export "user_entrypoint") (param $n i32) (result i32)
    (local $i i32)
    (call $read_args (i32.const 128))
    (drop (call $count (i32.const 5)))
    (i64.store (i32.const 256) (call $factorial (i64.const 6)))
    (i64.store (i32.const 264) (call $tail (i64.const 6) (i64.const 7)))
    (loop $each
      (i32.store8 (i32.add (i32.const 272) (local.get $i)) (call $word (local.get $i)))
      (i32.store8 (i32.add (i32.const 280) (local.get $i))
        (select (i32.const 1) (i32.const 2) (i32.and (local.get $i) (i32.const 1))))
      (br_if $each (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (memory.copy (i32.const 512) (i32.const 256) (i32.const 100))
    (drop (memory.grow (i32.const 1)))
    (call $load (i32.const 0) (i32.const 600))
    (if (i32.load8_u (i32.const 128)) (then unreachable))
    (call $write_result (i32.const 256) (i32.const 64))
    (i32.const 0)))`,
  { names: true },
)

/** An if, a br_if, a br_table and a select, each twice. */
const CHOICES = watToWasm(`(module (func (export "run") (param $n i32) (result i32)
  (loop $again
    (if (local.get $n) (then nop))
    (block $out (br_if $out (local.get $n)))
    (block $one (block $zero (br_table $zero $one (local.get $n))))
    (drop (select (i32.const 1) (i32.const 2) (local.get $n)))
    (br_if $again (i32.eqz (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (local.get $n)))`)
const CHOOSING = executableOf(CHOICES).choices.map(({ offset }) => offset)

const GAS = 400_000n
type Label = ExecutedLabel | { readonly kind: 'root' }

function ran({ program, abi, schedule }: Contract, gas: bigint, first: number) {
  const environment = new FakeEnvironment({ input: Uint8Array.of(first) })
  const outcome = abi.execute(program, environment, gas, schedule)
  return outcome.kind === 'failure' ? { kind: outcome.kind, code: outcome.trap.code } : outcome
}

const PLAIN = compileContract(MODULE)
/** Whoever hears the next frame. */
let listener: ContractRecorder<Label>
const RECORDED = recordContract<Label>(PLAIN, MODULE, {
  begin: (...frame) => listener.begin(...frame),
  start: (...frame) => listener.start(...frame),
})

function recorded(gas: bigint, first = 0, room = 1_000) {
  const root = new ProfileNode<Label>({ kind: 'root' }, null, new NodeRoom(room))
  const heard: { readonly contract: RecordedContract; readonly frame: RecordedFrame<Label> }[] = []
  let fuel = 0n
  listener = {
    begin(program) {
      const contract = new RecordedContract(program())
      heard.push({ contract, frame: new RecordedFrame(contract, root) })
      return heard[0]!.frame
    },
    start: (_frame, given) => {
      fuel = given
    },
  }
  const outcome = ran(RECORDED, gas, first)
  return { ...heard[0]!, outcome, root, fuel: Number(fuel) }
}

function nodesBelow(node: ProfileNode<Label>): ProfileNode<Label>[] {
  return [node, ...[...node.children].flatMap(nodesBelow)]
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/** `factorial > factorial  120`, as deep as it is. */
function paths(root: ProfileNode<Label>): string[] {
  const nameOf = ({ label }: ProfileNode<Label>) => {
    if (label.kind === 'host') return label.contract.importName(label.functionIndex)
    return label.kind === 'function' ? label.contract.functionName(label.functionIndex) : label.kind
  }
  const below = (node: ProfileNode<Label>, path: string): string[] =>
    [...node.children].flatMap((child) => {
      const here = path === '' ? `${nameOf(child)}` : `${path} > ${nameOf(child)}`
      return [here, ...below(child, here)]
    })
  return below(root, '')
}

describe('a contract that is recorded', () => {
  it.each([
    ['with enough gas', 0],
    ['that traps', 1],
  ])('does and costs what it does, %s', (_, first) => {
    const { outcome, frame, root, contract, fuel } = recorded(GAS, first)
    expect(outcome).toEqual(ran(PLAIN, GAS, first))
    expect(outcome.kind).toBe(first === 0 ? 'success' : 'failure')
    const nodes = nodesBelow(root)
    expect(sum(nodes.map(({ self }) => self))).toBe(frame.fuelUsed)
    expect(nodes.every(({ self }) => Number.isSafeInteger(self) && self >= 0)).toBe(true)
    const burnt = sum(nodes.flatMap(({ label, self }) => (label.kind === 'burnt' ? [self] : [])))
    expect(burnt > 0).toBe(first === 1)
    expect(sum(contract.places().map((place) => place.fuel)) + burnt).toBe(frame.fuelUsed)
    if ('gasLeft' in outcome) expect(BigInt(fuel - frame.fuelUsed) / INK_PER_GAS).toBe(outcome.gasLeft)
  })

  it('does the same wherever its gas ends', () => {
    let failures = 0
    for (let gas = 0n; gas < 12_000n; gas += 61n) {
      const { outcome, frame, root, fuel } = recorded(gas, 0)
      expect({ gas, outcome }).toEqual({ gas, outcome: ran(PLAIN, gas, 0) })
      if (outcome.kind === 'failure' && fuel > 0) {
        failures++
        expect({ gas, used: sum(nodesBelow(root).map(({ self }) => self)) }).toEqual({ gas, used: fuel })
        expect(frame.fuelUsed).toBe(fuel)
      }
    }
    expect(failures).toBeGreaterThan(20)
  })

  it('tells of each function the instruction of its caller that calls it, which a tail call is none of', () => {
    const { root, contract } = recorded(GAS)
    const { bodies, importedFunctions } = decode(MODULE, { floats: 'trap', limits: DEFAULT_LIMITS })
    const called: string[] = []
    for (const { label, parent } of nodesBelow(root)) {
      if (label.kind !== 'function') continue
      const name = contract.functionName(label.functionIndex)!
      if (parent?.label.kind !== 'function' || label.at === null) called.push(`${name} by nothing`)
      else {
        const { words, count } = bodies[parent.label.functionIndex - importedFunctions]!.code
        const at = Array.from({ length: count }, (_, i) => i * WORDS).find((one) => words[one + 1] === label.at)!
        called.push(`${name} by ${words[at] === OP.call && words[at + 2] === label.functionIndex}`)
      }
    }
    expect(called).toEqual([
      ...['user_entrypoint by nothing', 'count by true', ...Array(7).fill('factorial by true'), 'tail by true'],
      ...['multiply by nothing', 'word by true'],
    ])
  })

  it('shows who called whom', () => {
    expect(paths(recorded(GAS).root)).toEqual([
      'user_entrypoint',
      'user_entrypoint > read_args',
      'user_entrypoint > count',
      ...[1, 2, 3, 4, 5, 6, 7].map((depth) => `user_entrypoint${' > factorial'.repeat(depth)}`),
      'user_entrypoint > tail',
      'user_entrypoint > multiply',
      'user_entrypoint > word',
      'user_entrypoint > pay_for_memory_grow',
      'user_entrypoint > storage_load_bytes32',
      'user_entrypoint > write_result',
    ])
    expect(paths(recorded(GAS, 1).root)).toContain('user_entrypoint > burnt')
  })

  it('loses no fuel and counts no call at its caller where there is no room for nodes', () => {
    const { root, frame, outcome } = recorded(GAS, 0, 3)
    expect(outcome.kind).toBe('success')
    const nodes = nodesBelow(root)
    expect(nodes.map(({ calls }) => calls)).toEqual([0, 1, 1, 1])
    expect(sum(nodes.map(({ self }) => self))).toBe(frame.fuelUsed)
  })

  it('takes no function of another contract for one of its own where there is no room for its frame', () => {
    const node = new ProfileNode<Label>({ kind: 'root' }, null, new NodeRoom(1))
    const own = node.child(7, () => ({ kind: 'burnt' }))
    expect([own === node, node.child('CALL', () => ({ kind: 'burnt' }))]).toEqual([false, node])
    expect(node.called(7, () => ({ kind: 'burnt' }))).toBe(node)
    expect([own.calls, node.calls]).toEqual([0, 0])
  })

  it('ran each instruction as often as one that is told of each of them says', () => {
    const steps = new Map<number, number>()
    const observed = observeContract(PLAIN, MODULE, {
      ...{ enter() {}, leave() {}, note() {} },
      step(site, _value, _fuel, placeOf) {
        const { offset } = placeOf(site)
        steps.set(offset, (steps.get(offset) ?? 0) + 1)
      },
    })
    ran(observed, GAS, 0)
    const counts = new Map(
      recorded(GAS)
        .contract.places()
        .map(({ offset, count }) => [offset, count]),
    )
    expect(steps.size).toBeGreaterThan(30)
    for (const [offset, count] of steps) expect([offset, counts.get(offset)]).toEqual([offset, count])
  })

  it('counts the ways that each choice went', () => {
    const { contract } = recorded(GAS)
    const of = (name: string) =>
      contract.choices().filter(({ functionIndex }) => contract.functionName(functionIndex) === name)
    expect(of('count').map(({ ways }) => ways)).toEqual([[1, 4]])
    expect(of('factorial').map(({ ways }) => ways)).toEqual([[6, 1]])
    expect(of('word').map(({ ways }) => ways)).toEqual([[1, 1, 3]])
    // The select, the loop, and the condition of the trap.
    expect(of('user_entrypoint').map(({ ways }) => ways)).toEqual([
      [3, 2],
      [1, 4],
      [1, 0],
    ])
  })

  it('counts no way of an instruction that its fuel does not pay for', () => {
    const program = compile(CHOICES, { engine: 'reference', recorded: true })
    if (!(program instanceof ReferenceProgram)) throw new Error('no reference engine')
    const run = (fuel: bigint) => {
      const contract = new RecordedContract(program)
      const root = new ProfileNode<Label>({ kind: 'root' }, null, new NodeRoom(100))
      const recorder = new RecordedFrame(contract, root)
      return { contract, outcome: program.instantiate({ fuel, recorder }).invoke('run', [1]) }
    }
    const { fuelUsed } = run(2n ** 40n).outcome
    for (let fuel = 0n; fuel <= fuelUsed; fuel += 97n) {
      const { contract } = run(fuel)
      const counts = new Map(contract.places().map(({ offset, count }) => [offset, count]))
      const chosen = new Map(contract.choices().map(({ offset, ways }) => [offset, sum(ways)]))
      for (const offset of CHOOSING)
        expect({ fuel, offset, ways: chosen.get(offset) ?? 0 }).toEqual({ fuel, offset, ways: counts.get(offset) ?? 0 })
    }
  })
})

/** A program whose instances are heard. */
const heard: CreateProgram = (bytes, options) => {
  const program = compile(bytes, { ...options, engine: 'reference', recorded: true })
  if (!(program instanceof ReferenceProgram)) throw new Error('no reference engine')
  const { instantiate } = program
  return Object.assign(program, {
    instantiate(given = {}) {
      const root = new ProfileNode<Label>({ kind: 'root' }, null, new NodeRoom(100))
      return instantiate.call(program, { ...given, recorder: new RecordedFrame(new RecordedContract(program), root) })
    },
  })
}

describe('the reference engine that is recorded', () => {
  engineSuite(heard)

  it('does what it does otherwise, in random programs and wherever their fuel ends', () => {
    for (let seed = 0; seed < 20; seed++) {
      const bytes = watToWasm(randomProgram(seededRandom(seed)))
      const [plain, recorded] = [compile(bytes, { engine: 'reference' }), heard(bytes)]
      const { fuelUsed } = outcomeOf(plain, 2n ** 40n).outcome
      for (const fuel of [2n ** 40n, fuelUsed / 2n, fuelUsed > 0n ? fuelUsed - 1n : 0n])
        expect({ seed, fuel, ...outcomeOf(recorded, fuel) }).toEqual({ seed, fuel, ...outcomeOf(plain, fuel) })
    }
  })

  it('refuses to record on another engine', () => {
    expect(() => compile(MODULE, { recorded: true })).toThrow('the compiled engine records nothing')
  })
})

function outcomeOf(program: ReturnType<CreateProgram>, fuel: bigint) {
  const ticks: unknown[] = []
  const tick = {
    type: { params: ['i32', 'i64'], results: [] },
    call: (a: number, b: bigint) => void ticks.push(a, b),
  } as const
  const outcome = program.instantiate({ imports: { e: { tick } }, fuel }).invoke('run', [3, 5n])
  return { outcome, ticks }
}
