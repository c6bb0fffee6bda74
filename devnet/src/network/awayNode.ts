/** A node that was asked for and does not run: said at once, as a paused one would be waited for in vain. */
import { CliError } from '../output/errors.ts'
import { absence } from './agreement.ts'
import type { ReadyNode } from './readyFile.ts'

/** @throws CliError */
export function requireRunning(node: Pick<ReadyNode, 'index' | 'state'>): void {
  const away = absence(node)
  if (away === null) return
  const { index, state } = node
  const mend = state === 'paused' ? `devnet node resume ${index} lets it go on` : `devnet node start ${index} starts it`
  throw new CliError(
    `node ${index} does not answer: it is ${state === 'ended' ? 'gone, as it has ended by itself' : away}`,
    {
      hint: `${mend}; or ask another node with --node N`,
      kind: 'unreachable',
    },
  )
}
