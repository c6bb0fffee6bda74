/**
 * Entry of a call worker: runs calls on final states, which it reads from the database that the main thread has
 * open and the execution worker writes. It reads trie nodes, codes and headers, which never change once they are
 * written, so a commit meanwhile changes nothing under a call, though old nodes may go; the flat tables, which do
 * change, are not for it. May be ended at any moment after it is ready.
 */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { CallError } from '../../../execution/call.ts'
import { forgetExecutions } from '../../../execution/contractHost.ts'
import { createProgramCache } from '../../../execution/programCache.ts'
import { installCrypto } from '../../../runtime/installCrypto.ts'
import { joinLevelStore } from '../../../runtime/levelStore.ts'
import { openState } from '../../../state/journaledState.ts'
import { MissingNodeError } from '../../../trie/nodeStore.ts'
import type { Header } from '../../../types/header.ts'
import { answerCall } from '../../chainQueries.ts'
import { ChainError, type Head } from '../../chainService.ts'
import { ChainDatabase } from '../../database.ts'
import { expectState } from '../../keptStates.ts'
import {
  CALL_NICENESS,
  CALL_NODE_CACHE_BYTES,
  CALL_PROGRAM_CACHE_BYTES,
  CALL_PROGRAM_CACHE_ENTRIES,
  CALL_STATE_BYTES,
} from '../../limits.ts'
import type { CallView } from '../../queries.ts'
import { practise } from '../practise.ts'
import { useHostTypes } from '../useHostTypes.ts'
import { errorToWire } from '../wireError.ts'
import { LentState } from './lentState.ts'
import type { CallWorkerMessage, CallWorkerStart, PostedCall } from './protocol.ts'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
const port = parentPort
const send = (message: CallWorkerMessage) => port.postMessage(message)
const { directory, chainId, schedule, engine, base, gasCap, debug } = workerData as CallWorkerStart

await installCrypto()
useHostTypes('calls')
const database = new ChainDatabase(await joinLevelStore(directory), CALL_NODE_CACHE_BYTES)
const config: CallView['config'] = {
  chainId,
  schedule,
  engine,
  programs: createProgramCache({ maxBytes: CALL_PROGRAM_CACHE_BYTES, maxEntries: CALL_PROGRAM_CACHE_ENTRIES }),
  ...(debug ? { debug: (text: string, contract: Uint8Array) => send({ kind: 'debug', text, contract }) } : {}),
}

/** Of the states that the call in hand reads, the oldest. */
let oldestRead: Header | null = null

function noteRead(header: Header): void {
  oldestRead = oldestRead === null || header.number < oldestRead.number ? header : oldestRead
}

function expectStateOf(header: Header): void {
  noteRead(header)
  expectState(database.states()?.oldest ?? 0n, header)
}

const lent = new LentState((root) => openState({ root, nodes: database, codes: database }), CALL_STATE_BYTES)

function viewAt(head: Head): CallView {
  return {
    head,
    base,
    database,
    config,
    gasCap: gasCap ?? undefined,
    expectState: expectStateOf,
    stateAt(header) {
      expectStateOf(header)
      return openState({ root: header.stateRoot, nodes: database, codes: database })
    },
    lentStateAt(header) {
      // The newest state was there when the call came. If it went since, a node that is missed tells.
      if (header === head.header) noteRead(header)
      else expectStateOf(header)
      return lent.at(header.stateRoot)
    },
  }
}

/** A state may go while a call reads it. The node was missed in the middle of contracts, and the worker goes on. */
function whyMissing(error: MissingNodeError): Error {
  try {
    if (oldestRead !== null) expectStateOf(oldestRead)
    return error
  } catch (pruned) {
    if (!(pruned instanceof ChainError)) throw pruned
    forgetExecutions()
    return pruned
  }
}

/** That of the last request. */
let head: Head | null = null

/** An error that is not the call's own fault ends the thread: a stack or a memory at its end may have left anything. */
port.on('message', ({ method, head: sent, args }: PostedCall) => {
  oldestRead = null
  head = sent ?? head
  if (head === null) throw new Error('the first request named no head')
  try {
    const value = answerCall(viewAt(head), method, args)
    lent.takeBack()
    send({ kind: 'result', value })
  } catch (thrown) {
    lent.forget()
    const error = thrown instanceof MissingNodeError ? whyMissing(thrown) : thrown
    if (!(error instanceof ChainError || error instanceof CallError)) throw error
    send({ kind: 'error', error: errorToWire(error) })
  }
})

// Calls pay nothing, so they give way to consensus where threads are more than processors. On Linux this is about the
// calling thread; elsewhere it would be about the whole process.
if (process.platform === 'linux') setPriority(CALL_NICENESS)
send({ kind: 'ready' })
practise(engine, schedule)
