/** Programs by number, for finding the program of a frame of the host's call stack. Keeps no program alive. */
import type { CompiledProgram } from './program.ts'

const programs = new Map<number, WeakRef<CompiledProgram>>()
const forgotten = new FinalizationRegistry((number: number) => programs.delete(number))
let lastNumber = 0

export function numberProgram(program: CompiledProgram): number {
  const number = ++lastNumber
  programs.set(number, new WeakRef(program))
  forgotten.register(program, number)
  return number
}

export function programByNumber(number: number): CompiledProgram | undefined {
  return programs.get(number)?.deref()
}
