import { expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { bigintToBytes } from '../../codec/bytes.ts'
import { MAX_SENDERS, SendHold } from './sendHold.ts'

const sender = (index: number) => bigintToBytes(BigInt(index), 20)
const clock = manualClock()

it('remembers so many senders that asked for their nonce, the oldest forgotten first', () => {
  const hold = new SendHold(clock)
  for (let index = 0; index < MAX_SENDERS; index++) hold.noteNonceAsked(sender(index))
  hold.noteNonceAsked(sender(0))
  hold.noteNonceAsked(sender(MAX_SENDERS))
  const waits = [0, 1, 2, MAX_SENDERS].map((index) => hold.nonceWait(sender(index)) > 0)
  expect(waits).toEqual([true, false, true, true])
})
