/**
 * Entry of the thread that looks for where engines part. It reads the state of a block's parent from the database that
 * the main thread has open; trie nodes and codes never change once they are written. It may be ended at any moment once
 * it is ready.
 */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { explain } from '../../../divergence/explain.ts'
import { boundHostCompiler } from '../../../runtime/hostCompiler.ts'
import { installCrypto } from '../../../runtime/installCrypto.ts'
import { joinLevelStore } from '../../../runtime/levelStore.ts'
import { ChainDatabase } from '../../database.ts'
import { CALL_NICENESS, EXPLAIN_NODE_CACHE_BYTES } from '../../limits.ts'
import { useHostTypes } from '../useHostTypes.ts'
import type { ExplainMessage, ExplainTask } from './explainInThread.ts'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
const { directory, chainId, schedule, block, senders, parentRoot, engine } = workerData as ExplainTask
// A proposal may be anybody's: looking into it gives way to consensus. On Linux this is about the calling thread.
if (process.platform === 'linux') setPriority(CALL_NICENESS)
await installCrypto()
boundHostCompiler()
useHostTypes('calls')
const store = await joinLevelStore(directory)
parentPort.postMessage('ready' satisfies ExplainMessage)
const database = new ChainDatabase(store, EXPLAIN_NODE_CACHE_BYTES)
const parent = { root: parentRoot, nodes: database, codes: database }
parentPort.postMessage(explain({ block, senders, parent, chainId, schedule, engine }) satisfies ExplainMessage)
await store.close()
