/** Peers that are dialled elsewhere from some moment on, over real libp2p on loopback, which has two names here. */
import { createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { multiaddrOfSeed } from './identity.ts'
import type { DiallingNetwork } from './network.ts'
import { stopNetworks, type TestNetwork, testNetwork, until } from './testing/testNetworks.ts'

const closing: (() => void)[] = []
afterEach(async () => {
  await stopNetworks()
  for (const close of closing.splice(0)) close()
})

const seedOf = (index: number) => new Uint8Array(32).fill(index + 1)
const elsewhere = (address: string) => address.replace('/ip4/127.0.0.1/', '/dns4/localhost/')
const has = ({ network }: TestNetwork, peer: TestNetwork) => network.peers().some(({ id }) => id === peer.network.id)
const addressesOf = ({ network }: TestNetwork) => network.peers().map(({ address }) => address)

/** Node 1 dials node 0, which dials nobody. */
async function pair() {
  const dialled = await testNetwork(0)
  await dialled.network.start()
  const at = dialled.address()
  const dialler = await testNetwork(1, { bootstrap: [at] })
  await dialler.network.start()
  await until(() => has(dialler, dialled) && has(dialled, dialler), 'they are connected')
  return { dialled, dialler, at }
}

it('a peer that is moved is connected at its new address when the move is done, and at none before', async () => {
  const { dialled, dialler, at } = await pair()
  expect(addressesOf(dialler)).toEqual([at])
  const left: string[] = []
  dialled.network.onPeer(({ kind }) => left.push(kind))
  await dialler.network.movePeers([elsewhere(at)])
  expect(addressesOf(dialler)).toEqual([elsewhere(at)])
  await until(() => left.length === 2, 'the other side')
  expect(left).toEqual(['disconnected', 'connected'])
})

it('a move to where the peer is dialled already ends nothing', async () => {
  const { dialled, dialler, at } = await pair()
  const left: string[] = []
  for (const { network } of [dialled, dialler]) network.onPeer(({ kind }) => left.push(kind))
  await dialler.network.movePeers([at])
  await dialler.network.movePeers([at])
  expect([left, addressesOf(dialler)]).toEqual([[], [at]])
})

it('a peer without a new address is lost and not dialled where it is known to listen, until it gets one', async () => {
  const { dialled, dialler, at } = await pair()
  // Its promise waits for a peer that cannot come.
  const moved = dialler.network.movePeers([])
  await until(() => !has(dialler, dialled) && !has(dialled, dialler), 'it is lost')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(has(dialled, dialler)).toBe(false)
  await dialler.network.movePeers([elsewhere(at)])
  await moved
  await until(() => has(dialler, dialled), 'it is dialled again')
  expect(addressesOf(dialler)).toEqual([elsewhere(at)])
})

it('a move is done when everybody who was lost by it is there again', async () => {
  const dialled = [await testNetwork(0), await testNetwork(2)]
  for (const { network } of dialled) await network.start()
  const at = dialled.map((one) => one.address())
  const dialler = await testNetwork(1, { bootstrap: at })
  await dialler.network.start()
  const isWhole = () => dialled.every((one) => has(dialler, one))
  await until(isWhole, 'they are connected')
  let isDone = false
  const moved = dialler.network.movePeers([elsewhere(at[0]!)]).then(() => {
    isDone = true
  })
  await until(() => has(dialler, dialled[0]!), 'one is there again')
  expect(isDone).toBe(false)
  await dialler.network.movePeers(at.map(elsewhere))
  await moved
  await until(isWhole, 'the other one is')
})

it('nobody is dialled who was not named at the start', async () => {
  const { dialler, at } = await pair()
  const stranger = await testNetwork(2)
  await stranger.network.start()
  await dialler.network.movePeers([at, stranger.address()])
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(stranger.network.peers()).toEqual([])
})

it('an address that names no peer is an error, and changes nothing', async () => {
  const { dialled, dialler, at } = await pair()
  await expect(dialler.network.movePeers(['/ip4/127.0.0.1/tcp/1'])).rejects.toThrow(RangeError)
  expect(has(dialler, dialled)).toBe(true)
  expect(addressesOf(dialler)).toEqual([at])
})

it('a connection that came to nothing yet ends too, and the peer is dialled anew at once', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined))
  })
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const dialled = await testNetwork(0)
  await dialled.network.start()
  const dialler = await testNetwork(1, { bootstrap: [await multiaddrOfSeed(seedOf(0), '127.0.0.1', port)] })
  await dialler.network.start()
  await until(() => sockets.length === 1, 'it dials')
  await dialler.network.movePeers([dialled.address()])
  await until(() => sockets[0]!.closed, 'the unfinished connection has ended')
  await until(() => has(dialler, dialled), 'it is connected')
  expect(sockets).toHaveLength(1)
})

it('a peer that could not be reached is dialled where it is now, without the pause that its failures have earned', async () => {
  const dialled = await testNetwork(0)
  await dialled.network.start()
  const nowhere = await multiaddrOfSeed(seedOf(0), '127.0.0.1', 9)
  const limits = { redialMin: 600_000, redialMax: 600_000 }
  const dialler = await testNetwork(1, { bootstrap: [nowhere], limits })
  await dialler.network.start()
  await until(() => dialler.log.some(({ message }) => message.startsWith('cannot reach a peer')), 'it fails')
  await dialler.network.movePeers([dialled.address()])
  await until(() => has(dialler, dialled), 'they are connected')
})

it('before the network runs, a move is only what it will dial', async () => {
  const dialled = await testNetwork(0)
  await dialled.network.start()
  const at = dialled.address()
  const dialler = await testNetwork(1, { bootstrap: [at] })
  const network: DiallingNetwork = dialler.network
  await network.movePeers([elsewhere(at)])
  await network.start()
  await until(() => has(dialler, dialled), 'they are connected')
  expect(addressesOf(dialler)).toEqual([elsewhere(at)])
})
