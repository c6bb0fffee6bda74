/** The validators that have to decide, where these are no longer the nodes that began as such. */
import { ask } from './nodeRpc.ts'
import type { ReadyNode } from './readyFile.ts'

const ANSWER_TIMEOUT_MS = 5_000

export interface Voter {
  /** 0x and 64 hex digits. */
  readonly publicKey: string
  readonly power: bigint
}

/** The validators of the height that a node decides, or last decided; null when it does not tell. */
export async function votersOf(node: ReadyNode): Promise<readonly Voter[] | null> {
  // It has answered a moment ago; one that is gone now is found so by the next look.
  const answer = await ask(node, 'touchstone_validators', [], ANSWER_TIMEOUT_MS).catch(() => null)
  const validators = (answer as { validators?: unknown } | null)?.validators
  if (!Array.isArray(validators) || validators.length === 0) return null
  const voters: Voter[] = []
  for (const one of validators as ({ publicKey?: unknown; power?: unknown } | null)[]) {
    const { publicKey, power } = one ?? {}
    if (typeof publicKey !== 'string' || typeof power !== 'string' || !/^0x[0-9a-f]{1,16}$/.test(power)) return null
    voters.push({ publicKey, power: BigInt(power) })
  }
  return voters
}
