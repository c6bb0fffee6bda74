/** The bounds an attack must not push a node over. */
import { DEFAULT_LIMITS } from '../../../src/network/limits.ts'
import { type Attack, MAX_SOCKETS } from './attacks.ts'
import type { AttackReport } from './runAttack.ts'

/** Most that the memory of a node may grow by while it is attacked: what the bounds of network.md let a few peers fill. */
export const MAX_GROWTH_BYTES = 300 * 1024 * 1024

/** The faults, in words; empty when there are none. */
export function faultsOf(attack: Attack, report: AttackReport): string[] {
  const faults: string[] = []
  if (report.blocks < 1) faults.push('no block was finalised')
  if (report.rssGrowth !== null && report.rssGrowth > MAX_GROWTH_BYTES) faults.push('memory grew over the bound')
  if (report.mostPeers > DEFAULT_LIMITS.connections) faults.push(`${report.mostPeers} peers`)
  if (report.mostSockets !== null && report.mostSockets > MAX_SOCKETS) faults.push(`${report.mostSockets} sockets`)
  if (attack.outcome !== 'banned') return faults
  if (report.attackers === 0 || report.dropped < report.attackers) faults.push('an attacker was not dropped')
  if (report.takenBack > 0) faults.push('a banned attacker was taken back')
  return faults
}
