/**
 * `node liveArm64.ts EMULATOR LIBRARIES NODE`: a network of four in which the fourth node runs on an emulated arm64
 * processor. Three nodes decide without it; then one of the three is stopped, so that every block needs its vote. Ends
 * with 0 when all hold the same blocks and its signatures are in the certificates.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startNetwork } from '@touchstone/devnet'
import { createPublicClient, http, numberToHex } from 'viem'

const [emulator, libraries, binary] = process.argv.slice(2)
if (emulator === undefined || libraries === undefined || binary === undefined) {
  console.error('usage: node liveArm64.ts EMULATOR LIBRARIES NODE')
  process.exit(2)
}
const EMULATED_NODE = 4
const STOPPED_NODE = 3
const BLOCKS_WITH_ALL = 3n
/** The blocks after these were not under way any more when the node stopped. */
const BLOCKS_UNDER_WAY = 2n
const BLOCKS_WITHOUT_ONE = 4n
const TIMEOUT_MS = 8 * 60_000

const folder = mkdtempSync(join(tmpdir(), 'touchstone-live-'))
const wrapper = join(folder, 'node-arm64')
// Without the flag the emulator keeps a record of every page of the gigabytes that V8 reserves behind a Wasm memory.
writeFileSync(
  wrapper,
  `#!/bin/sh\nQEMU_LD_PREFIX='${libraries}' exec '${emulator}' '${binary}' --disable-wasm-trap-handler "$@"\n`,
)
chmodSync(wrapper, 0o755)
process.env['DEVNET_NODE_BINARIES'] = `${EMULATED_NODE}=${wrapper}`
const started = Date.now()

const network = await startNetwork(
  {
    dataDir: join(folder, 'network'),
    nodes: 4,
    port: 20_000 + (process.pid % 20_000),
    host: '127.0.0.1',
    reset: false,
    blockTimeMs: 2_000,
    logLevel: 'info',
    engine: 'mixed',
  },
  () => {},
)
try {
  const clients = network.ready.nodes.map(({ rpc }) =>
    createPublicClient({ transport: http(rpc, { timeout: 60_000 }) }),
  )
  const emulated = clients[EMULATED_NODE - 1]!
  console.log(`all four answer after ${seconds()} s`)
  await until(emulated, BLOCKS_WITH_ALL)
  console.log(`the arm64 node is at block ${BLOCKS_WITH_ALL} after ${seconds()} s`)
  await network.stopNode(STOPPED_NODE)
  const stoppedAt = await clients[0]!.getBlockNumber({ cacheTime: 0 })
  const height = stoppedAt + BLOCKS_UNDER_WAY + BLOCKS_WITHOUT_ONE
  await until(emulated, height)
  await until(clients[0]!, height)
  console.log(`blocks to ${height} needed its vote: done after ${seconds()} s`)
  await network.start(STOPPED_NODE)
  await Promise.all(clients.map((client) => until(client, height)))
  for (let number = 1n; number <= height; number++) {
    const blocks = await Promise.all(clients.map((client) => client.getBlock({ blockNumber: number })))
    const [first] = blocks
    for (const [index, block] of blocks.entries()) {
      if (block.hash === first!.hash && block.stateRoot === first!.stateRoot) continue
      throw new Error(`node ${index + 1} has block ${number} ${block.hash}, node 1 has ${first!.hash}`)
    }
  }
  let signed = 0n
  for (let number = stoppedAt + BLOCKS_UNDER_WAY + 1n; number <= height; number++) {
    if (await hasSigned(clients[0]!, number)) signed++
    else throw new Error(`block ${number} needed the arm64 node, but its certificate does not have its signature`)
  }
  console.log(
    `${height} equal blocks on four nodes; ${signed} certificates with the arm64 node's signature (${seconds()} s)`,
  )
} finally {
  await network.stop()
  rmSync(folder, { recursive: true, force: true })
}

type Client = ReturnType<typeof createPublicClient>

async function until(client: Client, height: bigint): Promise<void> {
  while ((await client.getBlockNumber({ cacheTime: 0 })) < height) {
    if (Date.now() - started > TIMEOUT_MS) throw new Error(`no block ${height} within ${TIMEOUT_MS / 1000} s`)
    await sleep(500)
  }
}

async function hasSigned(client: Client, number: bigint): Promise<boolean> {
  const request = { method: 'touchstone_getCertificate', params: [numberToHex(number)] }
  const certificate = (await client.request(request as unknown as Parameters<Client['request']>[0])) as unknown as {
    readonly signatures: readonly { readonly index: number }[]
  }
  return certificate.signatures.some(({ index }) => index === EMULATED_NODE - 1)
}

function seconds(): string {
  return ((Date.now() - started) / 1000).toFixed(0)
}
