/** The members a contract has from its bases. */

import { parser } from './compiler.ts'
import type { ContractModel, FunctionModel } from './model.ts'

export function isAbstract({ node }: ContractModel): boolean {
  return (node.flags & (parser.CommonFlags['Abstract'] as number)) !== 0
}

/** A contract's functions by name, its own before those of its bases. */
export function allFunctions(contract: ContractModel): ReadonlyMap<string, FunctionModel> {
  const functions = new Map<string, FunctionModel>()
  for (const c of chainOf(contract)) {
    for (const model of c.functions) if (!functions.has(model.name)) functions.set(model.name, model)
  }
  return functions
}

/**
 * The nearest contract, going up, whose author wrote a constructor: what a derived one without its own takes. Of several
 * bases none is the one to take.
 */
export function constructorOwner(contract: ContractModel): ContractModel | null {
  const { constructorModel, joins, parents } = contract
  if (constructorModel !== null) return contract
  const [parent] = parents
  return joins || parent === undefined ? null : constructorOwner(parent)
}

/**
 * The bases, the most basic one first, whose constructors take nothing and are not run by another one's: they run by
 * themselves.
 */
export function constructedAlone(contract: ContractModel): readonly ContractModel[] {
  const run = chainOf(contract)
    .flatMap(({ constructorModel }) => constructorModel?.constructs ?? [])
    .map(({ owner }) => owner?.node)
  const begins = constructorOwner(contract)?.node
  return chainOf(contract)
    .filter(({ node, constructorModel }) => constructorModel !== null && node !== begins && !run.includes(node))
    .reverse()
}

/** The contract's line: itself, its base, the base's base and so on. */
export function chainOf(contract: ContractModel): readonly ContractModel[] {
  const chain: ContractModel[] = []
  for (let c: ContractModel | null = contract; c !== null; c = c.base) chain.push(c)
  return chain
}
