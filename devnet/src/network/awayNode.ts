/**
 * A network, or a node of one, that was asked for and does not run: said at once, as a paused one would be waited for
 * in vain.
 */
import { type CliError, unreachableError } from '../output/errors.ts'
import { absence } from './agreement.ts'
import type { NetworkPaths } from './paths.ts'
import type { ReadyNode } from './readyFile.ts'

/** For commands that know a network by its folder only. */
export function noNetwork(paths: NetworkPaths, cause?: Error): CliError {
  const hint = 'start one with npm start, or name its folder with --data DIR'
  return unreachableError(`no network runs in ${paths.root}`, hint, cause)
}

/** @throws CliError */
export function requireRunning(node: Pick<ReadyNode, 'index' | 'state'>): void {
  const away = absence(node)
  if (away === null) return
  const { index, state } = node
  const mend = state === 'paused' ? `devnet node resume ${index} lets it go on` : `devnet node start ${index} starts it`
  throw unreachableError(
    `node ${index} does not answer: it is ${state === 'ended' ? 'gone, as it has ended by itself' : away}`,
    `${mend}; or ask another node with --node N`,
  )
}
