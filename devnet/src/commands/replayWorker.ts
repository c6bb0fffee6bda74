/** The thread of `devnet replay`: reads the file, replays it, and tells how far it is and how it ended. */
import { createReadStream } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import {
  ExportError,
  openWasmProvider,
  type ReplayEngine,
  type ReplayReport,
  replayExport,
  setCryptoProvider,
} from '@touchstone/node/replay'

export interface ReplayTask {
  readonly file: string
  readonly engine: ReplayEngine
  readonly certificates: boolean
}

export type ReplayMessage =
  | { readonly kind: 'progress'; readonly blocks: bigint; readonly transactions: number }
  | { readonly kind: 'report'; readonly report: ReplayReport }
  /** The file cannot be read, or is no export. */
  | { readonly kind: 'unreadable'; readonly message: string; readonly hint: string | null }

/** A message for each block would cost more than the block. */
const BLOCKS_PER_MESSAGE = 16n

const { file, engine, certificates } = workerData as ReplayTask
const tell = (message: ReplayMessage) => parentPort!.postMessage(message)

// Recovering senders is most of the work; this is WebAssembly, so it runs wherever the replay does.
setCryptoProvider(await openWasmProvider())
try {
  const report = await replayExport(createReadStream(file), {
    engine,
    certificates,
    onBlock({ blocks, transactions }) {
      if (blocks % BLOCKS_PER_MESSAGE === 0n) tell({ kind: 'progress', blocks, transactions })
    },
  })
  tell({ kind: 'report', report })
} catch (error) {
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof ExportError) tell({ kind: 'unreadable', message: `${file}: ${error.message}`, hint: null })
  else if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
    const why = code === 'EISDIR' ? 'it is a folder' : (error as Error).message
    tell({ kind: 'unreadable', message: `cannot read ${file}: ${why}`, hint: 'name a file that `devnet export` wrote' })
  } else throw error
}
