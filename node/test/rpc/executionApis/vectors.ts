/**
 * The vectors of ethereum/execution-apis as vectors.jsonl has them: a line of where they are from, and a line for each
 * of their files that rules.ts does not leave out. convert.ts makes it.
 */
import { readFileSync } from 'node:fs'

/** A request and the answer that is recorded. */
export interface Exchange {
  readonly method: string
  readonly params: readonly unknown[]
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string }
}

/** By the folder, which is the method, and the file. */
export function readVectors(): ReadonlyMap<string, readonly Exchange[]> {
  const [, ...lines] = readFileSync(new URL('vectors.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  return new Map(lines.map((line) => JSON.parse(line) as [string, Exchange[]]))
}
