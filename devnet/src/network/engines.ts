/** Which engine runs contracts on which node. */
import type { NodeConfigJson } from '@touchstone/node'

/** `mixed`: the last node on the reference engine, the others compiled, so that every block is checked by both. */
export const networkEngines = ['mixed', 'compiled', 'reference'] as const
export type NetworkEngine = (typeof networkEngines)[number]

/** The engine of node `index`, counted from 1. A node alone has nobody to be compared with, so `mixed` means compiled. */
export function engineOfNode(engine: NetworkEngine, index: number, count: number): NodeConfigJson['engine'] {
  if (engine !== 'mixed') return engine
  return index === count && count > 1 ? 'reference' : 'compiled'
}
