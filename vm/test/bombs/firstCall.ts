import type { HostFunction, Outcome, Program } from '../../src/index.ts'

/** Instantiates a program, whatever functions it imports, and calls its export `run` if there is one, without arguments. */
export function firstCall(program: Program, fuel: bigint): Outcome | null {
  const imports: Record<string, Record<string, HostFunction>> = {}
  for (const { module, name, external } of program.module.imports) {
    if (external.kind !== 'function') throw new Error('only functions can be imported here')
    imports[module] ??= {}
    imports[module][name] = { type: external.type, call: () => undefined }
  }
  const instance = program.instantiate({ imports, fuel })
  const run = program.module.exports.find(({ name }) => name === 'run')
  const outcome = run === undefined ? null : instance.invoke('run', [])
  instance.release()
  return outcome
}
