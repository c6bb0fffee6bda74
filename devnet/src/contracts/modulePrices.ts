/** The cost of putting a module on the chain and of starting it, before it does anything: docs/protocol/gas.md. */
import { codeOf, initCodeOf, type ModuleReport } from '@touchstone/contracts'
import {
  CODE_DEPOSIT_BYTE_GAS,
  densityGas,
  frameGas,
  intrinsicGas,
  LOAD_ALLOWANCE,
  loadPrice,
  MODULE_BYTE_GAS,
  TRANSACTION_GAS,
  warmLoadPrice,
} from '@touchstone/node/code-formats'
import type { ModuleFile } from './moduleFile.ts'

export interface ModulePrices {
  /** Gas of the transaction that deploys it, beside what a constructor does and takes. */
  readonly deploying: bigint
  /** Gas of the transaction that calls it, before its first instruction, beside the call's data and memory. */
  readonly calling: {
    readonly transaction: bigint
    readonly loading: bigint
    /** In place of `loading`, where blocks used the code lately. */
    readonly warmLoading: bigint
    readonly starting: bigint
  }
}

/** Null for a module that cannot be deployed. */
export function modulePrices({ wasm, stored, initCode }: ModuleFile, report: ModuleReport): ModulePrices | null {
  const { startGas, loops, controlValues } = report
  if (!report.accepted || startGas === null || loops === null || controlValues === null) return null
  const code = stored ?? codeOf(wasm)
  const data = initCode ?? initCodeOf(code, 'store')
  const sizes = {
    storedBytes: code.length,
    moduleBytes: wasm.length,
    functions: report.functions.length,
    pages: report.memory?.min ?? 0,
    loops,
    controlValues,
  }
  const storing =
    CODE_DEPOSIT_BYTE_GAS * BigInt(code.length) + MODULE_BYTE_GAS * BigInt(wasm.length) + densityGas(sizes)
  return {
    deploying: intrinsicGas({ to: null, data }) + storing,
    calling: {
      transaction: TRANSACTION_GAS,
      loading: loadPrice(sizes, LOAD_ALLOWANCE).gas,
      warmLoading: warmLoadPrice(sizes, LOAD_ALLOWANCE).gas,
      starting: frameGas(BigInt(startGas), 0),
    },
  }
}
