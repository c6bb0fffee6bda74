/** Dev controls that write the whole state down and load one, piece by piece, each piece through consensus. */
import { equalBytes } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import type { DevOperation } from '../../execution/dev/operations.ts'
import type { DevControls } from '../backend.ts'
import { anything } from '../decode/decoder.ts'
import { data } from '../decode/hex.ts'
import { LIMIT_EXCEEDED, RpcError } from '../errors.ts'
import { required, withDefault } from '../method.ts'
import { clientOf } from '../origin.ts'
import { type RpcContext, stopIfOver } from '../reading/context.ts'
import { BOOLEAN, DATA } from '../schema/schema.ts'
import { control, inPieces, operate } from './control.ts'
import { type LoadedAccount, packState, unpackState } from './stateFile.ts'

const home = 'stateFiles'
const spaces = (name: string): readonly string[] => [`anvil_${name}`, `hardhat_${name}`, `touchstone_${name}`]

/** Nodes that dump or load a state right now: each takes as much memory as `maxStateBytes` allows several times over. */
const busy = new WeakSet<DevControls>()

async function alone<T>(dev: DevControls, work: () => Promise<T>): Promise<T> {
  if (busy.has(dev)) throw new RpcError(LIMIT_EXCEEDED, 'busy: this node dumps or loads a state; one at a time')
  busy.add(dev)
  try {
    return await work()
  } finally {
    busy.delete(dev)
  }
}

/** Operations that are transactions of their own, in order. Codes first: they are what may be refused. */
async function piecesOf(
  dev: DevControls,
  context: RpcContext,
  accounts: readonly LoadedAccount[],
): Promise<readonly (readonly DevOperation[])[]> {
  const codes: DevOperation[][] = []
  const others: DevOperation[] = []
  const { chain } = context.backend
  for (const [at, { address, nonce, balance, code, storage }] of accounts.entries()) {
    // A small request may name hundreds of thousands, each of which is looked up.
    stopIfOver(context, 'the state', `account ${at} of ${accounts.length}, and nothing is loaded`)
    const before = await chain.account(address, 'latest')
    const codeBefore = await chain.code(address, 'latest')
    if (!equalBytes(code, codeBefore)) codes.push([{ kind: 'setCode', address, code }])
    if (balance !== (before?.balance ?? 0n)) others.push({ kind: 'setBalance', address, balance })
    // As anvil: an account that has sent more meanwhile keeps its nonce.
    if (nonce > (before?.nonce ?? 0n)) others.push({ kind: 'setNonce', address, nonce })
    for (const [slot, value] of storage) others.push({ kind: 'setStorage', address, slot, value })
  }
  return [...codes, ...inPieces(dev, context, others)]
}

export const stateFileControls = [
  ...control({
    ...{ home, result: DATA, names: spaces('dumpState'), pace: 'slow' },
    summary:
      'every account of the newest state with its nonce, balance, code and storage, as gzip of JSON; at most `maxStateBytes` of it',
    differs: "anvil's form, without blocks, transactions and historical states; hardhat does not have it",
    params: [withDefault('preserveHistoricalStates', anything, null)],
    handle: (dev, { backend, caller, limits }) =>
      alone(dev, async () => {
        const { maxStateBytes } = limits
        const dump = await backend.chain.stateDump(clientOf(caller), 'latest', maxStateBytes)
        if (dump === null)
          throw new RpcError(LIMIT_EXCEEDED, `the state has more than ${maxStateBytes} bytes of JSON (maxStateBytes)`)
        return toHex(await packState(dump))
      }),
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: spaces('loadState'), pace: 'slow' },
    summary:
      'puts the accounts of a dump, gzip or plain JSON, into the state: balance, code, slots, and a nonce that is higher; at most `maxStateBytes` of JSON',
    differs:
      'in pieces of `MAX_PIECE_OPERATIONS`, each a dev transaction: what fails in the middle leaves what was loaded. EVM code is refused before anything is',
    params: [required('state', data)],
    handle: (dev, context, state) =>
      alone(dev, async () => {
        const accounts = await unpackState(state, context.limits.maxStateBytes)
        const pieces = await piecesOf(dev, context, accounts)
        for (const [at, piece] of pieces.entries()) {
          stopIfOver(context, 'the state', `piece ${at} of ${pieces.length}, which are loaded`)
          await operate(dev, ...piece)
        }
        return true
      }),
  }),
]
