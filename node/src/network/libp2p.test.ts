/** The network over real libp2p on loopback. */
import { afterEach, describe, expect, it } from 'vitest'
import { multiaddrOfSeed } from './identity.ts'
import type { NetworkLimits } from './limits.ts'
import type { Topic } from './network.ts'
import { stopNetworks, type TestNetwork, testNetwork, text, untext, until } from './testing/testNetworks.ts'

afterEach(stopNetworks)

/** Each node dials those before it; `linked` may leave some out. */
async function startNodes(
  count: number,
  options: {
    pushTopics?: readonly Topic[]
    linked?: (from: number, to: number) => boolean
    /** Of the first. */
    limits?: Partial<NetworkLimits>
  } = {},
) {
  const nodes: TestNetwork[] = []
  const received: string[][] = []
  for (let index = 0; index < count; index++) {
    const linked = options.linked ?? (() => true)
    const bootstrap = nodes.filter((_, to) => linked(index, to)).map((node) => node.address())
    const node = await testNetwork(index, {
      bootstrap,
      ...(options.pushTopics === undefined ? {} : { pushTopics: options.pushTopics }),
      limits: index === 0 ? (options.limits ?? {}) : {},
    })
    const messages: string[] = []
    for (const topic of ['tx', 'block', 'consensus'] as const) {
      node.network.setGossipHandler(topic, (message) => {
        messages.push(`${topic} ${untext(message)}`)
        return untext(message).startsWith('bad') ? 'reject' : 'accept'
      })
    }
    received.push(messages)
    await node.network.start()
    nodes.push(node)
  }
  const links = options.linked ?? (() => true)
  const degree = (index: number) =>
    nodes.filter((_, other) => other !== index && links(Math.max(index, other), Math.min(index, other))).length
  await until(() => nodes.every(({ network }, index) => network.peers().length === degree(index)), 'all connected')
  return { nodes, received, networks: nodes.map(({ network }) => network) }
}

