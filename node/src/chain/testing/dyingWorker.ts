/**
 * For tests: the execution worker, but that executing a contract on the compiled engine ends the thread.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { keccak256 } from '../../crypto/keccak.ts'
import { compileContract } from '../../execution/contractHost.ts'
import { openLevelStore } from '../../runtime/levelStore.ts'
import { openChain } from '../chain.ts'
import type { WorkerCall, WorkerMessage, WorkerStart } from '../worker/protocol.ts'
import { recordExecution } from '../worker/quarantine.ts'
import { workerCallsOf } from '../worker/workerCalls.ts'
import { failingPrograms } from './failingPrograms.ts'

export interface DyingWorkerStart extends WorkerStart {
  /** The module of that contract, which is stored as it is. */
  readonly deadly: Uint8Array
  /** By filling its heap, of which V8 ends it, or at once. */
  readonly end: 'heap' | 'exit'
}

const { genesis, directory, engine, quarantine, deadly, end } = workerData as DyingWorkerStart
const port = parentPort!
const send = (message: WorkerMessage) => port.postMessage(message)
const programs = failingPrograms()
const codeHash = keccak256(deadly)
programs.fail(codeHash, ['compiled'], end === 'heap' ? fillHeap : () => process.exit(1))
const store = await openLevelStore(directory)
const record = recordExecution(quarantine!)
const onFault = (fault: object, consequence: string) => send({ kind: 'fault', fault, consequence } as WorkerMessage)
const chain = await openChain({ store, genesis, engine, programs, onFault, ...record })
// Also in a worker that has not created it.
compileContract(deadly, codeHash, chain.config)
const calls = workerCallsOf(chain)
port.on('message', async ({ id, method, args }: WorkerCall) => {
  const run = calls[method] as (...given: readonly unknown[]) => Promise<unknown>
  send({ kind: 'result', id, value: await run(...args) })
  if (method === 'close') port.close()
})
send({ kind: 'ready', genesisHash: chain.genesisHash, base: chain.base, head: chain.head, states: chain.states })

function fillHeap(): never {
  const kept: object[] = []
  for (;;) kept.push({ kept, next: [kept.length] })
}
