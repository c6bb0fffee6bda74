/** The limits of a chaos run. */
import { MAX_NODE_COUNT } from '../network/limits.ts'

export const MAX_SEED = 2 ** 31
/** One place is left for the follower that joins (schedule.ts). */
export const MAX_VALIDATORS = MAX_NODE_COUNT - 1
