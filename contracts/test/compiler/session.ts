/** Makes programs, builds them as contracts, runs them on the chain's VM and by the interpreter, and compares. */

import type { Hex } from 'viem'
import { compileProgram } from '../../src/builder/compileProgram.ts'
import { BuildError } from '../../src/builder/problem.ts'
import { readSdk } from '../../src/builder/sdk.ts'
import { describeFailure, TestChain, type TestContract } from '../testChain.ts'
import { generate } from './generate.ts'
import { interpret, type Outcome, type Storage, TooLong } from './interpret.ts'
import { entryOf, print } from './print.ts'
import type { Program } from './program.ts'

/** Programs in one contract: enough that the SDK, which is compiled with each, does not count. */
export const BATCH = 100

export interface Difference {
  readonly program: Program
  readonly input: readonly bigint[]
  readonly want: string
  readonly got: string
}

export interface Tally {
  programs: number
  runs: number
  /** Runs that reverted, as both say. */
  reverts: number
  /** Programs of too many steps, which are not run. */
  skipped: number
}

/** Runs the programs of seeds `first` to `first + count - 1` as one contract. */
export async function runBatch(first: number, count: number, tally: Tally): Promise<Difference | null> {
  const programs: { program: Program; wanted: Outcome[] }[] = []
  for (let seed = first; seed < first + count; seed++) {
    const program = generate(seed)
    const wanted = outcomes(program)
    if (wanted === null) tally.skipped++
    else programs.push({ program, wanted })
  }
  if (programs.length === 0) return null
  const contract = await build(programs.map(({ program }) => program))
  for (const { program, wanted } of programs) {
    for (const [i, input] of program.inputs.entries()) {
      const want = describe(wanted[i] as Outcome)
      const got = run(contract, program, input)
      tally.runs++
      if (want !== got) return { program, input, want, got }
      if (wanted[i]?.kind === 'revert') tally.reverts++
    }
    tally.programs++
  }
  return null
}

/** The interpreter's outcome for each input, one after the other; null for a program of too many steps. */
function outcomes(program: Program): Outcome[] | null {
  const storage: Storage = new Map()
  try {
    return program.inputs.map((input) => interpret(program, input, storage))
  } catch (error) {
    if (error instanceof TooLong) return null
    throw error
  }
}

async function build(programs: readonly Program[]): Promise<TestContract> {
  const text = print(programs)
  const path = 'assembly/index.ts'
  const { modules } = await compileProgram(path, (name) => (name === path ? text : null), readSdk()).catch(
    (error: unknown) => {
      throw error instanceof BuildError ? new Error(withLines(error, text)) : error
    },
  )
  const [module] = modules
  if (module === undefined) throw new Error('the programs are no contract')
  return new TestChain().deploy(module.artifact)
}

/** The generator made something that the build refuses. */
function withLines({ problems }: BuildError, text: string): string {
  const lines = text.split('\n')
  return problems.map(({ line, message }) => `${message}\n${lines[line - 1]}`).join('\n')
}

function run(contract: TestContract, program: Program, input: readonly bigint[]): string {
  const args = program.parameters.map(({ type }, i) => {
    const value = input[i] as bigint
    if (type === 'bool') return value !== 0n
    return ['u8', 'u16', 'u32', 'i8', 'i16', 'i32'].includes(type) ? Number(value) : value
  })
  const sent = contract.trySend(entryOf(program), args)
  if (sent.kind !== 'success') return describeFailure(contract.artifact, sent)
  return words(sent.output).slice(2).join(' ')
}

function describe(outcome: Outcome): string {
  return outcome.kind === 'success' ? outcome.values.join(' ') : outcome.reason
}

function words(data: Hex): bigint[] {
  return (data.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`))
}
