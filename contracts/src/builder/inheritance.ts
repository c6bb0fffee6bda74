/** The members a contract has from its bases. */

import type { ContractModel, FunctionModel } from './model.ts'

/** A contract's functions by name, its own before those of its bases. */
export function allFunctions(contract: ContractModel): ReadonlyMap<string, FunctionModel> {
  const functions = new Map<string, FunctionModel>()
  for (const c of chainOf(contract)) {
    for (const model of c.functions) if (!functions.has(model.name)) functions.set(model.name, model)
  }
  return functions
}

/** The nearest contract, going up, whose author wrote a constructor: what a derived one without its own takes. */
export function constructorOwner(contract: ContractModel): ContractModel | null {
  return chainOf(contract).find((c) => c.constructorModel !== null) ?? null
}

/** The contract, its base, the base's base and so on. */
export function chainOf(contract: ContractModel): readonly ContractModel[] {
  const chain: ContractModel[] = []
  for (let c: ContractModel | null = contract; c !== null; c = c.base) chain.push(c)
  return chain
}
