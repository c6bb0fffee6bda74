/** Runs one attack against the scene and says what came of it. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@touchstone/vm/testing/random'
import { Attacker } from './attacker.ts'
import { type Attack, openSocket } from './attacks.ts'
import type { Scene } from './scene.ts'

/** How long the victim may take to hang up after the last thing sent. Milliseconds. */
const PATIENCE = 5_000

/**
 * Whoever is to be thrown out goes on until that happens, or for so long. Milliseconds: it takes one second, four where the
 * victim gets an eighth of a processor, and how fast a machine is is not the question.
 */
const LONGEST_TO_BAN = 40_000

export interface AttackReport {
  readonly name: string
  readonly seconds: number
  /** Blocks finalised meanwhile. */
  readonly blocks: number
  readonly rssBefore: number | null
  readonly rssGrowth: number | null
  /** Of one processor, 0 to 1 and above. */
  readonly cpu: number | null
  readonly mostSockets: number | null
  readonly mostPeers: number
  /** Attackers thrown out, of how many. */
  readonly dropped: number
  readonly attackers: number
  /** Attackers the victim took back within the ban. */
  readonly takenBack: number
}

export async function runAttack(
  scene: Scene,
  attack: Attack,
  milliseconds: number,
  seed: number,
): Promise<AttackReport> {
  const attackers: Attacker[] = []
  const sockets: Socket[] = []
  const before = await scene.measure()
  const began = performance.now()
  let mostSockets = before.sockets
  let mostPeers = before.peers
  let mostRss = before.rssBytes
  let over = false
  const look = async () => {
    const { sockets: open, peers, rssBytes } = await scene.measure()
    if (open !== null) mostSockets = Math.max(mostSockets ?? 0, open)
    if (rssBytes !== null) mostRss = Math.max(mostRss ?? 0, rssBytes)
    mostPeers = Math.max(mostPeers, peers)
  }
  const watching = (async () => {
    while (!over) {
      await look().catch(() => undefined)
      await sleep(100)
    }
  })()
  try {
    const judged = await attack.run({
      target: scene.target,
      random: seededRandom(seed),
      until: began + (attack.outcome === 'banned' ? Math.max(milliseconds, LONGEST_TO_BAN) : milliseconds),
      rpcPort: Number(new URL(scene.url).port),
      height: async () => (await scene.measure()).height,
      async attacker() {
        const attacker = await Attacker.make(scene.target)
        attackers.push(attacker)
        return attacker
      },
      socket(port) {
        const socket = openSocket(port)
        sockets.push(socket)
        return socket
      },
    })
    if (attack.outcome === 'banned') await allDropped(judged)
    await nextBlock(scene, before.height)
    const after = await scene.measure()
    const seconds = (performance.now() - began) / 1000
    const dropped = judged.filter((attacker) => !attacker.isConnected)
    const back = attack.outcome === 'banned' ? await Promise.all(dropped.map((attacker) => attacker.isTakenBack())) : []
    return {
      name: attack.name,
      seconds,
      blocks: after.height - before.height,
      rssBefore: before.rssBytes,
      rssGrowth: mostRss === null || before.rssBytes === null ? null : mostRss - before.rssBytes,
      cpu:
        after.cpuMilliseconds === null || before.cpuMilliseconds === null
          ? null
          : (after.cpuMilliseconds - before.cpuMilliseconds) / 1000 / seconds,
      mostSockets,
      mostPeers,
      dropped: dropped.length,
      attackers: judged.length,
      takenBack: back.filter(Boolean).length,
    }
  } finally {
    over = true
    for (const socket of sockets) socket.destroy()
    await Promise.all(attackers.map((attacker) => attacker.stop()))
    await watching
  }
}

/** An attack that is over at once gives no time for a block; one has to come all the same. */
async function nextBlock(scene: Scene, height: number): Promise<void> {
  const end = performance.now() + PATIENCE
  while (performance.now() < end && (await scene.measure()).height <= height) await sleep(50)
}

async function allDropped(attackers: readonly Attacker[]): Promise<void> {
  const end = performance.now() + PATIENCE
  while (performance.now() < end && attackers.some((attacker) => attacker.isConnected)) await sleep(20)
}
