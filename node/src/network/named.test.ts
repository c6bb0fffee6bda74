/** Peers named at start keep what is theirs while strangers take all there is; over real libp2p on loopback. */
import { afterEach, expect, it } from 'vitest'
import { multiaddrOfSeed } from './identity.ts'
import { joinedTo, stopNetworks, testNetwork, text, untext, until } from './testing/testNetworks.ts'

afterEach(stopNetworks)

it('a named peer is answered and pushed to while strangers use up requests and streams', async () => {
  // The victim must name a peer before it exists; it never has to reach it, since that one dials.
  const named = await multiaddrOfSeed(new Uint8Array(32).fill(2), '127.0.0.1', 9)
  const limits = { inboundRequests: 1, placeWait: 50, pushPeers: 1, redialMin: 60_000, redialMax: 60_000 }
  const victim = await testNetwork(0, { bootstrap: [named], limits })
  let begun = false
  victim.network.setRequestHandler('slow', () => {
    begun = true
    return new Promise(() => undefined)
  })
  victim.network.setRequestHandler('echo', async (request) => [request])
  await victim.network.start()
  const join = async (index: number) => {
    const { network } = await testNetwork(index, { bootstrap: [victim.address()] })
    const got: string[] = []
    network.setGossipHandler('block', (message) => {
      got.push(new TextDecoder().decode(message))
      return 'accept'
    })
    await network.start()
    await until(() => network.peers().length === 1, `${index} is connected`)
    return { network, got, ask: (what: string) => network.request(victim.network.id, what, text('x')) }
  }
  const stranger = await join(5)
  const another = await join(6)
  const friend = await join(1)
  void stranger.ask('slow').catch(() => undefined)
  await until(() => begun, 'the slow request has begun')
  await expect(another.ask('echo')).rejects.toThrow('busy: too many requests of others')
  expect(await friend.ask('echo')).toEqual([text('x')])
  await victim.network.publish('block', text('news'))
  await until(() => friend.got.length === 1, 'the news')
})

/** Strangers may give way at once, and one does for another in the whole test. */
const FULL = { newcomerTime: 0, evictionInterval: 600_000, redialMin: 60_000, redialMax: 60_000 }

it('a named peer gets a connection when strangers have them all', async () => {
  const named = await multiaddrOfSeed(new Uint8Array(32).fill(2), '127.0.0.1', 9)
  const victim = await testNetwork(0, { bootstrap: [named], limits: { ...FULL, connections: 2 } })
  await victim.network.start()
  const join = async (index: number) => (await joinedTo(victim, index)).id
  await join(5)
  await join(6)
  const friend = await join(1)
  await until(() => victim.network.peers().length === 2, 'one stranger has given way')
  expect(victim.network.peers().map(({ id }) => id)).toContain(friend)
})

it('a stranger gets the connection of an idle one when all are taken, and that one does not get it back at once', async () => {
  const victim = await testNetwork(0, { limits: { ...FULL, connections: 1 } })
  await victim.network.start()
  const [first, second] = [
    await testNetwork(5, { bootstrap: [victim.address()] }),
    await testNetwork(6, { bootstrap: [victim.address()] }),
  ]
  await first.network.start()
  await until(() => first.network.peers().length === 1, 'the first is connected')
  await second.network.start()
  await until(() => second.network.peers().length === 1, 'the second is connected')
  await until(() => first.network.peers().length === 0, 'the first has given way')
  await until(() => first.log.some(({ message }) => message.startsWith('cannot reach a peer')), 'it is refused')
  await until(() => victim.network.peers().some(({ id }) => id === second.network.id), 'the second is a peer')
  expect(victim.network.peers()).toHaveLength(1)
})

it('one identity cannot have all connections, however often it comes', async () => {
  const limits = { ...FULL, connections: 4, connectionsPerPeer: 2 }
  const victim = await testNetwork(0, { limits })
  await victim.network.start()
  const again = { limits: { redialMin: 60_000, redialMax: 60_000 }, bootstrap: [victim.address()] }
  for (let come = 0; come < 6; come++) {
    const { network, log } = await testNetwork(5, again)
    await network.start()
    // Those that came before it come again when they are pushed out, and may push it out in turn.
    const isRefused = () => log.some(({ message }) => message.startsWith('cannot reach a peer'))
    await until(() => network.peers().length === 1 || isRefused(), 'it is connected or refused')
  }
  const newcomer = await testNetwork(6, { bootstrap: [victim.address()] })
  await newcomer.network.start()
  await until(() => victim.network.peers().some(({ id }) => id === newcomer.network.id), 'the newcomer is a peer')
  expect(victim.network.peers()).toHaveLength(2)
})

it('a named peer that sends invalid messages is throttled, not hung up on, and what is good in between is heard', async () => {
  const named = await multiaddrOfSeed(new Uint8Array(32).fill(2), '127.0.0.1', 9)
  const limits = { throttledPerSecond: 20, throttledBurst: 20, redialMin: 60_000, redialMax: 60_000 }
  const victim = await testNetwork(0, { bootstrap: [named], limits })
  const good: string[] = []
  victim.network.setGossipHandler('consensus', (message) => {
    const what = untext(message)
    if (what.startsWith('bad')) return 'reject'
    good.push(what)
    return 'accept'
  })
  await victim.network.start()
  const join = (index: number) => joinedTo(victim, index)
  const friend = await join(1)
  const stranger = await join(5)
  const said = (what: string) => victim.log.filter(({ message }) => message.startsWith(what)).length
  for (let at = 0; at < 12; at++) await stranger.publish('consensus', text(`bad ${at} of a stranger`))
  await until(() => said('disconnected') === 1, 'the stranger is thrown out')
  for (let at = 0; at < 60; at++) await friend.publish('consensus', text(`bad ${at}`))
  await friend.publish('consensus', text('a vote'))
  await until(() => good.includes('a vote'), 'the vote')
  expect([said('throttled'), said('disconnected')]).toEqual([1, 1])
  expect(victim.network.peers().map(({ id }) => id)).toEqual([friend.id])
})

it('a message that was left alone because of who sent it is judged when another sends it', async () => {
  const victim = await testNetwork(0)
  await victim.network.start()
  const join = (index: number) => joinedTo(victim, index)
  const stranger = await join(5)
  const friend = await join(1)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const heard: string[] = []
  victim.network.setGossipHandler('consensus', async (_message, from) => {
    heard.push(from)
    if (from === friend.id) return 'accept'
    await released
    return 'unheard'
  })
  await stranger.publish('consensus', text('news'))
  await until(() => heard.length === 1, 'the copy of the stranger')
  await friend.publish('consensus', text('news'))
  // While the first is being looked at, the second waits for what comes of it.
  await new Promise((resolve) => setTimeout(resolve, 50))
  release()
  await until(() => heard.includes(friend.id), 'the copy of the friend')
  expect(heard).toEqual([stranger.id, friend.id])
})
