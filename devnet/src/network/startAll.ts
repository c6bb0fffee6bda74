/** In which order the nodes of a network start. */
import { availableParallelism } from 'node:os'
import type { NodeSlot } from './nodeSlot.ts'

/** A node that starts has two threads at work. */
const PROCESSORS_OF_A_START = 2

/**
 * All at once where each has processors for itself. Elsewhere the first answers before the others begin: at once it would
 * answer as late as the last, which is no sooner for that. If it does not start, they do not begin.
 * @param isNew as for NodeSlot.start
 * @returns how the starts ended that were begun, the first slot's first
 */
export async function startAll(
  slots: readonly Pick<NodeSlot, 'start'>[],
  isNew: boolean,
  processors = availableParallelism(),
): Promise<PromiseSettledResult<void>[]> {
  const [first, ...others] = slots
  if (first === undefined) return []
  const { promise: answers, resolve: tell } = Promise.withResolvers<boolean>()
  const starting = first.start(isNew, () => tell(true))
  starting.then(
    () => tell(true),
    () => tell(false),
  )
  const isFirstAlone = slots.length * PROCESSORS_OF_A_START > processors
  if (isFirstAlone && !(await answers)) return Promise.allSettled([starting])
  return Promise.allSettled([starting, ...others.map((slot) => slot.start(isNew))])
}
