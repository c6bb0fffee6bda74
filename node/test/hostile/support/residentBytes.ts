import { readFileSync } from 'node:fs'

/** Memory of a process, from /proc; null on another system, or when it has ended. */
export function residentBytes(pid: number): number | null {
  try {
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return rss === null ? null : Number(rss[1]) * 1024
  } catch {
    return null
  }
}
