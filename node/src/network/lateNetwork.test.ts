/** The network before libp2p is loaded, and the way to it: what is registered, sent, asked and stopped meanwhile. */
import { describe, expect, it } from 'vitest'
import { loneNetwork } from '../../testing/loneNetwork.ts'
import { LateNetwork, type LateNetworkOptions } from './lateNetwork.ts'

const bytes = Uint8Array.of(1)

/** A network behind it that is made when the test says so. */
function late(options: Partial<LateNetworkOptions> = {}) {
  const started: string[] = []
  const inner = loneNetwork()
  inner.start = async () => void started.push('start')
  inner.stop = async () => void started.push('stop')
  inner.addresses = () => ['/real']
  inner.peers = () => [{ id: 'b', address: '/b', named: false }]
  const { promise: made, resolve: make, reject: fail } = Promise.withResolvers<void>()
  const ports: (number | undefined)[] = []
  const network = new LateNetwork({
    id: 'a',
    alone: null,
    load: async (port) => {
      ports.push(port)
      await made
      return inner
    },
    ...options,
  })
  return { network, inner, started, ports, make: () => make(), fail }
}

/** A port of the test's. */
function bell() {
  const { promise: rung, resolve: ring } = Promise.withResolvers<void>()
  const did: string[] = []
  const failures: unknown[] = []
  const alone: LateNetworkOptions['alone'] = {
    open: async () => {
      did.push('open')
      return { port: 7, rung, close: async () => void did.push('close') }
    },
    address: (port) => `/alone/${port}`,
    onFailure: (error) => failures.push(error),
  }
  return { alone, ring: () => ring(), did, failures }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('before it is there', () => {
  it('it has nobody, and says so', async () => {
    const { network } = late()
    expect([network.id, network.peers(), network.addresses()]).toEqual(['a', [], []])
    await network.publish('tx', bytes)
    await network.announce('tx', bytes)
    await network.send('b', 'tx', bytes)
    network.penalize('b', 'nothing')
    await expect(network.request('b', 'blocks', bytes)).rejects.toMatchObject({ code: 'not-connected' })
  })

  it('its peers are where they were said to be last, before it starts and afterwards', async () => {
    const { network, inner, started, make } = late()
    inner.movePeers = async (addresses) => void started.push(`move ${addresses}`)
    await network.movePeers(['/old'])
    await network.movePeers(['/new'])
    make()
    await network.start()
    await network.movePeers(['/newer'])
    expect(started).toEqual(['move /new', 'start', 'move /newer'])
  })

  it('what is registered is there when it is, and so is what comes later', async () => {
    const { network, inner, started, make } = late()
    const met: string[] = []
    const handler = () => 'accept' as const
    const answer = async () => []
    network.setGossipHandler('tx', handler)
    network.setRequestHandler('blocks', answer)
    const leave = network.onPeer(({ kind, peer }) => met.push(`${kind} ${peer}`))
    make()
    await network.start()
    network.setRequestHandler('later', answer)
    expect(started).toEqual(['start'])
    expect([...inner.gossip, ...inner.requests]).toEqual([
      ['tx', handler],
      ['blocks', answer],
      ['later', answer],
    ])
    inner.meet('b')
    leave()
    inner.meet('c')
    expect(met).toEqual(['connected b'])
    await network.publish('tx', bytes)
    await network.send('b', 'tx', bytes)
    expect(inner.sent).toEqual([
      { topic: 'tx', message: bytes },
      { topic: 'tx', message: bytes, to: 'b' },
    ])
    expect([network.addresses(), network.peers().length]).toEqual([['/real'], 1])
  })
})

describe('a start', () => {
  it('that fails says why to who started it', async () => {
    const { network, fail } = late()
    const starting = network.start()
    fail(new Error('no such address'))
    await expect(starting).rejects.toThrow('no such address')
    await network.stop()
  })

  it('is the only one', async () => {
    const { network, make } = late()
    make()
    await network.start()
    await expect(network.start()).rejects.toThrow('once')
  })

  it('that is stopped while it loads starts nothing', async () => {
    const { network, started, make } = late()
    const starting = network.start()
    const stopping = network.stop()
    make()
    await Promise.all([starting, stopping])
    expect(started).toEqual([])
  })

  it('is undone by a stop', async () => {
    const { network, started, make } = late()
    make()
    await network.start()
    await network.stop()
    await network.stop()
    expect(started).toEqual(['start', 'stop'])
  })
})

describe('of a node that dials nobody', () => {
  it('loads nothing until somebody connects, and listens at the same port then', async () => {
    const { alone, ring, did } = bell()
    const { network, started, ports, make } = late({ alone })
    await network.start()
    await settled()
    expect([network.addresses(), ports, started]).toEqual([['/alone/7'], [], []])
    ring()
    await settled()
    // Nobody else can take the port while it loads.
    expect([network.addresses(), ports, did]).toEqual([['/alone/7'], [7], ['open']])
    make()
    await settled()
    expect([network.addresses(), ports, started, did]).toEqual([['/real'], [7], ['start'], ['open', 'close']])
    await network.stop()
  })

  it('says at the start that its port is taken', async () => {
    const { alone } = bell()
    const open = () => Promise.reject(new Error('in use'))
    await expect(late({ alone: { ...alone!, open } }).network.start()).rejects.toThrow('in use')
  })

  it('says so when it cannot be loaded or started then', async () => {
    const { alone, ring, failures } = bell()
    const { network, fail } = late({ alone })
    await network.start()
    ring()
    fail(new Error('in use'))
    await settled()
    expect(failures).toEqual([new Error('in use')])
    await network.stop()
  })

  it('gives its port back when it is stopped, and loads nothing any more', async () => {
    const { alone, ring, did } = bell()
    const { network, ports, make } = late({ alone })
    make()
    await network.start()
    await network.stop()
    ring()
    await settled()
    expect([did.filter((what) => what === 'close').length > 0, ports]).toEqual([true, []])
  })
})
