/** Whole nodes over libp2p: one joins with a snapshot of the others, answers, executes what follows, and serves the next. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ETHER, transaction } from '../../src/chain/testing/fixtures.ts'
import { bigintToBytes } from '../../src/codec/bytes.ts'
import { toHex, toQuantity } from '../../src/codec/hex.ts'
import type { NodeConfigJson } from '../../src/config.ts'
import { type RunningNode, startNode } from '../../src/node.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { openLevelStore } from '../../src/runtime/levelStore.ts'
import { validatorSeeds } from '../../src/sync/testing/certifiedChain.ts'
import { contracts, flatState, type StateScene, stateScene } from '../../src/sync/testing/stateScene.ts'
import { type LogLine, listLogger } from '../../testing/logger.ts'

const CROWD = 700
/** The scene's chain, and so the snapshot. */
const HEIGHT = 4

const root = mkdtempSync(join(tmpdir(), 'touchstone-snapshot-'))
const running = new Map<string, RunningNode>()
let scene: StateScene

async function start(
  name: string,
  index: number,
  options: Partial<NodeConfigJson> & { readonly peers: readonly string[] },
) {
  const { peers, ...rest } = options
  const log: LogLine[] = []
  const config: NodeConfigJson = {
    name,
    genesisFile: '',
    dataDir: join(root, name),
    engine: 'reference',
    rpc: { host: '127.0.0.1', port: 0 },
    p2p: {
      host: '127.0.0.1',
      port: 0,
      seed: toHex(new Uint8Array(32).fill(100 + index)),
      bootstrap: peers.map((peer) => running.get(peer)!.p2pAddresses()[0]!),
    },
    validatorSeed: null,
    validatorIsNew: false,
    feeRecipient: toHex(new Uint8Array(20).fill(0xee)),
    blockTimeMs: null,
    logLevel: 'info',
    ...rest,
  }
  const node = await startNode({
    config,
    genesis: scene.genesis,
    logger: listLogger(log),
    onFatal: (error) => expect.fail(`${name}: ${error}`),
  })
  running.set(name, node)
  const rpc = async (method: string, ...params: readonly unknown[]) => {
    const response = await fetch(`http://127.0.0.1:${node.rpcPort}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as {
      result?: unknown
      error?: { readonly code: number; readonly message: string }
    }
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code })
    return result
  }
  const told = (text: string) => log.some(({ message }) => message.includes(text))
  const height = async () => Number(await rpc('eth_blockNumber'))
  const reach = async (target: number) => {
    const end = Date.now() + 60_000
    while ((await height()) < target) {
      if (Date.now() > end) throw new Error(`${name} is at ${await height()}, not at ${target}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return (await rpc('eth_getBlockByNumber', toQuantity(BigInt(target)), false)) as { hash: string; stateRoot: string }
  }
  const stop = async () => {
    running.delete(name)
    await node.stop()
  }
  return { rpc, told, height, reach, stop }
}

beforeAll(async () => {
  await installCrypto()
  scene = await stateScene(CROWD, await openLevelStore(join(root, 'validator', 'chain')))
  await scene.source.chain.close()
  cpSync(join(root, 'validator'), join(root, 'follower'), { recursive: true })
}, 120_000)

afterAll(async () => {
  for (const node of running.values()) await node.stop()
  rmSync(root, { recursive: true, force: true })
})

test('a node joins with a snapshot, answers, follows, and serves the next one', async () => {
  // The first validator alone is a quorum.
  const validator = await start('validator', 0, { peers: [], validatorSeed: toHex(validatorSeeds[0]!) })
  const follower = await start('follower', 1, { peers: ['validator'] })
  const joined = await start('joined', 2, { peers: ['validator', 'follower'], sync: 'snapshot' })
  expect(joined.told(`the snapshot of block ${HEIGHT} is complete`)).toBe(true)

  // Its state is the others' state.
  const crowd = toHex(bigintToBytes(0xc0ffee0000n + 555n, 20))
  const slot = toHex(bigintToBytes(9n, 32))
  const questions: [string, ...unknown[]][] = [
    ['eth_getBlockByNumber', 'latest', false],
    ['eth_getBlockByNumber', '0x0', true],
    ['eth_getBalance', crowd, 'latest'],
    ['eth_getStorageAt', toHex(contracts[1]), slot, 'latest'],
    ['eth_getCode', toHex(contracts[0]), 'latest'],
    ['eth_getProof', toHex(contracts[0]), [slot], 'latest'],
    ['eth_gasPrice'],
    ['touchstone_getCertificate', toQuantity(BigInt(HEIGHT))],
  ]
  for (const [method, ...params] of questions) {
    expect(await joined.rpc(method, ...params), method).toEqual(await validator.rpc(method, ...params))
  }

  // It says which blocks it lacks.
  const gone = { code: 4444, message: expect.stringContaining(`it started from a snapshot at block ${HEIGHT}`) }
  const refused: [string, ...unknown[]][] = [
    ['eth_getBlockByNumber', '0x2', false],
    ['eth_getBalance', crowd, '0x3'],
    ['eth_getBlockReceipts', toQuantity(BigInt(HEIGHT))],
    ['eth_getLogs', { fromBlock: 'earliest', toBlock: 'latest' }],
    ['eth_getLogs', { fromBlock: '0x2', toBlock: '0x3' }],
  ]
  for (const [method, ...params] of refused)
    await expect(joined.rpc(method, ...params), method).rejects.toMatchObject(gone)

  // It takes transactions, and executes the blocks that follow on the state it was given.
  const nonce = Number(await joined.rpc('eth_getTransactionCount', toHex(transaction(1, 0).sender), 'latest'))
  for (let sent = 0; sent < 3; sent++) {
    await joined.rpc('eth_sendRawTransaction', toHex(transaction(1, nonce + sent, { value: ETHER }).raw))
    await Promise.all([validator, follower, joined].map((node) => node.reach(HEIGHT + sent + 1)))
  }
  const top = HEIGHT + 3
  const [ours, theirs] = await Promise.all([joined.reach(top), validator.reach(top)])
  expect(ours).toEqual(theirs)
  const history = (await joined.rpc('eth_feeHistory', '0x20', 'latest', [50])) as { oldestBlock: string }
  expect(history.oldestBlock).toBe(toQuantity(BigInt(HEIGHT + 1)))
  expect(await joined.rpc('eth_getLogs', { fromBlock: toQuantity(BigInt(HEIGHT + 1)), toBlock: 'latest' })).toEqual([])

  // Started again it goes on with the chain it has, though its configuration still says `snapshot`.
  await joined.stop()
  const again = await start('joined', 2, { peers: ['validator', 'follower'], sync: 'snapshot' })
  expect(again.told('there is a chain already')).toBe(true)
  expect(await again.reach(top)).toEqual(theirs)

  // It gives a snapshot in turn, but not the blocks it never had.
  const next = await start('next', 3, { peers: ['joined'], sync: 'snapshot' })
  expect(next.told(`the snapshot of block ${top} is complete`)).toBe(true)
  const all = await start('all', 4, { peers: ['joined'] })
  for (let wait = 0; wait < 2_400 && !all.told('no peer has block 1'); wait++) {
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  expect(all.told('no peer has block 1')).toBe(true)
  expect(await all.height()).toBe(0)

  // Byte for byte, after blocks executed on a snapshot.
  for (const node of [...running.values()]) await node.stop()
  running.clear()
  const states: (readonly string[])[] = []
  for (const name of ['validator', 'joined', 'next']) {
    const store = await openLevelStore(join(root, name, 'chain'))
    states.push(await flatState(store))
    await store.close()
  }
  expect(states[0]!.length).toBeGreaterThan(CROWD)
  expect(states[1]).toEqual(states[0])
  expect(states[2]).toEqual(states[0])
}, 240_000)
