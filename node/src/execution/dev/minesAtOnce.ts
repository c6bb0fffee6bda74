import type { DevSettings } from './devStorage.ts'

/** Whether a transaction that can run gets its block without being asked for, and without waiting for an interval's. */
export function minesAtOnce({ automine, miningInterval }: Pick<DevSettings, 'automine' | 'miningInterval'>): boolean {
  return automine && miningInterval === 0n
}
