/**
 * The thread in which a transaction is executed to be debugged. Where it is stopped it waits inside the execution for
 * the next message, so that it can go on from there.
 */
import { dirname, resolve } from 'node:path'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { RerunError } from '@touchstone/node/rerun'
import { getAddress, type Hex } from 'viem'
import { linesOf } from '../profile/sourceLines.ts'
import type { NamedSource } from './modules.ts'
import { isAnywhere } from './protocol.ts'
import { DebugSession } from './session.ts'
import { FLAGS, type FromThread, type ThreadTask, type ToThread } from './threadMessages.ts'

const { task, names, deployments, flags, port } = workerData as ThreadTask & { readonly port: MessagePort }
const tell = (message: FromThread) => parentPort!.postMessage(message)
const label = (address: Hex) => names.get(address.toLowerCase()) ?? getAddress(address)

let received = 0
/** Those that came while it moved, and wait for its stop. */
const waiting: ToThread[] = []

function receive(): ToThread | null {
  const found = receiveMessageOnPort(port) as { readonly message: ToThread } | undefined
  if (found === undefined) return null
  received++
  return found.message
}

function nextMessage(): ToThread {
  for (;;) {
    const message = waiting.shift() ?? receive()
    if (message !== null) return message
    Atomics.wait(flags, FLAGS.sent, received)
  }
}

/** While it moves breakpoints can be set, and what does not depend on where it stands be asked. Answers keep their order. */
function answerMeanwhile(): void {
  for (let message = receive(); message !== null; message = receive()) {
    if (waiting.length === 0 && message.kind === 'ask' && isAnywhere(message.question))
      tell({ kind: 'answer', answer: session.answer(message.question) })
    else waiting.push(message)
  }
}

function sourceOf(moduleHash: Hex, address: Hex): NamedSource {
  const deployment = deployments.findLast((one) => one.address.toLowerCase() === address.toLowerCase()) ?? null
  const found = linesOf(deployment, moduleHash)
  const root = deployment?.artifact === undefined ? null : resolve(dirname(deployment.artifact), '..')
  return { name: label(address), table: 'map' in found ? found.map : null, root }
}

const session = new DebugSession(task, {
  sourceOf,
  label,
  isPaused: () => {
    answerMeanwhile()
    return Atomics.exchange(flags, FLAGS.pause, 0) === 1
  },
  onProgress: (step) => tell({ kind: 'progress', step }),
})

try {
  const outcome = session.prepare()
  tell({ kind: 'prepared', outcome, steps: session.steps, hasFault: session.lastFault !== null })
  session.run((stop) => {
    tell({ kind: 'stop', stop })
    for (;;) {
      const message = nextMessage()
      if (message.kind === 'quit') return null
      if (message.kind === 'move') return message.move
      tell({ kind: 'answer', answer: session.answer(message.question) })
    }
  })
} catch (error) {
  if (!(error instanceof RerunError)) throw error
  tell({ kind: 'refused', message: error.message })
}
port.close()
