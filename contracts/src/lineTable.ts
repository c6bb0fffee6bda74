/** Where the instructions of a module come from: a source map, DWARF, or anything else that tells lines of byte offsets. */
import type { StoppedMachine } from './dwarf/debugLocations.ts'
import type { SourceVariable } from './dwarf/debugValues.ts'
import type { NamedLocal } from './localNames.ts'
import type { SourcePlace } from './sourceMap.ts'

export interface LineTable {
  /** Of the instruction at a byte offset in the deployed module; null where nothing is known. */
  at(offset: number): SourcePlace | null
  /** Null of files whose text is not known, which an author does not step through. */
  textOf(file: string): string | null
  readonly sources: readonly string[]
  /** Where the module itself has no names; null of those that nothing names. */
  functionName?(functionIndex: number): string | null
  /** The author's variables that are certain, by local, before the instruction at an offset, which comes from a line. */
  localsAt?(functionIndex: number, offset: number, place: SourcePlace): ReadonlyMap<number, readonly NamedLocal[]>
  /** The author's variables whose scope a line is in, wherever they are. */
  scopeAt?(place: SourcePlace): readonly NamedLocal[]
  /** Variables in scope before the instruction at an offset, read from the machine that is stopped there. */
  variablesAt?(offset: number, machine: StoppedMachine): readonly SourceVariable[]
  /** Functions that are inlined there, the innermost first. */
  inlinedAt?(offset: number): readonly string[]
}
