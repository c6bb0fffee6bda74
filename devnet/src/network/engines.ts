/** Which engine runs contracts on which node. */
import type { NodeConfigJson } from '@touchstone/node'
import { ENGINE_NAMES } from '@touchstone/node/engine-names'

/**
 * `mixed`: the last node on the reference engine, of three and more the one before it on the interpreter, the others
 * compiled, so that every block is checked by all.
 */
export const networkEngines = ['mixed', ...ENGINE_NAMES] as const
export type NetworkEngine = (typeof networkEngines)[number]

/** The engine of node `index`, counted from 1. A node alone has nobody to be compared with, so `mixed` means compiled. */
export function engineOfNode(engine: NetworkEngine, index: number, count: number): NodeConfigJson['engine'] {
  if (engine !== 'mixed') return engine
  if (index === count && count > 1) return 'reference'
  return index === count - 1 && count > 2 ? 'interpreter' : 'compiled'
}
