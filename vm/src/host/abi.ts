/**
 * A contract ABI: how a module's imports and exports map on the {@link Environment}. One ABI = one folder beside this
 * file; adding one touches nothing else but the list in detect.ts.
 */

import type { ModuleSummary } from '../binary/moduleSummary.ts'
import type { Program } from '../engine/engine.ts'
import type { Trap } from '../engine/trap.ts'
import type { Environment } from './environment.ts'

/** How a contract frame ended. Gas figures are whole gas; a frame's fuel is rounded against the contract. */
export type FrameOutcome =
  | { readonly kind: 'success'; readonly output: Uint8Array; readonly gasLeft: bigint }
  /** The contract chose to fail: its state changes are undone, the rest of its gas is kept. */
  | { readonly kind: 'revert'; readonly output: Uint8Array; readonly gasLeft: bigint }
  /** Trap or out of gas: state changes are undone and all gas is burnt. The trap is for people, not for consensus. */
  | { readonly kind: 'failure'; readonly trap: Trap }

export interface ContractAbi {
  /** Short lower-case name, as shown to people and used in schedules. */
  readonly id: string
  /** Whether this ABI claims the module. Looks at imports and exports only. */
  detects(module: ModuleSummary): boolean
  /** Name of the instruction schedule its contracts are priced by. */
  readonly schedule: string
  readonly floats: 'reject' | 'trap'
  /** Most pages a memory may have. */
  readonly maxPages: number
  /** The exports it uses, the memory apart: instances of its contracts offer no others. */
  readonly exports: readonly string[]
  /**
   * Checks exports, import names and signatures, and what the schedule of that name asks for.
   * @throws AbiError naming the import or export and what is allowed.
   */
  check(module: ModuleSummary, schedule: string): void
  /** Everything {@link check} has against the module; the error it throws comes first. For people. */
  problems(module: ModuleSummary, schedule: string): readonly AbiError[]
  /**
   * Runs one frame. The program was compiled with this ABI's float policy and page limit, and with `schedule`, which
   * names the prices of the host functions too.
   */
  execute(program: Program, environment: Environment, gas: bigint, schedule: string): FrameOutcome
}

export type AbiErrorCode =
  | 'unknown-abi'
  /** A contract for another system, which is named. */
  | 'foreign-abi'
  | 'missing-export'
  | 'missing-import'
  | 'wrong-export'
  | 'unknown-import'
  | 'wrong-import-type'
  | 'start-section'
  | 'memory'

/** The module is valid WebAssembly but not a contract of the ABI. The author is to blame; `hint` says what to do. */
export class AbiError extends Error {
  override readonly name = 'AbiError'
  readonly code: AbiErrorCode
  readonly hint: string
  constructor(code: AbiErrorCode, message: string, hint: string) {
    super(`${message} (${hint})`)
    this.code = code
    this.hint = hint
  }
}
