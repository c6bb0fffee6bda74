/**
 * Two honest validators as real processes, each of which needs the other to finalise a block, and a third one whose key
 * the attackers have. It measures of the first: its height, memory, processor time, connections.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex, toHex } from '../../../src/codec/hex.ts'
import { signingKey } from '../../../src/consensus/signing/signer.ts'
import { multiaddrOfSeed } from '../../../src/network/identity.ts'
import type { Genesis } from '../../../src/types/genesis.ts'
import { TestDirectories } from '../../faults/support/directories.ts'
import { FEE_RECIPIENT, genesis as plainGenesis } from '../../faults/support/killGenesis.ts'
import { type NodeProcess, rpc, startedNode, writeNodeFiles } from '../../process/nodeProcess.ts'
import type { Target } from './attacker.ts'
import { freePort } from './freePort.ts'
import { residentBytes } from './residentBytes.ts'

const HONEST_SEEDS = [1, 2].map((byte) => new Uint8Array(32).fill(0x40 + byte))
/** Of a validator that is faulty. */
export const FAULTY_SEED = new Uint8Array(32).fill(0x66)
export const FAULTY_INDEX = 2

/** The honest two are a quorum only together; the faulty one proposes now and then. */
export const hostileGenesis: Genesis = {
  ...plainGenesis,
  validators: [...HONEST_SEEDS, FAULTY_SEED].map((seed, index) => ({
    publicKey: signingKey(seed).publicKey,
    power: index === FAULTY_INDEX ? 2n : 10n,
    feeRecipient: FEE_RECIPIENT,
  })),
}

/** Milliseconds between blocks. */
const BLOCK_TIME = 100

/** A tenth of a second apart. */
const STATUS_ATTEMPTS = 100

export interface Measure {
  readonly height: number
  readonly peers: number
  /** Null where there is no /proc. */
  readonly rssBytes: number | null
  /** Processor time used so far, all threads. */
  readonly cpuMilliseconds: number | null
  /** Open sockets, listening ones included. */
  readonly sockets: number | null
}

export interface Scene {
  readonly target: Target
  readonly url: string
  readonly victim: NodeProcess
  readonly nodes: readonly NodeProcess[]
  measure(): Promise<Measure>
  /** The nodes' words about disconnecting each other for their behaviour; nobody here gave them a reason. */
  quarrels(): readonly string[]
  stop(): Promise<void>
}

export async function startScene(): Promise<Scene> {
  const directories = new TestDirectories('hostile')
  const ports = [await freePort(), await freePort()]
  const seeds = [1, 2].map((byte) => new Uint8Array(32).fill(0x20 + byte))
  const addresses = await Promise.all(seeds.map((seed, index) => multiaddrOfSeed(seed, '127.0.0.1', ports[index]!)))
  const nodes = await Promise.all(
    seeds.map((seed, index) =>
      startedNode(
        writeNodeFiles({
          directory: join(directories.root, String(index)),
          genesis: hostileGenesis,
          config: {
            p2p: { host: '127.0.0.1', port: ports[index], seed: toHex(seed), bootstrap: addresses },
            validatorSeed: toHex(HONEST_SEEDS[index]!),
            blockTimeMs: BLOCK_TIME,
          },
        }),
      ),
    ),
  )
  const victim = nodes[0]!
  const pid = victim.child.pid!
  const { genesisHash } = await rpc<{ genesisHash: string }>(victim.url, 'touchstone_status')
  return {
    victim,
    nodes,
    url: victim.url,
    target: { address: addresses[0]!, genesisHash: fromHex(genesisHash) },
    async measure() {
      const { height, peers } = await statusOf(victim.url)
      return { height: Number(height), peers, ...processMeasures(pid) }
    },
    quarrels() {
      const ids = addresses.map((address) => address.split('/').at(-1)!)
      const lines = nodes.flatMap((node) => node.output().split('\n'))
      return lines.filter((line) => line.includes('misbehaved') && ids.some((id) => line.includes(id)))
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      directories.remove()
    },
  }
}

interface Status {
  readonly height: string
  readonly peers: number
}

/** While its JSON-RPC is flooded, the victim says that it is busy, and to try again. */
async function statusOf(url: string): Promise<Status> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rpc<Status>(url, 'touchstone_status')
    } catch (error) {
      if (attempt === STATUS_ATTEMPTS) throw error
      await sleep(100)
    }
  }
}

/** From /proc, on Linux. Processor time is counted in ticks of 10 ms. */
function processMeasures(pid: number): Pick<Measure, 'rssBytes' | 'cpuMilliseconds' | 'sockets'> {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      rssBytes: residentBytes(pid),
      cpuMilliseconds: (Number(fields[11]) + Number(fields[12])) * 10,
      sockets: readdirSync(`/proc/${pid}/fd`).filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length,
    }
  } catch {
    return { rssBytes: null, cpuMilliseconds: null, sockets: null }
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    return false
  }
}
