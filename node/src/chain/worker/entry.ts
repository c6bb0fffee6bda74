/**
 * Entry of the execution worker: owns the state and the VM, and alone writes to the database, which the main thread has
 * open. Calls come as messages and are answered by messages; an error the chain expects is an answer, anything that
 * gets out besides ends the thread, and with it the node.
 */
import { parentPort } from 'node:worker_threads'
import { keepCompiledCode } from '../../runtime/compiledCode.ts'
import { boundHostCompiler } from '../../runtime/hostCompiler.ts'
import { installCrypto } from '../../runtime/installCrypto.ts'
import { joinLevelStore } from '../../runtime/levelStore.ts'
import { collectAtRest } from '../../runtime/restingHeap.ts'
import { type ChainOptions, openChain } from '../chain.ts'
import { DatabaseError } from '../databaseError.ts'
import { practise } from './practise.ts'
import type { WorkerCall, WorkerMessage, WorkerStart } from './protocol.ts'
import { recordExecution } from './quarantine.ts'
import { useHostTypes } from './useHostTypes.ts'
import { errorToWire } from './wireError.ts'
import { workerCallsOf } from './workerCalls.ts'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
const port = parentPort
const send = (message: WorkerMessage) => port.postMessage(message)

await installCrypto()
boundHostCompiler()
useHostTypes('chain')
/** Of the chain, once it is open. */
let answer: ((call: WorkerCall) => Promise<void>) | null = null
// The first may have come already, or comes when the main thread has loaded what it runs.
port.once('message', (start: WorkerStart) => {
  // At once, as a thread that listens to nothing may end.
  port.on('message', (call: WorkerCall) => void answer!(call))
  void open(start)
})

async function open(start: WorkerStart): Promise<void> {
  try {
    await serve(start)
  } catch (error) {
    send({ kind: 'refused', error: errorToWire(error) })
    port.close()
  }
}

async function serve({ genesis, directory, engine, keepStates, debug, quarantine }: WorkerStart): Promise<void> {
  const store = await joinLevelStore(directory, { writes: true })
  const print = (text: string, contract: Uint8Array) => send({ kind: 'debug', text, contract })
  const open = async () => {
    const record = quarantine === null ? {} : recordExecution(quarantine)
    const onFault: ChainOptions['onFault'] = (fault, consequence) => send({ kind: 'fault', fault, consequence })
    const onDivergence: ChainOptions['onDivergence'] = (diverged) => send({ kind: 'divergence', diverged })
    const onPruned: ChainOptions['onPruned'] = (states) => send({ kind: 'pruned', states })
    return openChain({
      ...{ store, genesis, engine, keepStates, onFault, onDivergence, onPruned, ...record },
      onCounting: () => send({ kind: 'counting' }),
      ...(debug ? { debug: print } : {}),
    })
  }
  const chain = await open().catch(async (error) => {
    await store.close()
    // The chain knows no directories, and a reader of the message has to find the one.
    if (error instanceof DatabaseError) throw new DatabaseError(error.code, `${directory}: ${error.message}`)
    throw error
  })
  const calls = workerCallsOf(chain)
  answer = async ({ id, method, args }) => {
    try {
      const run = calls[method] as (...args: readonly unknown[]) => Promise<unknown>
      send({ kind: 'result', id, value: await run(...args) })
    } catch (error) {
      send({ kind: 'error', id, error: errorToWire(error) })
    }
    // While the answer is on its way, and votes are gathered.
    if (method === 'build' || method === 'validate') await calls.prepareCommit()
    if (method === 'close') port.close()
  }
  send({ kind: 'ready', genesisHash: chain.genesisHash, base: chain.base, head: chain.head, states: chain.states })
  keepCompiledCode()
  collectAtRest()
  practise(engine, genesis.schedule)
}
