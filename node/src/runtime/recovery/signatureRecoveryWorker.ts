/** Entry of a signature recovery worker: raw transactions in, senders out. */
import { parentPort } from 'node:worker_threads'
import { recoverRawSender } from '../../types/rawSender.ts'
import { installCrypto } from '../installCrypto.ts'
import { NO_SENDER, type RecoveryJob, type RecoveryResult, SENDER_RECORD_LENGTH } from './signatureRecoveryMessages.ts'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
const port = parentPort
await installCrypto()

port.on('message', ({ raw, lengths }: RecoveryJob) => {
  const senders = new Uint8Array(lengths.length * SENDER_RECORD_LENGTH).fill(NO_SENDER)
  let offset = 0
  for (const [index, length] of lengths.entries()) {
    const sender = recoverRawSender(raw.subarray(offset, offset + length))
    if (sender !== null) {
      senders[index * SENDER_RECORD_LENGTH] = 1
      senders.set(sender, index * SENDER_RECORD_LENGTH + 1)
    }
    offset += length
  }
  const result: RecoveryResult = { senders }
  port.postMessage(result, [senders.buffer])
})
