/** The rules that make the compiler keep to what a contract says, and the transform that opens them for a compilation. */

import type { BinaryenModule } from '../compiler.ts'
import type { Diagnostic, Program, Range, Replacement } from '../internals.ts'
import { AMOUNT_RULES } from './amounts.ts'
import { ASSIGNMENT_RULES } from './assignments.ts'
import { CHECKED_INTEGER_RULES } from './checkedIntegers.ts'
import { EQUALITY_RULES } from './equality.ts'
import { FIXED_ARRAY_RULES } from './fixedArrays.ts'
import { around, type Finding, isAuthors, openSession, Session } from './hooks.ts'
import { decideLoops } from './keptPointers.ts'
import { LOOP_RULES } from './loops.ts'
import { LOST_WRITE_RULES } from './lostWrites.ts'
import { PLACE_RULES } from './places.ts'
import { REASON_RULES } from './reasons.ts'
import { TRUTH_RULES } from './truth.ts'
import { VALUE_RULES } from './values.ts'

export type { Finding } from './hooks.ts'

/** Keep the place in the author's files from which library code is compiled. */
const REPORTING_RULES: readonly Replacement[] = [
  around('compileCallDirect', ({ session }, original, instance, args, at, ...rest) =>
    within(session, at, () => original(instance, args, at, ...rest)),
  ),
  around('makeCallDirect', ({ session }, original, instance, operands, at, ...rest) =>
    within(session, at, () => original(instance, operands, at, ...rest)),
  ),
]

export const LANGUAGE_RULES: readonly Replacement[] = [
  ...REASON_RULES,
  ...REPORTING_RULES,
  ...TRUTH_RULES,
  ...EQUALITY_RULES,
  ...AMOUNT_RULES,
  ...PLACE_RULES,
  ...FIXED_ARRAY_RULES,
  ...LOST_WRITE_RULES,
  ...VALUE_RULES,
  ...ASSIGNMENT_RULES,
  ...CHECKED_INTEGER_RULES,
  // Around all: the statement at the beginning of a round is none of the author's.
  ...LOOP_RULES,
]

/** The language rules of one compilation, as a transform of it. */
export class LanguageSession {
  readonly #session = new Session()
  readonly #recordNames: ReadonlySet<string>

  /** @param recordNames the compiler's names of classes marked @struct, @returns, @event and @error */
  constructor(recordNames: ReadonlySet<string>) {
    this.#recordNames = recordNames
  }

  /** The mistakes of the author's source, once it is compiled. */
  get findings(): readonly Finding[] {
    return this.#session.findings
  }

  /** The author's expression for which the compiler was in the library where it found this; null when there is none. */
  askedFrom(diagnostic: Diagnostic): Range | null {
    return this.#session.placeOf(diagnostic)
  }

  /** The compiler calls it before it compiles. */
  afterInitialize(program: unknown): void {
    openSession(program as Program, this.#session)
  }

  /** And before it optimises, which what is refused need not be. */
  afterCompile(module: BinaryenModule): void {
    if (this.#session.hasFindings) throw new Error('the source is refused')
    decideLoops(module, this.#session, this.#recordNames)
  }
}

function within<T>(session: Session, at: Parameters<typeof isAuthors>[0], compile: () => T): T {
  const before = session.place
  if (isAuthors(at)) session.place = at
  try {
    return compile()
  } finally {
    session.place = before
  }
}
