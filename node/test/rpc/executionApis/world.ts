/**
 * The chain that the vectors are asked of: one node in this process, with the chain id, the height, the times and the
 * base fee of theirs, and the accounts that they ask for. Its dev controls make it, and a clock that stands still.
 */
import { fromHex } from '../../../src/codec/hex.ts'
import { startInProcessNode } from '../../../src/inProcessNode.ts'
import { creationOf, standIn } from './standIns.ts'
import type { Exchange } from './vectors.ts'

export interface World {
  ask(method: string, params: readonly unknown[]): Promise<Pick<Exchange, 'result' | 'error'>>
  /** Hashes of theirs by what is of the same kind here. */
  readonly hashes: ReadonlyMap<string, string>
  close(): Promise<void>
}

const CHAIN_ID = 3_503_995_874_084_926n
const HEIGHT = 0x36
const NEXT_BASE_FEE = 0x16dfe9bn
/** All gas of a simulation, as geth has it: a block has as much here, too. */
const GAS_LIMIT = 50_000_000n
const KEY = `0x${'11'.repeat(32)}`
/** The calls of the contract that logs, in the blocks of theirs less one. */
const EMITTED: Readonly<Record<number, string>> = {
  3: '0x3550170f18924a7a656d6974',
  5: '0xac6aaa206e0db5e5656d6974',
  6: '0x27e24c885c1666f6656d6974',
}
const EMITTER = '0x7dcd17433742f4c0ca53122ab541d0ba67fc27df'
const SENDER = '0x0c2c51a0990aee1d73c1228de158688341557508'
const ZERO_WORD = `0x${'00'.repeat(32)}`

/** The base fee of a block with one transfer, after which it is `next`. */
function feeBefore(next: bigint): bigint {
  const target = GAS_LIMIT / 2n
  let fee = next
  while (fee - (fee * (target - 21_000n)) / target / 8n < next) fee++
  return fee
}

/** `setTime` moves the clock of the process, milliseconds; the caller has stopped it. */
export async function createWorld(setTime: (now: number) => void): Promise<World> {
  setTime(0)
  const node = await startInProcessNode({ keys: [fromHex(KEY)], balance: 10n ** 22n, chainId: CHAIN_ID, timestamp: 0n })
  const ask: World['ask'] = async (method, params) =>
    JSON.parse((await node.answer(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))!)
  // biome-ignore lint/suspicious/noExplicitAny: whatever the method gives
  const get = async (method: string, ...params: unknown[]): Promise<any> => {
    const { result, error } = await ask(method, params)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
  let height = 0
  /** Makes the next block, ten seconds after the one before it, of what is asked for. */
  const block = async (method: string, ...params: unknown[]): Promise<string> => {
    height++
    setTime(10_000 * height)
    return get(method, ...params)
  }
  const [from] = await get('eth_accounts')
  const send = (transaction: object) => block('eth_sendTransaction', { from, gas: '0x4c4b40', ...transaction })
  const gasPrice = '0x77359400'

  const create = await send({ gasPrice, data: creationOf('emits') })
  await block('anvil_setCode', EMITTER, standIn('emits'))
  const emitted: string[] = []
  while (height < 7) {
    const data = EMITTED[height + 1]
    if (data === undefined) await block('anvil_setBalance', SENDER, '0xde0b6b3a7640000')
    else emitted[height] = await send({ gasPrice, to: EMITTER, data, value: '0x2' })
  }
  const transfer = await send({ gasPrice, to: SENDER, value: '0x1' })
  const accessList = [{ address: EMITTER, storageKeys: [ZERO_WORD] }]
  const listed = await send({ gasPrice, to: EMITTER, data: '0x01', value: '0x2', accessList })
  const fees = { maxFeePerGas: gasPrice, maxPriorityFeePerGas: '0x1' }
  const dynamic = await send({ ...fees, to: EMITTER, data: '0x02', value: '0x2', accessList })
  await block('anvil_setBalance', EMITTER, '0x56')
  const balanceBlock = height
  await block('anvil_setBalance', EMITTER, '0x76')
  await block('anvil_setStorageAt', EMITTER, ZERO_WORD, `0x${'38'.padStart(64, '0')}`)
  await block('anvil_setCode', '0x0ee3ab1371c93e7c0c281cc0c2107cdebc8b1930', standIn('reverts'))
  await block('anvil_setCode', '0x17e7eedce4ac02ef114a7ed9fe6e2f33feba1667', standIn('answers'))
  for (const account of ['0x0300100f529a704d19736a8714837adbc934db7f', '0xeda8645ba6948855e3b3cd596bbb07596d59c603']) {
    await block('anvil_setNonce', account, '0x1')
  }
  await block('evm_setBlockGasLimit', `0x${GAS_LIMIT.toString(16)}`)
  while (height < HEIGHT - 3) await block('evm_mine')
  setTime(516_000)
  // From here on blocks are 12 s apart, as those that geth simulates.
  await get('anvil_setBlockTimestampInterval', 12)
  await get('anvil_setNextBlockBaseFeePerGas', `0x${feeBefore(NEXT_BASE_FEE).toString(16)}`)
  await get('eth_sendTransaction', { from, to: SENDER, value: '0x1', gas: '0x5208', gasPrice })

  const hashOf = async (number: number): Promise<string> =>
    (await get('eth_getBlockByNumber', `0x${number.toString(16)}`, false)).hash
  const hashes = new Map([
    ['0x44fd89d504659cd58f48f4796b77a7e7012cf296a2409afa2f6c3cb99b5b3d99', await hashOf(0)],
    ['0x80e911b62f552f563a2544dfef5eb39ec8863d9082c998ca6b657f76e19de38e', await hashOf(1)],
    ['0x98f797a6af91ea770ab3a99d89c17a3a46d14c76db6bb711b18156a3493d2c94', await hashOf(5)],
    ['0xa38f2a6f7d276298d8e7a9bfa28625e4dc8948021f5a7369d0a04571879e98d2', await hashOf(balanceBlock)],
    ['0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7', await hashOf(HEIGHT)],
    ['0xc1d605c6612a5fe84dc95810030bfe5b1d327652b381bc695e28f50d13b2b09e', create],
    ['0x3fbac8b19b59077cd29bbacc3815d73577b45a4d976cae80b04c98c793684c07', transfer],
    ['0x695ad02907c9e13ab7c69963f723fa46ac13cd5e2314f61eab2cb2f07b946faa', listed],
    ['0x205405746564cbcf1dd53fb5ac92c7622d3792d82f03c59d9baddf2443d91864', dynamic],
  ])
  return {
    ask,
    hashes,
    close: () => node.close(),
  }
}
