/** The record a node keeps of a block that came out otherwise than its header says, and the lines that tell it. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  DIVERGENCE_FILE,
  type DivergenceRecord,
  divergenceRecord,
  divergenceTitle,
  explanationLines,
} from '@touchstone/node/divergence'
import { parseExactJson } from '@touchstone/node/exact-json'
import { printable } from '../output/printable.ts'
import type { ReadyNode } from './readyFile.ts'

/** A record has some thousands: the first events that differ, and a bounded list of slots. */
const MAX_RECORD_BYTES = 1_048_576
const MAX_WORDS = 1_000

export interface NodeDivergence {
  readonly node: number
  readonly record: DivergenceRecord
  readonly file: string
}

/**
 * Null when the node has none. Its file may be written anew at this moment, by it or by hand: a file that cannot be
 * read counts as none.
 */
export function readDivergence({ index, dataDir }: Pick<ReadyNode, 'index' | 'dataDir'>): NodeDivergence | null {
  if (typeof dataDir !== 'string') return null
  const file = join(dataDir, DIVERGENCE_FILE)
  try {
    if (statSync(file).size > MAX_RECORD_BYTES) return null
    const record = divergenceRecord(parseExactJson(readFileSync(file, 'utf8')))
    return record === null ? null : { node: index, record, file }
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).syscall !== undefined) return null
    throw error
  }
}

/** The loud line. */
export function divergenceHeadline({ node, record }: NodeDivergence): string {
  return printable(`DIVERGENCE on node ${node}: ${divergenceTitle(record)}`, MAX_WORDS)
}

/** The lines below it: where the engines part, and which file to keep. */
export function divergenceLines({ record, file }: NodeDivergence): string[] {
  return [
    ...explanationLines(record.explanation).map((line) => printable(line, MAX_WORDS)),
    `this must never happen: keep the data directory and report it; the record is ${file}`,
  ]
}
