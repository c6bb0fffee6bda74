/** Dev controls of blocks: when they are made, what their headers say, and earlier states. */
import { bytesToBigint } from '../../codec/bytes.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { minesAtOnce } from '../../execution/dev/minesAtOnce.ts'
import type { DevControls, RpcBackend } from '../backend.ts'
import { anything, boolean, decoder, object, optional } from '../decode/decoder.ts'
import { address } from '../decode/hex.ts'
import { invalidParams, RpcError, TIMED_OUT } from '../errors.ts'
import { MINE_BLOCK_WAIT } from '../limits.ts'
import { required, withDefault } from '../method.ts'
import { nextHeaderOf } from '../reading/callRequest.ts'
import type { RpcContext } from '../reading/context.ts'
import { ANYTHING, BOOLEAN, NULL, QUANTITY } from '../schema/schema.ts'
import { control, operate, refused } from './control.ts'
import { asUint64 } from './numbers.ts'

const home = 'blocks'
/**
 * hardhat gives milliseconds to evm_setIntervalMining, anvil seconds: nobody means an interval of less than a second in
 * the former.
 */
const LEAST_MILLISECONDS = 1_000n

/** @throws RpcError when no block comes for so long that none may. */
async function reached({ chain, clock }: RpcBackend, last: bigint): Promise<void> {
  let end = (): void => {}
  const outcome = await new Promise<'done' | 'late'>((resolve) => {
    let cancel = clock.after(MINE_BLOCK_WAIT, () => resolve('late'))
    const stop = chain.onBlock(({ block }) => {
      cancel()
      if (block.header.number >= last) resolve('done')
      else cancel = clock.after(MINE_BLOCK_WAIT, () => resolve('late'))
    })
    end = () => {
      cancel()
      stop()
    }
  }).finally(() => end())
  if (outcome === 'late')
    throw new RpcError(TIMED_OUT, `no block came in ${MINE_BLOCK_WAIT} ms; blocks up to ${last} are still to be made`)
}

/**
 * Resolves when so many blocks are made. Where others have asked for some that are still to come, these come behind them,
 * and are waited for as well: who asked may look at the newest block.
 */
async function mined(dev: DevControls, { backend }: RpcContext, blocks: bigint, seconds: bigint): Promise<void> {
  const { block } = await operate(dev, { kind: 'mine', blocks, seconds })
  const until = dev.settings().mineUntil
  const last = block + blocks - 1n
  const end = until > last ? until : last
  if (backend.chain.head().header.number < end) await reached(backend, end)
}

const mineFields = object('{"timestamp": ..., "blocks": ...}', {
  timestamp: optional(asUint64),
  blocks: optional(asUint64),
})
/** A time, as hardhat and anvil have it, or an object, as ganache has it too. */
const mineOptions = decoder({ anyOf: [asUint64.schema, mineFields.schema] }, (value, at) =>
  typeof value === 'object' && value !== null
    ? mineFields(value, at)
    : { timestamp: asUint64(value, at), blocks: undefined },
)

const spaces = (name: string): readonly string[] => [`anvil_${name}`, `hardhat_${name}`, `touchstone_${name}`]

