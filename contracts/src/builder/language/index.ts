/** The rules that make the compiler keep to what a contract says, as one transform of a compilation. */

import { installAmounts } from './amounts.ts'
import { installAssignments } from './assignments.ts'
import { installEquality } from './equality.ts'
import { around, type Finding, isAuthors, openSession, Session } from './hooks.ts'
import type { Program } from './internals.ts'
import { installLostWrites } from './lostWrites.ts'
import { installPlaces } from './places.ts'
import { installTruth } from './truth.ts'

export type { Finding } from './hooks.ts'

let installed = false

/** Puts the rules in, over whatever else stands in the compiler; does nothing when they are in. */
function install(): void {
  if (installed) return
  installed = true
  installPlace()
  installTruth()
  installEquality()
  installAmounts()
  installPlaces()
  installLostWrites()
  installAssignments()
}

export class LanguageRules {
  readonly #session = new Session()

  constructor() {
    install()
  }

  /** What is wrong with the author's source, once it is compiled. */
  get findings(): readonly Finding[] {
    return this.#session.findings
  }

  /** The compiler calls it before it compiles. */
  afterInitialize(program: unknown): void {
    openSession(program as Program, this.#session)
  }

  /** And before it optimises, which what is refused need not be. */
  afterCompile(): void {
    if (this.#session.hasFindings) throw new Error('the source is refused')
  }
}

/** Keeps the place in the author's files from which library code is compiled. */
function installPlace(): void {
  around('compileCallDirect', ({ session }, original, instance, args, at, ...rest) =>
    within(session, at, () => original(instance, args, at, ...rest)),
  )
  around('makeCallDirect', ({ session }, original, instance, operands, at, ...rest) =>
    within(session, at, () => original(instance, operands, at, ...rest)),
  )
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
