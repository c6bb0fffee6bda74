/** Connections that end in the moment in which something is begun on them; over real libp2p on loopback. */
import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { NetworkError } from '../networkError.ts'
import { stopNetworks, testNetwork, text, until } from '../testing/testNetworks.ts'

afterEach(stopNetworks)

// Nobody catches what yamux throws in a microtask of its own: Vitest fails for it, and a node ended.
it.each([0, 1, 2])('a peer may be banned %i microtasks after a request to it was begun', async (microtasks) => {
  const victim = await testNetwork(0)
  let outcome: unknown
  victim.network.onPeer(({ kind, peer }) => {
    if (kind !== 'connected') return
    victim.network.request(peer, 'x', text('a')).catch((error: unknown) => {
      outcome = error
    })
    const ban = (after: number) => {
      if (after > 0) queueMicrotask(() => ban(after - 1))
      else for (let offences = 0; offences < 5; offences++) victim.network.penalize(peer, 'a test')
    }
    ban(microtasks)
  })
  await victim.network.start()
  const other = await testNetwork(1, { bootstrap: [victim.address()] })
  await other.network.start()
  await until(() => outcome !== undefined && victim.network.peers().length === 0, 'the request ends')
  expect(outcome).toBeInstanceOf(NetworkError)
})

// A node alone starts its network when somebody connects, and may be stopped at that moment.
it('a network that is stopped while it starts listens no more when both have ended', async () => {
  const probe = await testNetwork(0)
  await probe.network.start()
  const port = Number(probe.address().split('/')[4])
  await probe.network.stop()
  const { network } = await testNetwork(1, { port })
  const starting = network.start()
  await network.stop()
  await starting
  const dialled = await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('connect', () => resolve(socket.destroy() && 'listens'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect(dialled).toBe('ECONNREFUSED')
})
