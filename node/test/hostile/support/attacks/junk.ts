/**
 * Transactions that cost nothing to make: of another chain, of senders who do not exist, known ones; and exchanges of
 * pools that bring nothing.
 */
import { randomFillSync } from 'node:crypto'
import { toHex } from '../../../../src/codec/hex.ts'
import { encodeBundle } from '../../../../src/txpool/bundleCodec.ts'
import { signTransaction } from '../../../../src/types/transactionCodec.ts'
import { senders, transactionOf } from '../../../faults/support/killGenesis.ts'
import { rpc } from '../../../process/nodeProcess.ts'
import type { Attacker } from '../attacker.ts'
import type { Attack, AttackContext } from '../attacks.ts'
import { hostileGenesis } from '../scene.ts'
import { going, joined, pause } from '../steps.ts'

const BUNDLE = 512
const GWEI = 1_000_000_000n
interface JunkFields {
  readonly chainId?: bigint
  /** Wei per gas. */
  readonly maxFeePerGas: bigint
}

/** Under one signature and ever new values: each is of another sender, whom nobody has the key of. */
function junkMaker({ chainId = hostileGenesis.chainId, maxFeePerGas }: JunkFields): () => Uint8Array {
  const mark = new Uint8Array(8).fill(0xa5)
  const value = BigInt(toHex(mark))
  const fees = { maxPriorityFeePerGas: 0n, maxFeePerGas }
  const fields = { nonce: 0n, gasLimit: 21_000n, to: new Uint8Array(20).fill(7), value, data: new Uint8Array(0) }
  const { raw } = signTransaction({ type: 2, chainId, ...fees, ...fields, accessList: [] }, new Uint8Array(32).fill(3))
  const at = Buffer.from(raw).indexOf(mark)
  return () => {
    const copy = raw.slice()
    randomFillSync(copy, at, mark.length)
    // Of eight bytes still.
    copy[at]! |= 0x80
    return copy
  }
}

const many = (count: number, make: () => Uint8Array): Uint8Array[] => Array.from({ length: count }, make)

function junkFlood(name: string, fields: JunkFields): Attack {
  return {
    name,
    outcome: 'banned',
    async run(context) {
      const fresh = junkMaker(fields)
      const attacker = await joined(context)
      while (going(context) && attacker.isConnected) {
        await attacker.push('tx', encodeBundle(many(BUNDLE, fresh)))
        await pause(1)
      }
      return [attacker]
    },
  }
}

/** Good ones of a sender of the genesis, from its next nonce on. */
async function goodOnes(context: AttackContext, sender: number): Promise<() => Uint8Array> {
  const address = toHex(senders[sender]!.address)
  const count = await rpc<string>(`http://127.0.0.1:${context.rpcPort}`, 'eth_getTransactionCount', [
    address,
    'pending',
  ])
  let nonce = BigInt(count)
  return () => transactionOf(sender, nonce++, new Uint8Array(0))
}

export const JUNK_ATTACKS: readonly Attack[] = [
  junkFlood('transactions of another chain', { chainId: 99n, maxFeePerGas: 100n * GWEI }),
  junkFlood('fees of nothing, by nobody', { maxFeePerGas: 0n }),
  junkFlood('good fees, by nobody', { maxFeePerGas: 100n * GWEI }),
  {
    name: 'one good transaction among junk',
    outcome: 'banned',
    async run(context) {
      const fresh = junkMaker({ maxFeePerGas: 100n * GWEI })
      const good = await goodOnes(context, 1)
      const attacker = await joined(context)
      while (going(context) && attacker.isConnected) {
        await attacker.push('tx', encodeBundle([good(), ...many(BUNDLE - 1, fresh)]))
        await pause(1)
      }
      return [attacker]
    },
  },
  {
    name: 'known transactions in new bundles',
    // Nothing is wrong with any of them: the peer is cut off only when it has sent more than an honest one ever has to.
    outcome: 'bounded',
    async run(context) {
      const good = await goodOnes(context, 2)
      const known = many(BUNDLE, good)
      const attacker = await joined(context)
      for (let turn = 0; going(context) && attacker.isConnected; turn++) {
        const from = turn % BUNDLE
        await attacker.push('tx', encodeBundle([...known.slice(from), ...known.slice(0, from)]))
        await pause(1)
      }
      return [attacker]
    },
  },
  {
    name: 'pools of nothing, given slowly',
    outcome: 'bounded',
    async run(context) {
      const attackers: Attacker[] = []
      for (let count = 0; count < 8; count++) {
        attackers.push(
          await joined(context, {}, async (attacker) => {
            await attacker.serve('pool-hashes', async () => [randomFillSync(new Uint8Array(32 * 8_192))])
            // Given up when the attack is over.
            await attacker.serve('pool-transactions', () =>
              pause(Math.max(0, context.until - performance.now())).then(() => []),
            )
          }),
        )
      }
      while (going(context)) await pause(50)
      return attackers
    },
  },
]
