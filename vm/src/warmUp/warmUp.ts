import { type CompileOptions, compile } from '../compile.ts'
import { PRACTICE, practiceModule } from './practiceModule.ts'

/** After these a first call takes a quarter of its time; more of them gain little (docs/rationale/vm.md). */
const ROUNDS = 4
const FUNCTIONS = 8
const TURNS = 1
/** More than any round takes under any schedule. */
const FUEL = 10n ** 12n

/**
 * Runs a module of the VM's own some times, from its bytes on, one time for each value that is asked for: hosts read,
 * compile and learn about code when it runs, and so the first contract of a thread does not wait for that. The first time
 * takes as long as the first call of a contract, the others a few milliseconds. Nothing stays behind that changes what a
 * contract gives or costs, however many times there were.
 *
 * @throws what {@link compile} throws for its options, and what the host throws when it has no memory.
 *
 * @example
 * ```ts
 * import { warmUp } from '@touchstone/vm'
 *
 * const times = [...warmUp({ engine: 'interpreter' })]
 * times.length // => 4
 * ```
 */
export function* warmUp(options: CompileOptions = {}): Generator<void, void, void> {
  const bytes = practiceModule(FUNCTIONS)
  for (let i = 0; i < ROUNDS; i++) {
    const outcome = compile(bytes, options).instantiate({ fuel: FUEL }).invoke(PRACTICE, [TURNS])
    if (outcome.kind !== 'return') throw new Error('the module that the VM practises on failed')
    yield
  }
}
