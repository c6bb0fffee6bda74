/**
 * {@link ExecutionMark} in a file: what the operating system was given survives the end of the process, whatever ended
 * it. Not synced, so it costs a system call (2 us) and says nothing after a power failure.
 *
 * Record: 1 byte, 1 while something runs; block number, 8 bytes big-endian; transaction hash, 32 bytes.
 */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'
import { storeErrorOf } from '../../runtime/storeError.ts'
import type { ExecutionMark } from '../executionMark.ts'

const RECORD_BYTES = 41
const BLOCK_OFFSET = 1
const HASH_OFFSET = 9
const RUNNING = 1

export interface MarkedExecution {
  readonly hash: Uint8Array
  readonly block: bigint
}

/** The execution that ran when the last process with this file ended; null when none did. @throws the system's error. */
export function readExecutionMark(path: string): MarkedExecution | null {
  if (!existsSync(path)) return null
  const record = readFileSync(path)
  if (record.length < RECORD_BYTES || record[0] !== RUNNING) return null
  const block = new DataView(record.buffer, record.byteOffset).getBigUint64(BLOCK_OFFSET, false)
  return { hash: Uint8Array.from(record.subarray(HASH_OFFSET, RECORD_BYTES)), block }
}

/**
 * Empties the file, which stays open as long as the thread. Marking throws StoreError: it happens amid execution, and a
 * disk that fails is no fault of the transaction that is being marked. @throws the system's error.
 */
export function openExecutionMark(path: string): ExecutionMark {
  const file = openSync(path, 'w')
  const record = new Uint8Array(RECORD_BYTES)
  const view = new DataView(record.buffer)
  let running = false
  const write = (bytes: number): void => {
    try {
      writeSync(file, record, 0, bytes, 0)
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      throw storeErrorOf(error, path)
    }
  }
  return {
    begin(hash, block) {
      record[0] = RUNNING
      view.setBigUint64(BLOCK_OFFSET, block, false)
      record.set(hash, HASH_OFFSET)
      write(RECORD_BYTES)
      running = true
    },
    end() {
      if (!running) return
      record[0] = 0
      write(1)
      running = false
    },
  }
}
