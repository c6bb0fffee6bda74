/** Makes dev transactions for the clients of a node that has the controller's key, and tells what became of them. */
import type { ChainService } from '../chain/chainService.ts'
import { bytesToBigint, equalBytes } from '../codec/bytes.ts'
import { addressOfPrivateKey } from '../crypto/secp256k1.ts'
import { DEV_ADDRESS, type DevSettings, impersonatedSlot } from '../execution/dev/devStorage.ts'
import { type DevOperation, encodeOperations } from '../execution/dev/operations.ts'
import { DEV_OPERATION_GAS, TRANSACTION_GAS } from '../execution/fees.ts'
import type { DevControls, DevMessage } from '../rpc/backend.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Randomness } from '../runtime/randomness.ts'
import type { TxPool } from '../txpool/txPool.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { DEV_TRANSACTION_TYPE } from '../types/transaction.ts'
import { DEV_SALT_BYTES, signTransaction } from '../types/transactionCodec.ts'
import type { DevMode } from './devMode.ts'
import { DEV_BLOCK_WAIT } from './limits.ts'

/** At least what any byte of data costs. */
const GAS_OF_BYTE = 40n

export interface DevControlsOptions {
  readonly chain: ChainService
  readonly txpool: TxPool
  readonly clock: Clock
  readonly randomness: Randomness
  readonly mode: DevMode
  /** 32 bytes: the controller's. */
  readonly key: Uint8Array
}

export function createDevControls(options: DevControlsOptions): DevControls {
  const { chain, txpool, clock, randomness, mode, key } = options
  const controller = addressOfPrivateKey(key)
  const sign = ({ from, nonce, gasLimit, to, value, data }: DevMessage): Uint8Array =>
    signTransaction(
      {
        ...{ type: DEV_TRANSACTION_TYPE, chainId: chain.genesis.chainId, gasPrice: 0n, accessList: [] },
        ...{ from, nonce, gasLimit, to, value, data },
        salt: randomness.bytes(DEV_SALT_BYTES),
      },
      key,
    ).raw
  /** As much as they may need: the rest stays the block's. */
  const gasFor = (operations: readonly DevOperation[], bytes: number): bigint => {
    const block = mode.settings().gasLimit ?? chain.genesis.gasLimit
    if (operations.some(({ kind }) => kind === 'setCode')) return block
    const needed = 2n * TRANSACTION_GAS + GAS_OF_BYTE * BigInt(bytes) + DEV_OPERATION_GAS * BigInt(operations.length)
    return needed < block ? needed : block
  }
  return {
    settings: (): DevSettings => mode.settings(),
    clock: () => BigInt(Math.floor(clock.now() / 1000)),
    sign,
    async isImpersonated(address) {
      if (mode.settings().autoImpersonate) return true
      return bytesToBigint(await chain.storage(DEV_ADDRESS, impersonatedSlot(address), 'latest')) !== 0n
    },
    async operate(operations: readonly DevOperation[]) {
      const data = encodeOperations(operations)
      const seen: { readonly hash: Uint8Array; readonly record: ReceiptRecord; readonly block: bigint }[] = []
      let check = (): void => {}
      // Before it is added: its block may come before `add` resolves.
      const stop = chain.onBlock(({ block, receipts }) => {
        for (const record of receipts) {
          if (record.receipt.type === DEV_TRANSACTION_TYPE)
            seen.push({ hash: record.transactionHash, record, block: block.header.number })
        }
        check()
      })
      try {
        const gasLimit = gasFor(operations, data.length)
        const raw = sign({ from: controller, nonce: 0n, to: DEV_ADDRESS, value: 0n, data, gasLimit })
        const outcome = await txpool.add(raw, 'local')
        if (!outcome.ok) return outcome
        const found = await new Promise<(typeof seen)[number] | null>((resolve) => {
          const cancel = clock.after(DEV_BLOCK_WAIT, () => resolve(null))
          check = () => {
            const one = seen.find(({ hash }) => equalBytes(hash, outcome.hash))
            if (one === undefined) return
            cancel()
            resolve(one)
          }
          check()
        })
        if (found === null) return 'late'
        // Its block is final before the settings that it made are read: the next to ask for them is to get these, and to
        // find in the pool what can still run.
        await mode.followed(found.block)
        await txpool.settled()
        return { ok: true, record: found.record, block: found.block }
      } finally {
        stop()
      }
    },
  }
}
