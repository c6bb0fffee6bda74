/** Processor time and memory of a process with all its descendants, as Linux counts them; null elsewhere. */
import { readdirSync, readFileSync } from 'node:fs'

/** Of `/proc/PID/stat`, counted from behind the name: proc_pid_stat(5) fields 4, 14, 15 and 24. */
const PARENT = 1
const USER_TICKS = 11
const SYSTEM_TICKS = 12
const RESIDENT_PAGES = 21
/** USER_HZ and the page size are these on every Linux that Node is built for, but for some arm64 and ppc64 kernels. */
const MS_PER_TICK = 10
const BYTES_PER_PAGE = 4096

export interface Usage {
  /** User and system, of all threads, so far. */
  readonly processorMs: number
  readonly residentBytes: number
}

export function usageOfTree(root: number): Usage | null {
  const stats = new Map<number, number[]>()
  try {
    for (const name of readdirSync('/proc')) {
      const stat = /^\d+$/.test(name) ? statOf(name) : null
      if (stat !== null) stats.set(Number(name), stat)
    }
  } catch {
    return null
  }
  let processorMs = 0
  let residentBytes = 0
  const open = [root]
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const stat = stats.get(pid)
    if (stat === undefined) continue
    processorMs += (stat[USER_TICKS]! + stat[SYSTEM_TICKS]!) * MS_PER_TICK
    residentBytes += stat[RESIDENT_PAGES]! * BYTES_PER_PAGE
    for (const [child, { [PARENT]: parent }] of stats) if (parent === pid) open.push(child)
  }
  return { processorMs, residentBytes }
}

/** Null for one that has just ended. */
function statOf(pid: string): number[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
  } catch {
    return null
  }
}
