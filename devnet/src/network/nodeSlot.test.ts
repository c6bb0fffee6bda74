/** What waits for what, where a node is moved to proxies while something else is asked of it. */
import { beforeEach, expect, it, vi } from 'vitest'
import { type NodeProcess, startNodeProcess } from './nodeProcess.ts'
import { NodeSlot } from './nodeSlot.ts'

vi.mock('./nodeProcess.ts', () => ({ startNodeProcess: vi.fn() }))

const LONG = 60_000
const addresses = async () => ['/ip4/127.0.0.1/tcp/7/p2p/x']
let moves: string[][]
let started: PromiseWithResolvers<void>
let slot: NodeSlot

/** A process that answers nothing, and whose move is done when it ends. */
function silent(): NodeProcess {
  const ended = Promise.withResolvers<{ code: null; signal: 'SIGKILL' }>()
  const end = async () => ended.resolve({ code: null, signal: 'SIGKILL' })
  return {
    index: 3,
    exited: ended.promise,
    stopping: true,
    movePeers: async (there: string[]) => {
      moves.push(there)
      await ended.promise
    },
    stop: end,
    kill: end,
  } as unknown as NodeProcess
}

beforeEach(() => {
  moves = []
  started = Promise.withResolvers<void>()
  vi.mocked(startNodeProcess).mockImplementation(async () => {
    await started.promise
    return silent()
  })
  const config = async () => ({}) as never
  slot = new NodeSlot({ index: 3, isValidator: true, paths: { root: '' } as never, config, onExit: () => {} })
})

it.each(['kill', 'stop', 'close'] as const)('%s does not wait for a move that gets no answer', async (order) => {
  started.resolve()
  await slot.start()
  const moving = slot.movePeers(addresses, LONG)
  await vi.waitFor(() => expect(moves).toHaveLength(1))
  await slot[order]()
  await moving
})

it('a node that is starting is moved when it has started, and then what was asked of it is done', async () => {
  const starting = slot.start()
  const moving = slot.movePeers(addresses, LONG)
  let isSettled = false
  const settling = slot.settled().then(() => {
    isSettled = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect([moves, isSettled, slot.state]).toEqual([[], false, 'stopped'])
  started.resolve()
  await starting
  await settling
  expect([moves, slot.state]).toEqual([[await addresses()], 'running'])
  await slot.kill()
  await moving
})

it('a start that takes too long is named, and nothing is sent when it is done', async () => {
  const starting = slot.start()
  await expect(slot.movePeers(addresses, 20)).rejects.toMatchObject({
    message: 'node 3 did not connect through proxies within 0.02 s: it is still starting',
    hint: 'nothing was done to a link; repeat it when the node has started, or after devnet node kill 3',
  })
  started.resolve()
  await starting
  await slot.settled()
  expect(moves).toEqual([])
})
