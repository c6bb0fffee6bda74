import { type CompileOptions, compile } from '../compile.ts'
import { InterpreterProgram } from '../engine/interpreter/program.ts'
import { practiceContract } from './practiceContract.ts'
import { PRACTICE, practiceModule } from './practiceModule.ts'

/** After these a first call takes a third of its time; the first four bring most of it (docs/rationale/vm.md). */
const ROUNDS = 20
const FUNCTIONS = 4
const TURNS = 1
/** More than any round takes under any schedule. */
const FUEL = 10n ** 12n

/**
 * Runs a module of the VM's own some times, from its bytes on, and prepares a contract that a compiler made, one time for
 * each value that is asked for: hosts read, compile and learn about code when it runs, and so the first contract of a thread
 * does not wait for that. The first time takes as long as the first call of a contract, the others a few milliseconds.
 * Nothing stays behind that changes what a contract gives or costs, however many times there were.
 *
 * @throws what {@link compile} throws for its options, and what the host throws when it has no memory.
 *
 * @example
 * ```ts
 * import { warmUp } from '@touchstone/vm'
 *
 * const times = [...warmUp({ engine: 'interpreter' })]
 * times.length // => 20
 * ```
 */
export function* warmUp(options: CompileOptions = {}): Generator<void, void, void> {
  const bytes = practiceModule(FUNCTIONS)
  const contract = practiceContract()
  for (let i = 0; i < ROUNDS; i++) {
    const outcome = compile(bytes, options).instantiate({ fuel: FUEL }).invoke(PRACTICE, [TURNS])
    if (outcome.kind !== 'return') throw new Error('the module that the VM practises on failed')
    const program = compile(contract, options)
    if (program instanceof InterpreterProgram) program.lowered.lowerAll()
    yield
  }
}
