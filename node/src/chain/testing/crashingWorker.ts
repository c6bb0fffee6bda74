/** For tests: a worker that says it is ready, as the execution worker does, and dies of the first call. */
import { parentPort, workerData } from 'node:worker_threads'
import { genesisCandidate } from '../genesisBlock.ts'
import type { WorkerMessage, WorkerStart } from '../worker/protocol.ts'

const { block } = genesisCandidate((workerData as WorkerStart).genesis)
const ready: WorkerMessage = {
  kind: 'ready',
  base: 0n,
  genesisHash: block.hash,
  head: { header: block.header, hash: block.hash },
}
parentPort!.on('message', () => {
  throw new RangeError('the engine overflowed its stack')
})
parentPort!.postMessage(ready)
