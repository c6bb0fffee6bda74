/** For tests: a call worker that fails as the call's gas says: 1 by its heap, 2 by its stack, else by its exit code. */
import { parentPort } from 'node:worker_threads'
import type { CallRequest } from '../worker/calls/callRequest.ts'
import type { CallWorkerMessage } from '../worker/calls/protocol.ts'

const deeper = (depth: number): number => deeper(depth + 1) + 1

parentPort!.on('message', ({ args }: CallRequest) => {
  const { gas } = args[0]
  if (gas === 1n) {
    const kept: object[] = []
    for (;;) kept.push({ kept })
  }
  if (gas === 2n) deeper(0)
  process.exit(7)
})
parentPort!.postMessage({ kind: 'ready' } satisfies CallWorkerMessage)
