/** A contract's module, compiled anew on the reference engine so that what it executes can be heard. */
import { type CompileOptions, compile } from '../compile.ts'
import { ReferenceProgram } from '../engine/reference/program.ts'
import type { Contract } from '../host/compileContract.ts'

/** By the rules that the contract was compiled by. */
export function compileHeard(
  { abi, schedule }: Contract,
  module: Uint8Array,
  heard: Pick<CompileOptions, 'recorded' | 'stepped'>,
): ReferenceProgram {
  const program = compile(module, {
    ...{ engine: 'reference', ...heard, schedule, floats: abi.floats, exports: abi.exports },
    limits: { memoryPages: abi.maxPages },
  })
  if (program instanceof ReferenceProgram) return program
  throw new Error('another engine than the one that was asked for')
}
