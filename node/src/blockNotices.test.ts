/** A parent that reads is told each block; one that does not, as many as are named, and the newest when it goes on. */
import { expect, it } from 'vitest'
import { BlockNotices, MAX_BLOCKS_UNREAD } from './blockNotices.ts'
import type { NodeMessage } from './processMessages.ts'
import type { Block } from './types/block.ts'

const hash = new Uint8Array(32).fill(1)
const blockOf = (number: number) =>
  ({ hash, header: { number: BigInt(number), stateRoot: hash, gasUsed: 0n } }) as unknown as Block

function channel() {
  const written: (() => void)[] = []
  const told: number[] = []
  const notices = new BlockNotices((message: NodeMessage, onWritten) => {
    if (message.kind === 'block') told.push(Number(message.number))
    written.push(onWritten)
  })
  return { told, tell: (number: number) => notices.tell(blockOf(number)), takeOne: () => written.shift()!() }
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

it('tells each where they are taken', () => {
  const { told, tell, takeOne } = channel()
  for (const number of upTo(2 * MAX_BLOCKS_UNREAD)) {
    tell(number)
    takeOne()
  }
  expect(told).toEqual(upTo(2 * MAX_BLOCKS_UNREAD))
})

it('holds the newest back where they are not, until all before it are taken', () => {
  const { told, tell, takeOne } = channel()
  const newest = MAX_BLOCKS_UNREAD + 50
  for (const number of upTo(newest)) tell(number)
  for (let taken = 1; taken < MAX_BLOCKS_UNREAD; taken++) takeOne()
  tell(newest + 1)
  expect(told).toEqual(upTo(MAX_BLOCKS_UNREAD))
  takeOne()
  tell(newest + 2)
  expect(told).toEqual([...upTo(MAX_BLOCKS_UNREAD), newest + 1, newest + 2])
  for (const _ of [1, 2]) takeOne()
  expect(told).toHaveLength(MAX_BLOCKS_UNREAD + 2)
})
