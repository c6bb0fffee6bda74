/**
 * The binary that a node's process runs on: this Node, or for one node another binary, such as one of another processor
 * under an emulator. `DEVNET_NODE_BINARIES=4=/path/to/node,...`, read when the process starts.
 */
import { usageError } from '../output/errors.ts'

export const nodeBinariesVariable = 'DEVNET_NODE_BINARIES'

export interface NodeProgram {
  readonly path: string
  /** How long it may take to answer, milliseconds: an emulated one takes 20 times as long. */
  readonly startTimeoutMs: number
}

/** A node opens its database and listens within a second or two; on a loaded machine within this. */
const START_TIMEOUT_MS = 60_000
const OTHER_START_TIMEOUT_MS = 600_000

/** Of node `index`, counted from 1. @throws CliError */
export function nodeProgram(index: number, variable = process.env[nodeBinariesVariable]): NodeProgram {
  for (const entry of (variable ?? '').split(',').filter((text) => text !== '')) {
    const [, number, path] = /^(\d+)=(.+)$/.exec(entry) ?? []
    if (path === undefined) {
      throw usageError(`${nodeBinariesVariable}: "${entry}" is not NODE=PATH`, 'such as 4=/opt/node/bin/node')
    }
    if (Number(number) === index) return { path, startTimeoutMs: OTHER_START_TIMEOUT_MS }
  }
  return { path: process.execPath, startTimeoutMs: START_TIMEOUT_MS }
}
