import { describe, expect, it } from 'vitest'
import { createHarness } from '../../../test/rpc/harness.ts'
import { manualClock } from '../../../testing/manualClock.ts'
import { bigintToBytes } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import type { DevSettings } from '../../execution/dev/devStorage.ts'
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

describe('where as many sends are held as may be', () => {
  /** Two senders that would be held, of which one may be; the names of those that were answered, in their order. */
  function sends() {
    const { call, node } = createHarness({ sendHold: 10_000, maxHeldSends: 1 })
    const answered: string[] = []
    const send = async (name: string, raw: Uint8Array) => {
      const { error } = await call('eth_sendRawTransaction', toHex(raw))
      answered.push(error === undefined ? name : `${name} refused`)
    }
    /** What is answered without any time going by. */
    const settle = async () => {
      await node.clock.advance(0)
      return answered
    }
    return { call, node, send, settle }
  }

  it('the one that was held longest goes', async () => {
    const { node, send, settle } = sends()
    void send('first', node.transaction(0n).raw)
    await settle()
    void send('second', node.transaction(1n).raw)
    expect(await settle()).toEqual(['first'])
  })

  it('a refused one lets nobody go', async () => {
    const { node, send, settle } = sends()
    void send('first', node.transaction(0n).raw)
    await settle()
    void send('second', new Uint8Array(3))
    expect(await settle()).toEqual(['second refused'])
  })

  it('one that is in a block and waits for its nonce to be asked for stays, and the newcomer goes', async () => {
    const { call, node, send, settle } = sends()
    const first = node.transaction(0n)
    await call('eth_getTransactionCount', toHex(first.sender), 'pending')
    void send('first', first.raw)
    await settle()
    node.mine([[first, []]])
    void send('second', node.transaction(1n).raw)
    expect(await settle()).toEqual(['second'])
    await node.clock.advance(260)
    expect(await settle()).toEqual(['second', 'first'])
    // The place is free again.
    void send('third', node.transaction(2n).raw)
    expect(await settle()).toHaveLength(2)
  })
})

it('a batch holds its sends no longer, all together, than one is held', async () => {
  const { raw, node } = createHarness({ sendHold: 1_000, batchConcurrency: 2 })
  const request = (id: number) => {
    const params = [toHex(node.transaction(BigInt(id)).raw)]
    return { jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params }
  }
  let answered = 0
  void raw(JSON.stringify([0, 1, 2, 3, 4, 5].map(request))).then((answers) => {
    answered = (JSON.parse(answers!) as { readonly result?: string }[]).filter(
      ({ result }) => result !== undefined,
    ).length
  })
  await node.clock.advance(999)
  expect(answered).toBe(0)
  await node.clock.advance(1)
  expect(answered).toBe(6)
})

describe('in dev mode', () => {
  /** Whether a send is answered at once, without its block. */
  async function isAnsweredAtOnce(settings: Pick<DevSettings, 'automine' | 'miningInterval'>): Promise<boolean> {
    const { call, node } = createHarness({ sendHold: 10_000 })
    Object.assign(node.backend, { devSettings: () => settings })
    let isAnswered = false
    void call('eth_sendRawTransaction', toHex(node.transaction(0n).raw)).then(({ error }) => {
      isAnswered = error === undefined
    })
    await node.clock.advance(0)
    return isAnswered
  }

  it.each([
    ['held where its block comes at once', { automine: true, miningInterval: 0n }, false],
    ['not held where blocks are asked for', { automine: false, miningInterval: 0n }, true],
    ['not held where blocks come every so often', { automine: true, miningInterval: 5_000n }, true],
  ])('a send is %s', async (_, settings, atOnce) => {
    expect(await isAnsweredAtOnce(settings)).toBe(atOnce)
  })
})
