/** The attacks of somebody with money on a live network, by name. A turn sends one thing and may wait for it. */
import { bigintToBytes } from '../../../src/codec/bytes.ts'
import { toHex } from '../../../src/codec/hex.ts'
import { encodeInitCode } from '../../../src/execution/initCode.ts'
import {
  codeOfPrefixCodes,
  creationsOfPrefixCodes,
  endless,
  freshInstances,
  initCodeOf,
  loudReverts,
  nestedInstances,
  scatteredLoads,
  valuesAcrossCalls,
  words,
} from './contracts.ts'
import { framingTurns } from './framing.ts'
import type { FundedAttacker } from './fundedAttacker.ts'
import type { NetworkAddresses } from './fundedNetwork.ts'

/** One turn of an attack that is under way. */
export interface Turn {
  (turn: number): Promise<unknown>
  /** After the last turn. */
  readonly end?: () => Promise<void>
}

export interface FundedAttack {
  readonly name: string
  /**
   * Milliseconds that a transfer of others may take meanwhile, where nothing keeps the processors busy; looked at in
   * long runs.
   */
  readonly slowestTransfer?: number
  /** Deploys, or connects, what it needs. */
  prepare(attacker: FundedAttacker, network: NetworkAddresses): Promise<Turn>
}

/** Nearly a block, which leaves room for what others send. */
const MOST_GAS = 28_000_000n
const DEPLOY_GAS = 12_000_000n
const precompile = (number: number) => bigintToBytes(BigInt(number), 20)
/** Below the gas that the reference engine, which one node runs, takes a minute for. */
const LOOP_GAS = 4_000_000n

/** Sends to the contract, and waits until it is in a block. */
function calling(initCode: Uint8Array, data: (turn: number) => Uint8Array, gas: bigint): FundedAttack['prepare'] {
  return async (attacker) => {
    const to = await attacker.deploy(initCode, DEPLOY_GAS)
    return async (turn) => {
      const hash = await attacker.send({ to, data: data(turn), gas })
      if (hash !== null) await attacker.receipt(hash)
    }
  }
}

/** x or y of points that are none, at the edge of the field, or of small order. */
const FIELD = 21_888_242_871_839_275_222_246_405_745_257_275_088_696_311_157_297_823_662_689_037_894_645_226_208_583n
const BORDER = [0n, 1n, 2n, FIELD - 1n, FIELD, FIELD + 1n, 2n ** 256n - 1n]

function borderInput(turn: number): Uint8Array {
  const input = new Uint8Array(32 * (turn % 13))
  for (let word = 0; 32 * word < input.length; word++) {
    const value = BORDER[(turn * (word + 3) + (turn >> 3)) % BORDER.length]!
    input.set(bigintToBytes(value, 32), 32 * word)
  }
  return input
}

export const FUNDED_ATTACKS: readonly FundedAttack[] = [
  {
    name: 'a validator that frames others',
    slowestTransfer: 2_000,
    prepare: (_attacker, network) => framingTurns(network, network.validatorSeeds.length - 1),
  },
  {
    name: 'precompiles at the border',
    prepare: async (attacker) => {
      // The one that stopped every validator: a point of bn254 with y = 0.
      const y0 = await attacker.send({ to: precompile(6), data: bigintToBytes(1n, 32), gas: 100_000n })
      if (y0 !== null) await attacker.receipt(y0)
      return async (turn) => {
        const to = precompile(1 + (turn % 9))
        const hash = await attacker.send({ to, data: borderInput(turn), gas: 6_000_000n })
        if (hash !== null && turn % 10 === 9) await attacker.receipt(hash)
      }
    },
  },
  {
    name: 'values alive across calls',
    prepare: calling(initCodeOf(valuesAcrossCalls()), (turn) => words(turn === 0 ? 400 : 0, 4), MOST_GAS),
  },
  {
    name: 'creations of prefix codes',
    prepare: calling(initCodeOf(creationsOfPrefixCodes(131_000)), () => new Uint8Array(0), MOST_GAS),
  },
  {
    name: 'transactions of prefix codes',
    prepare: async (attacker) => {
      const initCode = encodeInitCode(codeOfPrefixCodes(100_000), null)
      return async () => {
        const hash = await attacker.send({ to: null, data: initCode, gas: 5_000_000n })
        if (hash !== null) await attacker.receipt(hash)
      }
    },
  },
  {
    name: 'fresh instances',
    prepare: calling(initCodeOf(freshInstances()), () => new Uint8Array(0), MOST_GAS),
  },
  {
    name: 'instances inside each other',
    prepare: calling(initCodeOf(nestedInstances()), () => new Uint8Array(0), MOST_GAS),
  },
  {
    name: 'loads no cache holds',
    prepare: calling(initCodeOf(scatteredLoads()), () => words(0), LOOP_GAS),
  },
  {
    name: 'loud reverts',
    prepare: calling(initCodeOf(loudReverts()), () => new Uint8Array(0), 1_000_000n),
  },
  {
    name: 'calls without end',
    prepare: async (attacker) => {
      const to = `0x${'ab'.repeat(20)}`
      const params = [{ to, gas: '0x2faf080' }, 'latest', { [to]: { code: toHex(endless()) } }]
      return async (turn) => {
        const method = turn % 2 === 0 ? 'eth_call' : 'eth_estimateGas'
        const type = turn % 3 === 0 ? 'text/plain' : 'application/json'
        const response = await fetch(attacker.url, {
          method: 'POST',
          headers: { 'content-type': type, origin: 'https://evil.example' },
          body: JSON.stringify({ jsonrpc: '2.0', id: turn, method, params }),
        })
        await response.text()
      }
    },
  },
]
