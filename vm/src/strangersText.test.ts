/**
 * Whoever makes a module chooses the names in it. None of what the VM says of the module may be obeyed by a terminal, hide,
 * turn the order of the characters around it, make a line of its own, or be longer than a bound with a name.
 */
import { describe, expect, it } from 'vitest'
import { namedModule, watString } from '../test/nastyModule.ts'
import { MARK, NASTY, obeyed } from '../test/nastyText.ts'
import { watToWasm } from '../testing/wat.ts'
import { compile } from './compile.ts'
import { LinkError } from './engine/engine.ts'
import { AbiError, compileContract, inspectModule, ValidationError } from './index.ts'
import { DEBUG_NAME_LENGTH, SHOWN_NAMES } from './limits.ts'

const text = watString(NASTY)
const LONG = NASTY.repeat(50)
/** A name, and some words of ours around it; several names where a message lists them. */
const MOST_MESSAGE = SHOWN_NAMES * DEBUG_NAME_LENGTH * 2

function expectPlain(...shown: (string | null | undefined)[]): void {
  for (const message of shown) {
    expect(message).toContain(MARK)
    expect({ obeyed: obeyed(message!), message: JSON.stringify(message) }).toEqual({
      obeyed: [],
      message: JSON.stringify(message),
    })
    expect(message!.length).toBeLessThan(MOST_MESSAGE)
  }
}

function errorOf(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof ValidationError || error instanceof AbiError || error instanceof LinkError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Exports `user_entrypoint`, which does this. */
const contract = (body: string, rest = '') =>
  `(module ${rest} (memory (export "memory") 1) (func (export "user_entrypoint") (param i32) (result i32) ${body}))`

describe.each([NASTY, LONG])('names of %#', (name) => {
  it.each(['reference', 'compiled'] as const)('functions in a trap, on the %s engine', (engine) => {
    const bytes = namedModule('(module (func unreachable) (func (export "run") call 0))', [name, name])
    const outcome = compile(bytes, { engine }).instantiate({ fuel: 1_000_000n }).invoke('run', [])
    if (outcome.kind !== 'trap') throw new Error('it did not trap')
    expect(outcome.trap.frames).toHaveLength(2)
    expectPlain(outcome.trap.message, ...outcome.trap.frames.map(({ functionName }) => functionName))
    for (const { functionName } of outcome.trap.frames) {
      expect(functionName!.length).toBeLessThanOrEqual(DEBUG_NAME_LENGTH)
      expect(functionName).toMatch(/…$/)
    }
  })

  it.each([
    ['that decodes', [0x1a, 0x1a, 0x0b]],
    ['that does not', [0xff, 0x1a, 0x0b]],
  ])('functions in the refusal of a module %s', (_, code) => {
    const broken = replaced(namedModule(contract('i32.const 0'), [name]), [0x41, 0x00, 0x0b], code)
    const error = errorOf(() => compile(broken)) as ValidationError
    expectPlain(error.message, error.functionName)
  })
})

/** The bytes with the first run of `from` replaced. */
function replaced(bytes: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const at = bytes.findIndex((_, i) => from.every((byte, k) => bytes[i + k] === byte))
  expect(at).toBeGreaterThan(0)
  const copy = bytes.slice()
  copy.set(to, at)
  return copy
}

describe('names of imports and exports', () => {
  const imported = `(import ${text} ${text} (func))`

  it('in a trap', () => {
    const bytes = watToWasm(`(module ${imported} (func (export ${text}) unreachable))`)
    const program = compile(bytes)
    const call = { type: { params: [], results: [] }, call: () => undefined } as const
    const imports = { [NASTY.toWellFormed()]: { [NASTY.toWellFormed()]: call } }
    const outcome = program.instantiate({ imports, fuel: 1_000n }).invoke(NASTY.toWellFormed(), [])
    expectPlain(outcome.kind === 'trap' ? outcome.trap.message : null)
    expectPlain(errorOf(() => program.instantiate({ fuel: 1_000n })).message)
  })

  it('in a refusal', () => {
    const twice = watToWasm(`(module (func (export ${text})) (func (export ${text})))`)
    expectPlain(errorOf(() => compile(twice)).message)
  })

  it('when the module is no contract', () => {
    const modules = [
      `(module ${imported})`,
      `(module ${Array.from({ length: 9 }, (_, i) => `(func (export ${watString(i + NASTY)}))`).join('')})`,
      contract('i32.const 0', imported),
      contract('i32.const 0', `(import "vm_hooks" ${text} (func))`),
    ]
    for (const module of modules) expectPlain(errorOf(() => compileContract(watToWasm(module))).message)
  })
})

it('names in all that inspection says by itself', () => {
  const names = [NASTY, NASTY]
  const bytes = namedModule(
    `(module (import ${text} ${text} (func)) (func (export ${text}) f32.const 0 drop))`,
    names,
    NASTY,
  )
  const { refusal, problems, abi, sections, limits, functions } = inspectModule(bytes)
  expectPlain(
    refusal,
    abi.reason,
    ...problems.flatMap(({ problem, functionName }) => [problem, functionName].filter(isMarked)),
  )
  const inLists = [
    sections.map(({ name }) => name),
    limits.map(({ where }) => where),
    functions.map(({ name }) => name),
  ]
  for (const list of inLists) {
    expect(list.some(isMarked)).toBe(true)
    expectPlain(...list.filter(isMarked))
  }
})

function isMarked(shown: string | null): boolean {
  return shown?.includes(MARK) ?? false
}
