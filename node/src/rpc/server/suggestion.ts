/** The name a caller most likely meant. */
import { editDistance } from '@touchstone/vm/edit-distance'

/** Names further away than this are no suggestion. */
const MAX_DISTANCE = 4
/** Longer input is not compared: the distance costs the product of both lengths. */
const MAX_NAME_LENGTH = 64

export function closestName(wanted: string, names: Iterable<string>): string | undefined {
  if (wanted.length > MAX_NAME_LENGTH) return undefined
  const lower = wanted.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.min(MAX_DISTANCE, wanted.length >> 1) + 1
  for (const name of names) {
    const distance = editDistance(lower, name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}
