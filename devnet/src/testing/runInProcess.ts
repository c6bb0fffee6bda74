/** A command line run in this process, with what it writes. */
import { vi } from 'vitest'
import { runCli } from '../program.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function runInProcess(...args: string[]): Promise<Ran> {
  let code = -1
  const written = await watchingOutput(async () => {
    code = await runCli(args)
  })
  return { code, ...written }
}

/** The text written to the process's outputs meanwhile; it is not shown. */
export async function watchingOutput(work: () => unknown): Promise<Omit<Ran, 'code'>> {
  const written = { out: '', err: '' }
  const collect = (to: 'out' | 'err') => (text: string | Uint8Array) => {
    written[to] += String(text)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(collect('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(collect('err')),
  ]
  try {
    await work()
    return written
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
