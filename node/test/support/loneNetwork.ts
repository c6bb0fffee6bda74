/** The network of a node that has no peers: what it publishes is told to the test, and nobody answers. */
import type { Network, Topic } from '../../src/network/network.ts'

export function loneNetwork(onPublish: (topic: Topic, message: Uint8Array) => void): Network {
  return {
    id: 'alone',
    addresses: () => [],
    peers: () => [],
    onPeer: () => () => {},
    setGossipHandler() {},
    async publish(topic, message) {
      onPublish(topic, message)
    },
    async announce(topic, message) {
      onPublish(topic, message)
    },
    async send(_peer, topic, message) {
      onPublish(topic, message)
    },
    setRequestHandler() {},
    request: () => Promise.reject(new Error('nobody is there')),
    penalize() {},
    async start() {},
    async stop() {},
  }
}
