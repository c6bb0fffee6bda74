/** The facts that the rewriting of a body needs, and where the rewritten body stands (rewriteBody.ts). */
import type { Module } from '../../binary/module.ts'
import type { Schedule } from '../../metering/schedule.ts'
import type { Signatures } from './signatures.ts'
import type { TableContents } from './tableContents.ts'

/** Indices of the globals a rewritten module has on top of the original ones. */
export interface CounterGlobals {
  readonly fuel: number
  readonly stack: number
  /** Why the last trap happened that was put in (codeWriter.ts). */
  readonly reason: number
  /** Index of the last call through a table, where nothing else tells why it fails (tableContents.ts). */
  readonly lastElement: number
  /** Number of the instance that runs, number of calls across instances under way, and the instance's own number. */
  readonly inside: number
  readonly crossings: number
  readonly identity: number
  /** How far the indices of defined globals move. */
  readonly shift: number
}

/** The facts of the whole module that the rewriting of bodies needs. */
export interface RewriteContext {
  readonly module: Module
  readonly schedule: Schedule
  readonly signatures: Signatures
  readonly globals: CounterGlobals
  readonly addressTaken: Uint8Array
  /** Per function defined in the module. */
  readonly carriesFuel: Uint8Array
  readonly carriesStack: Uint8Array
  readonly counted: Uint8Array
  /** 1 where the host may put the function in place of a call. */
  readonly small: Uint8Array
  /** Stack bytes of the function itself where it is counted, else 0. */
  readonly ownStack: Int32Array
  readonly tables: TableContents
  /** Functions that stand for others in tables. */
  readonly standIns: ReadonlyMap<number, number>
  /** Index of the imported function that is called before memory.grow; -1 for none (metering/charges.ts). */
  readonly growthImport: number
  /** Largest size of the module's own memory; null when it imports one. */
  readonly memoryCap: number | null
  /** Largest size of each table; null for imported ones. */
  readonly tableCaps: readonly (number | null)[]
}

/** Where a body stands in what a {@link BodyRewriter} has written, since bodies are not written in their order. */
export interface RewrittenBody {
  readonly localsFrom: number
  readonly localsTo: number
  readonly codeFrom: number
  readonly codeTo: number
  /** Its part of the writer's origins. */
  readonly originsFrom: number
  readonly originsTo: number
}