export const blockControls = [
  ...control({
    ...{ home, result: ANYTHING, names: spaces('mine'), endsItself: true },
    summary: 'makes so many blocks, one unless said, so many seconds apart; answers after the last',
    differs: 'real blocks, `MAX_DEV_MINED_BLOCKS` at a time',
    params: [withDefault('blocks', asUint64, 1n), withDefault('seconds', asUint64, 0n)],
    async handle(dev, context, blocks, seconds) {
      if (blocks > 0n) await mined(dev, context, blocks, seconds)
      return '0x0'
    },
  }),
  ...control({
    ...{ home, result: ANYTHING, names: ['evm_mine'], endsItself: true },
    summary: 'makes a block, of this time if one is given (Unix seconds), or so many of which the first has it',
    differs: 'a time takes a block of its own, before the one that has it',
    params: [withDefault('options', mineOptions, { timestamp: undefined, blocks: undefined })],
    async handle(dev, context, { timestamp, blocks = 1n }) {
      if (blocks === 0n) return '0x0'
      // Not with the other operation: what waits while blocks are made by hand is to be in the block of that time.
      if (timestamp !== undefined) await operate(dev, { kind: 'nextTimestamp', timestamp, clock: dev.clock() })
      await mined(dev, context, blocks, 0n)
      return '0x0'
    },
  }),
  ...control({
    ...{ home, result: NULL, names: ['evm_setAutomine', 'anvil_setAutomine', 'touchstone_setAutomine'] },
    summary: 'whether transactions get a block without being asked for',
    params: [required('on', boolean)],
    async handle(dev, _, on) {
      await operate(dev, { kind: 'automine', on })
      return null
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: spaces('getAutomine'), params: [] },
    summary: 'whether they do',
    handle: (dev) => minesAtOnce(dev.settings()),
  }),
  ...control({
    ...{
      home,
      result: NULL,
      names: ['evm_setIntervalMining', 'anvil_setIntervalMining', 'touchstone_setIntervalMining'],
    },
    summary: 'makes a block every so often, and none in between; 0 ends it',
    differs: 'below 1000 it is seconds, as anvil has it, else milliseconds, as hardhat has it',
    params: [required('interval', asUint64)],
    async handle(dev, _, interval) {
      const milliseconds = interval < LEAST_MILLISECONDS ? interval * LEAST_MILLISECONDS : interval
      await operate(dev, { kind: 'miningInterval', milliseconds })
      return null
    },
  }),
  ...control({
    ...{
      home,
      result: { anyOf: [NULL, { type: 'number', minimum: 0 }] },
      names: ['anvil_getIntervalMining', 'touchstone_getIntervalMining'],
    },
    summary: 'the seconds between blocks that are made every so often; null where none are',
    params: [],
    handle(dev) {
      const { miningInterval } = dev.settings()
      return miningInterval === 0n ? null : Number(miningInterval) / Number(LEAST_MILLISECONDS)
    },
  }),
  ...control({
    ...{
      home,
      result: BOOLEAN,
      names: ['evm_setBlockGasLimit', 'anvil_setBlockGasLimit', 'touchstone_setBlockGasLimit'],
    },
    summary: 'the gas limit of blocks from the next on',
    params: [required('gas', asUint64)],
    async handle(dev, _, gas) {
      await operate(dev, { kind: 'gasLimit', gas })
      return true
    },
  }),
  ...control({
    ...{ home, result: NULL, names: spaces('setNextBlockBaseFeePerGas') },
    summary: 'the base fee of the next block, wei per gas',
    params: [required('fee', asUint64)],
    async handle(dev, _, fee) {
      await operate(dev, { kind: 'nextBaseFee', fee })
      return null
    },
  }),
  ...control({
    ...{ home, result: NULL, names: spaces('setCoinbase') },
    summary: 'the account that gets the tips from the next block on, for any proposer',
    params: [required('address', address)],
    async handle(dev, _, coinbase) {
      await operate(dev, { kind: 'coinbase', address: coinbase })
      return null
    },
  }),
  ...control({
    ...{ home, result: QUANTITY, names: ['evm_snapshot', 'anvil_snapshot', 'touchstone_snapshot'], params: [] },
    summary: 'keeps the state after the newest block; its number',
    async handle(dev) {
      const { record } = await operate(dev, { kind: 'snapshot' })
      return toQuantity(bytesToBigint(record.receipt.logs[0]!.data))
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: ['evm_revert', 'anvil_revert', 'touchstone_revert'] },
    summary:
      'goes back to a state that was kept, which then is used up with those after it; false where it is not there',
    differs: 'a new block has the earlier state: numbers and times of blocks go on',
    params: [required('snapshot', asUint64)],
    async handle(dev, _, id) {
      if (id === 0n) return false
      try {
        await operate(dev, { kind: 'goBack', id })
        return true
      } catch (error) {
        if (error instanceof RpcError && error.message.startsWith('there is no snapshot')) return false
        throw error
      }
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: spaces('reset') },
    summary: "goes back to the genesis' state, and ends what controls have set",
    differs: 'a new block has that state; forks of other chains are refused',
    params: [withDefault('options', anything, null)],
    async handle(dev, _, options) {
      const fork = options as { readonly forking?: { readonly jsonRpcUrl?: unknown } | null } | null
      // viem's test client names an empty fork when it was given none.
      if ((fork?.forking?.jsonRpcUrl ?? null) !== null) throw invalidParams('this chain is no fork of another one')
      await operate(dev, { kind: 'goBack', id: 0n })
      await operate(
        dev,
        { kind: 'automine', on: true },
        { kind: 'miningInterval', milliseconds: 0n },
        { kind: 'timestampInterval', seconds: 0n },
        { kind: 'gasLimit', gas: 0n },
        { kind: 'coinbase', address: new Uint8Array(20) },
        { kind: 'autoImpersonate', on: false },
      )
      return true
    },
  }),
  ...control({
    ...{ home, result: ANYTHING, names: ['anvil_nodeInfo', 'touchstone_nodeInfo'], params: [] },
    summary: 'the newest block and what the next will be',
    handle(_, { backend }) {
      const { chain } = backend
      const { header, hash } = chain.head()
      const next = nextHeaderOf(backend)
      return {
        currentBlockNumber: toQuantity(header.number),
        currentBlockTimestamp: Number(header.timestamp),
        currentBlockHash: toHex(hash),
        hardFork: chain.genesis.schedule,
        transactionOrder: 'fees',
        environment: {
          baseFee: toQuantity(next.baseFeePerGas),
          chainId: Number(chain.genesis.chainId),
          gasLimit: toQuantity(next.gasLimit),
          gasPrice: toQuantity(next.baseFeePerGas),
        },
        forkConfig: {},
      }
    },
  }),
  ...control({
    ...{ home, result: ANYTHING, names: spaces('metadata'), params: [] },
    summary: 'client, chain and newest block',
    handle(_, { backend: { chain, clientVersion } }) {
      const { header, hash } = chain.head()
      return {
        clientVersion,
        chainId: Number(chain.genesis.chainId),
        instanceId: toHex(chain.genesisHash),
        latestBlockNumber: Number(header.number),
        latestBlockHash: toHex(hash),
      }
    },
  }),
  ...refused(
    ['anvil_reorg', 'anvil_rollback', 'touchstone_reorg', 'touchstone_rollback'],
    home,
    'a block in the chain is final and never replaced; evm_revert goes back to an earlier state in a new block',
    [withDefault('options', anything, null), withDefault('blocks', anything, null)],
  ),
  ...refused(
    spaces('setPrevRandao'),
    home,
    'the field of the header names the validators of the next height, and no contract could see it: no host call shows it',
    [withDefault('value', anything, null)],
  ),
  ...refused(
    [...spaces('setMinGasPrice'), ...spaces('setRpcUrl'), ...spaces('setLoggingEnabled')],
    home,
    'it is fixed: fees are those of EIP-1559, there is no chain that this one is a fork of, and the log is an option of the node',
    [withDefault('value', anything, null)],
  ),
]
