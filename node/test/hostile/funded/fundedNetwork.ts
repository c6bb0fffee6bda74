/**
 * Four validators as real processes, as a default devnet has them: the last on the reference engine, the others compiled.
 */
import { join } from 'node:path'
import { fromHex, toHex } from '../../../src/codec/hex.ts'
import { signingKey } from '../../../src/consensus/signing/signer.ts'
import { multiaddrOfSeed } from '../../../src/network/identity.ts'
import type { Genesis } from '../../../src/types/genesis.ts'
import { TestDirectories } from '../../faults/support/directories.ts'
import { FEE_RECIPIENT, genesis as plainGenesis } from '../../faults/support/killGenesis.ts'
import { type NodeProcess, startedNode, writeNodeFiles } from '../../process/nodeProcess.ts'
import { freePort } from '../support/freePort.ts'

const VALIDATORS = [1, 2, 3, 4]
const validatorSeeds = VALIDATORS.map((number) => new Uint8Array(32).fill(0x50 + number))

export const fundedGenesis: Genesis = {
  ...plainGenesis,
  validators: validatorSeeds.map((seed) => ({
    publicKey: signingKey(seed).publicKey,
    power: 1n,
    feeRecipient: FEE_RECIPIENT,
  })),
}

/** The addresses of it that an attacker knows. */
export interface NetworkAddresses {
  readonly nodes: readonly { readonly url: string }[]
  /** Where the nodes listen, with their peer ids. */
  readonly addresses: readonly string[]
  readonly genesisHash: Uint8Array
  /** In the order of the genesis. */
  readonly validatorSeeds: readonly Uint8Array[]
}

export interface FundedNetwork extends NetworkAddresses {
  readonly nodes: readonly NodeProcess[]
  /** Ports of their metrics, which no attacker knows: a way to see heights that a flood of JSON-RPC does not fill. */
  readonly metricsPorts: readonly number[]
  /** Ends the process of a node at once (kill -9). */
  kill(index: number): Promise<void>
  /**
   * Starts it again on what it has on disk, at the same addresses. @throws Error with what it said when it did not start.
   */
  restart(index: number): Promise<void>
  /** Numbers of nodes whose process has ended without being killed. */
  ended(): readonly number[]
  /** The faults that the nodes blame each other for, each time; nobody here gave them a reason. */
  quarrels(): readonly string[]
  stop(): Promise<void>
}

/** `started` is told of each process as it starts. */
export async function startFundedNetwork(
  genesis: Genesis = fundedGenesis,
  started: (index: number, node: NodeProcess) => void = () => undefined,
): Promise<FundedNetwork> {
  const directories = new TestDirectories('funded')
  const ports: number[] = []
  const rpcPorts: number[] = []
  for (const _ of VALIDATORS) ports.push(await freePort())
  for (const _ of VALIDATORS) rpcPorts.push(await freePort())
  const metricsPorts: number[] = []
  for (const _ of VALIDATORS) metricsPorts.push(await freePort())
  const identities = VALIDATORS.map((number) => new Uint8Array(32).fill(0x30 + number))
  const addresses = await Promise.all(
    identities.map((seed, index) => multiaddrOfSeed(seed, '127.0.0.1', ports[index]!)),
  )
  const configs = identities.map((seed, index) =>
    writeNodeFiles({
      directory: join(directories.root, String(index + 1)),
      genesis,
      config: {
        name: `node ${index + 1}`,
        engine: index === VALIDATORS.length - 1 ? 'reference' : 'compiled',
        rpc: { host: '127.0.0.1', port: rpcPorts[index] },
        metrics: { port: metricsPorts[index] },
        p2p: { host: '127.0.0.1', port: ports[index], seed: toHex(seed), bootstrap: addresses },
        validatorSeed: toHex(validatorSeeds[index]!),
        // Says each point that a node gives a peer, and not only what follows from many.
        logLevel: 'debug',
      },
    }),
  )
  const start = async (config: string, index: number) => {
    const node = await startedNode(config)
    started(index, node)
    return node
  }
  const nodes = await Promise.all(configs.map(start))
  const killed = new Set<number>()
  const ids = addresses.map((address) => address.split('/').at(-1)!)
  return {
    nodes,
    metricsPorts,
    addresses,
    genesisHash: fromHex(nodes[0]!.genesisHash),
    validatorSeeds,
    async kill(index) {
      killed.add(index)
      nodes[index]!.child.kill('SIGKILL')
      await nodes[index]!.exited
    },
    async restart(index) {
      nodes[index] = await start(configs[index]!, index)
      killed.delete(index)
    },
    ended: () =>
      nodes.flatMap(({ child }, index) =>
        killed.has(index) || (child.exitCode === null && child.signalCode === null) ? [] : [index + 1],
      ),
    quarrels() {
      const lines = nodes.flatMap((node) => node.output().split('\n'))
      return lines.filter((line) => line.includes('misbehaved') && ids.some((id) => line.includes(id)))
    },
    async stop() {
      for (const { child } of nodes) child.kill('SIGKILL')
      await Promise.all(nodes.map(({ exited }) => exited))
      directories.remove()
    },
  }
}