describe('messages', () => {
  it('reach every node once, on every topic, right after the start', async () => {
    const { networks, received } = await startNodes(4)
    await Promise.all(networks.map((network, index) => network.publish('consensus', text(`vote ${index}`))))
    await networks[1]!.publish('tx', text('bundle'))
    await networks[2]!.publish('block', text('head'))
    for (const index of [0, 1, 2, 3]) {
      const others = [0, 1, 2, 3].filter((other) => other !== index).map((other) => `consensus vote ${other}`)
      const expected = [...others, ...(index === 1 ? [] : ['tx bundle']), ...(index === 2 ? [] : ['block head'])]
      await until(() => received[index]!.length >= expected.length, `node ${index} has its messages`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(received[index]!.toSorted()).toEqual(expected.toSorted())
    }
  })

  it('published before anybody was connected arrive', async () => {
    const first = await testNetwork(0)
    await first.network.start()
    await first.network.publish('consensus', text('early'))
    const second = await testNetwork(1, { bootstrap: [first.address()] })
    const received: string[] = []
    second.network.setGossipHandler('consensus', (message) => {
      received.push(untext(message))
      return 'accept'
    })
    await second.network.start()
    await until(() => received.length > 0, 'the early message')
    expect(received).toEqual(['early'])
  })

  it('go several hops', async () => {
    const { networks, received } = await startNodes(4, { linked: (from, to) => from - to === 1 })
    await networks[0]!.publish('consensus', text('far'))
    await until(() => received[3]!.length > 0, 'the message at the far end')
    expect(received.slice(1)).toEqual([['consensus far'], ['consensus far'], ['consensus far']])
  })

  it('go by gossipsub alone where there are no kept streams', async () => {
    const { networks, received } = await startNodes(4, { pushTopics: [], linked: (from, to) => from - to === 1 })
    // A message that gossipsub forwards before the next hop has subscribed is lost, which is why there are kept streams.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await networks[0]!.publish('consensus', text('far'))
    await until(() => received[3]!.length > 0, 'the message at the far end')
    expect(received.slice(1)).toEqual([['consensus far'], ['consensus far'], ['consensus far']])
  })

  it('come also from a peer that is one too many to push to', async () => {
    const { networks, received } = await startNodes(4, {
      limits: { pushPeers: 1 },
      linked: (from, to) => (from < 3 ? to === 0 : to === 2),
    })
    await networks[3]!.publish('consensus', text('from behind'))
    await until(() => received[0]!.length > 0, 'the message at the first')
    expect(received[0]).toEqual(['consensus from behind'])
  })

  it('that are announced reach who lacks them, and go nowhere twice', async () => {
    const { networks, received } = await startNodes(3, { linked: (from, to) => from - to === 1 })
    // Whoever has them already, of the same bytes, is not sent them.
    await networks[0]!.publish('tx', text('there'))
    await until(() => received[2]!.length === 1, 'the message is everywhere')
    await networks[1]!.announce('tx', text('there'))
    await networks[1]!.announce('tx', text('new'))
    await networks[1]!.announce('tx', text('new'))
    await until(() => received[0]!.length === 1 && received[2]!.length === 2, 'the announced message is everywhere')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(received).toEqual([['tx new'], ['tx there'], ['tx there', 'tx new']])
    // Who dialled whom: greetings end in any order.
    const isNamed = new Map(networks[1]!.peers().map(({ id, named }) => [id, named]))
    expect([isNamed.size, isNamed.get(networks[0]!.id), isNamed.get(networks[2]!.id)]).toEqual([2, true, false])
  })

  it('of a block’s size arrive whole', async () => {
    const first = await testNetwork(0)
    await first.network.start()
    const second = await testNetwork(1, { bootstrap: [first.address()] })
    let got: Uint8Array | null = null
    second.network.setGossipHandler('block', (message) => {
      got = message
      return 'accept'
    })
    await second.network.start()
    await until(() => first.network.peers().length === 1, 'connected')
    const large = Uint8Array.from({ length: 3 * 1024 * 1024 }, (_, index) => (index * 7 + (index >> 8)) & 0xff)
    await first.network.publish('block', large)
    await until(() => got !== null, 'the large message')
    expect(Buffer.compare(got!, large)).toBe(0)
    await expect(first.network.publish('block', new Uint8Array(5 * 1024 * 1024))).rejects.toThrow('at most')
  })

  it('of a node alone go nowhere and break nothing', async () => {
    const { network } = await testNetwork(0)
    await network.start()
    for (const topic of ['tx', 'block', 'consensus'] as const) await network.publish(topic, text('alone'))
    expect(network.peers()).toEqual([])
    await expect(network.request('12D3KooWnobody', 'status', new Uint8Array(0))).rejects.toMatchObject({
      code: 'not-connected',
    })
  })

  it('that are invalid cost their sender its connection', async () => {
    const { networks, nodes } = await startNodes(2)
    for (let i = 0; i < 12; i++) await networks[1]!.publish('tx', text(`bad ${i}`))
    await until(() => networks[0]!.peers().length === 0, 'the sender is disconnected')
    expect(nodes[0]!.log.some(({ message }) => message === 'disconnected a peer that misbehaved')).toBe(true)
  })
})

describe('requests', () => {
  it('bring frames, refusals and errors', async () => {
    const first = await testNetwork(0)
    first.network.setRequestHandler('echo', async (request, from) => [request, text(from), new Uint8Array(0)])
    first.network.setRequestHandler('no', async () => {
      throw new Error('not today')
    })
    await first.network.start()
    const second = await testNetwork(1, { bootstrap: [first.address()] })
    await second.network.start()
    await until(() => second.network.peers().length === 1, 'connected')
    const ask = (protocol: string, request: Uint8Array) => second.network.request(first.network.id, protocol, request)
    expect(await ask('echo', text('hi'))).toEqual([text('hi'), text(second.network.id), new Uint8Array(0)])
    await expect(ask('no', text('hi'))).rejects.toMatchObject({ code: 'refused', message: 'not today' })
    const onFrame = () => expect.unreachable('a refusal is no answer')
    const refused = second.network.request(first.network.id, 'no', text('hi'), { onFrame })
    await expect(refused).rejects.toMatchObject({ code: 'refused' })
    await expect(ask('unheard-of', text('hi'))).rejects.toMatchObject({ code: 'unsupported' })
    const many = await Promise.all(Array.from({ length: 40 }, (_, i) => ask('echo', text(`${i}`))))
    expect(many.map(([frame]) => untext(frame!))).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`))
  })

  it('bring megabytes', async () => {
    const first = await testNetwork(0)
    const answer = Array.from({ length: 40 }, (_, index) => new Uint8Array(100_000).fill(index))
    first.network.setRequestHandler('much', async () => answer)
    await first.network.start()
    const second = await testNetwork(1, { bootstrap: [first.address()] })
    await second.network.start()
    await until(() => second.network.peers().length === 1, 'connected')
    const frames = await second.network.request(first.network.id, 'much', new Uint8Array(0))
    expect(frames.map((frame) => [frame.length, frame[0], frame.at(-1)])).toEqual(
      answer.map((_, index) => [100_000, index, index]),
    )
    // Who has enough keeps what came, and ends the rest.
    const came: number[] = []
    const giveUp = new AbortController()
    const onFrame = (frame: Uint8Array) => {
      if (came.push(frame[0]!) === 3) giveUp.abort()
    }
    const wanted = { signal: giveUp.signal, onFrame }
    const asking = second.network.request(first.network.id, 'much', new Uint8Array(0), wanted)
    await expect(asking).rejects.toMatchObject({ code: 'aborted' })
    expect(came).toEqual([0, 1, 2])
  })

  it('that are not answered end in time', async () => {
    const first = await testNetwork(0)
    first.network.setRequestHandler('silent', () => new Promise(() => undefined))
    await first.network.start()
    const limits = { firstByteTimeout: 200 }
    const second = await testNetwork(1, { bootstrap: [first.address()], limits })
    await second.network.start()
    await until(() => second.network.peers().length === 1, 'connected')
    const asking = second.network.request(first.network.id, 'silent', new Uint8Array(0))
    await expect(asking).rejects.toMatchObject({ code: 'timeout' })
    await expect(first.network.request(second.network.id, 'x', new Uint8Array(70_000))).rejects.toThrow('at most 65536')
  })

  it('beyond the quota are refused', async () => {
    const first = await testNetwork(0, { limits: { requestsPerSecond: 1 } })
    first.network.setRequestHandler('echo', async (request) => [request])
    await first.network.start()
    const second = await testNetwork(1, { bootstrap: [first.address()] })
    await second.network.start()
    await until(() => second.network.peers().length === 1, 'connected')
    const asks = Array.from({ length: 10 }, () => second.network.request(first.network.id, 'echo', text('x')))
    const outcomes = await Promise.allSettled(asks)
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThanOrEqual(6)
    expect(outcomes.length - refused.length).toBeGreaterThanOrEqual(2)
    expect(String((refused[0] as PromiseRejectedResult).reason)).toMatch('busy: at most 1 requests a second')
  })
})

describe('peers', () => {
  it('of another chain are told so and disconnected', async () => {
    const first = await testNetwork(0)
    await first.network.start()
    const stranger = await testNetwork(1, { bootstrap: [first.address()], genesisHash: new Uint8Array(32).fill(9) })
    await stranger.network.start()
    const words = 'another chain: your genesis is 0x'
    await until(() => first.log.some(({ message }) => message.startsWith(`refused a peer: ${words}0909`)), 'refusal')
    await until(() => stranger.log.some(({ message }) => message.includes(words)), 'the stranger knows why')
    expect(first.network.peers()).toEqual([])
    expect(stranger.network.peers()).toEqual([])
    // Not in the words of the library, which names its hooks.
    const isTold = () => stranger.log.some(({ fields }) => JSON.stringify(fields).includes('"this node has refused it'))
    await until(isTold, 'why it does not dial')
  })

  it('that were restarted are found again', async () => {
    const first = await testNetwork(0)
    await first.network.start()
    const address = first.address()
    const port = Number(address.split('/')[4])
    const second = await testNetwork(1, { bootstrap: [address] })
    const events: string[] = []
    second.network.onPeer(({ kind }) => events.push(kind))
    await second.network.start()
    await until(() => second.network.peers().length === 1, 'connected')
    await first.network.stop()
    await until(() => second.network.peers().length === 0, 'disconnected')
    // It knows no address of the second: the second has to come back by itself.
    const again = await testNetwork(0, { port })
    const received: string[] = []
    again.network.setGossipHandler('consensus', (message) => {
      received.push(untext(message))
      return 'accept'
    })
    await again.network.start()
    await until(() => second.network.peers().length === 1, 'connected again')
    await second.network.publish('consensus', text('welcome back'))
    await until(() => received.length === 1, 'a message')
    expect(events).toEqual(['connected', 'disconnected', 'connected'])
  })

  it('that dial each other at once are one peer', async () => {
    // Ports that were free a moment ago, since each must know the other's before it starts.
    const ports: number[] = []
    for (const index of [0, 1]) {
      const probe = await testNetwork(index)
      await probe.network.start()
      ports.push(Number(probe.address().split('/')[4]))
      await probe.network.stop()
    }
    const addressOf = (index: number) => multiaddrOfSeed(new Uint8Array(32).fill(index + 1), '127.0.0.1', ports[index]!)
    const addresses = [await addressOf(0), await addressOf(1)]
    const received: string[] = []
    const nodes = await Promise.all(
      ports.map(async (port, index) => {
        const { network } = await testNetwork(index, { port, bootstrap: addresses })
        network.setGossipHandler('consensus', (message) => {
          received.push(`${index} ${untext(message)}`)
          return 'accept'
        })
        return network
      }),
    )
    await Promise.all(nodes.map((network) => network.start()))
    await until(() => nodes.every((network) => network.peers().length === 1), 'connected')
    await nodes[0]!.publish('consensus', text('a'))
    await nodes[1]!.publish('consensus', text('b'))
    await until(() => received.length === 2, 'both messages')
    expect(received.toSorted()).toEqual(['0 b', '1 a'])
  })

  it('need an address with a peer id', async () => {
    await expect(testNetwork(0, { bootstrap: ['/ip4/127.0.0.1/tcp/1'] })).rejects.toThrow('/p2p/<peer id>')
  })
})
