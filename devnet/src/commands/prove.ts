/** `devnet prove`: asks a node for all that shows something of a block, checks it, and writes it to one file. */
import { relative } from 'node:path'
import { parseGenesis } from '@touchstone/node'
import {
  type AccountClaim,
  decodeBlock,
  decodeHandover,
  decodeReceiptRecords,
  MAX_PROOF_FILE_BYTES,
  MAX_PROOF_HANDOVERS,
  MAX_PROOF_SLOTS,
  makeReceiptProof,
  type ProofFile,
  proofFileToJson,
} from '@touchstone/node/light'
import { type Hex, hexToBytes, numberToHex } from 'viem'
import { findReceiver } from '../contracts/target.ts'
import type { Connection } from '../network/connection.ts'
import { writeJsonFile } from '../network/jsonFile.ts'
import { networkPaths } from '../network/paths.ts'
import { storageSlot } from '../optionParsers.ts'
import { CliError, usageError } from '../output/errors.ts'
import { type CommandContext, connectFrom } from './context.ts'
import { outputFault } from './outputFile.ts'
import { verdictLines } from './verify.ts'

export interface ProveOptions {
  readonly receipt?: Hex
  readonly log?: number
  readonly block?: bigint
  readonly out: string
}

/** Of a block, as far as the claim is not about it. */
interface FinalBlock {
  readonly number: bigint
  readonly header: Uint8Array
  readonly certificate: Uint8Array
}

export async function proveCommand(
  context: CommandContext,
  account: string | undefined,
  slots: readonly string[],
  options: ProveOptions,
): Promise<void> {
  const { terminal } = context
  requireOneSubject(account, slots, options)
  const keys = slots.map(slotOf)
  const fault = outputFault(options.out)
  if (fault !== null) {
    throw new CliError(`cannot write ${options.out}: ${fault}`, {
      hint: 'name a file in a folder that exists: --out FILE',
    })
  }
  const connection = await connectFrom(context)
  const genesis = parseGenesis(await ask<unknown>(connection, 'touchstone_genesis', []))
  const { hash: genesisHash } = await connection.client.getBlock({ blockNumber: 0n })
  const { block, claim } =
    options.receipt === undefined
      ? await accountClaim(connection, account!, keys, options.block)
      : await receiptClaim(connection, options.receipt, options.log ?? null)
  const handovers = await handoversUntil(connection, block.number)
  const { header, certificate } = block
  const file: ProofFile = { genesisHash: hexToBytes(genesisHash!), handovers, header, certificate, claim }
  // A file that its own maker cannot check is none to hand on.
  const { lines, verdict } = verdictLines(file, genesis)
  writeJsonFile(options.out, proofFileToJson(file), {
    maxBytes: MAX_PROOF_FILE_BYTES,
    hint: 'prove fewer slots in one file; of a receipt the whole of it is in the file, and so is its transaction',
  })
  if (terminal.json) terminal.printJson({ file: options.out, ...verdict })
  else {
    terminal.printLines(lines)
    terminal.print(
      `written to ${options.out}; check it with: npx devnet verify ${options.out}${genesisOption(context)}`,
    )
  }
}

/** Where `verify` finds the genesis, unless it would by itself; of a node elsewhere, one has to have it. */
function genesisOption({ rpc, dataDir, dataIsGiven }: CommandContext): string {
  if (rpc !== undefined) return ' --genesis FILE'
  return dataIsGiven ? ` --genesis ${relative('.', networkPaths(dataDir).genesis)}` : ''
}

/** @throws CliError */
function requireOneSubject(account: string | undefined, slots: readonly string[], options: ProveOptions): void {
  const { receipt, log, block } = options
  const hint = 'devnet prove ACCOUNT [SLOT...], or devnet prove --receipt HASH [--log N]'
  if (account === undefined && receipt === undefined) throw usageError('there is nothing to prove', hint)
  if (account !== undefined && receipt !== undefined) {
    throw usageError('an account and --receipt are two proofs', `make a file for each: ${hint}`)
  }
  if (log !== undefined && receipt === undefined)
    throw usageError('--log is of a receipt: name it with --receipt', hint)
  if (block !== undefined && receipt !== undefined) {
    throw usageError('--block is for accounts: a receipt is in the block of its transaction', hint)
  }
  if (block === 0n) {
    throw usageError('--block 0: block 0 is the genesis, which needs no proof', 'name a later block')
  }
  if (slots.length > MAX_PROOF_SLOTS) {
    throw usageError(`${slots.length} slots, at most ${MAX_PROOF_SLOTS} go into one file`, 'make several files')
  }
}

/** @throws CliError */
function slotOf(text: string): Hex {
  try {
    return storageSlot(text)
  } catch (error) {
    throw usageError(
      (error as Error).message,
      'slots are those of Solidity: the first field of a contract begins at slot 0',
    )
  }
}

async function accountClaim(connection: Connection, account: string, keys: readonly Hex[], wanted: bigint | undefined) {
  const { address } = findReceiver(connection, account, undefined)
  const { client } = connection
  const number = wanted ?? (await client.getBlockNumber({ cacheTime: 0 }))
  if (number === 0n) {
    throw new CliError('there is no block but the genesis yet', {
      hint: 'send a transaction first: a block is made for it',
    })
  }
  const block = await finalBlock(connection, number)
  const proof = await client.getProof({ address, storageKeys: [...keys], blockNumber: number })
  const claim: AccountClaim = {
    kind: 'account',
    address: hexToBytes(address),
    nonce: BigInt(proof.nonce),
    balance: proof.balance,
    codeHash: hexToBytes(proof.codeHash),
    storageHash: hexToBytes(proof.storageHash),
    proof: proof.accountProof.map((node) => hexToBytes(node)),
    // The slots that were asked for: the node may have answered with others.
    storage: keys.map((key, index) => {
      const shown = proof.storageProof[index]
      if (shown === undefined) throw new CliError(`the node at ${connection.url} gives no proof of slot ${key}`)
      return { key: hexToBytes(key), value: shown.value, proof: shown.proof.map((node) => hexToBytes(node)) }
    }),
  }
  return { block, claim }
}

async function receiptClaim(connection: Connection, hash: Hex, log: number | null) {
  const found = await ask<{ readonly blockNumber: Hex } | null>(connection, 'eth_getTransactionReceipt', [hash])
  if (found === null) {
    throw new CliError(`the node at ${connection.url} knows no final transaction ${hash}`, {
      hint: `see whether it is under way: devnet receipt ${hash}`,
    })
  }
  const number = BigInt(found.blockNumber)
  const raw = await ask<{ readonly block: Hex; readonly receipts: Hex } | null>(connection, 'touchstone_getRawBlock', [
    numberToHex(number),
  ])
  if (raw === null) throw unknownBlock(connection, number)
  const receipts = decodeReceiptRecords(hexToBytes(raw.receipts))
  const made = makeReceiptProof(decodeBlock(hexToBytes(raw.block)), receipts, hexToBytes(hash), log)
  if (made === null) throw new CliError(`block ${number} of ${connection.url} does not have the transaction ${hash}`)
  const logs = receipts[made.index]!.receipt.logs.length
  if (log !== null && log >= logs) {
    const which = logs === 0 ? 'it has none' : `it has ${logs}, from 0 to ${logs - 1}`
    throw new CliError(`--log ${log}: the receipt has no such log; ${which}`, {
      hint: `devnet receipt ${hash} shows them`,
    })
  }
  return { block: await finalBlock(connection, number), claim: made }
}

async function finalBlock(connection: Connection, number: bigint): Promise<FinalBlock> {
  const at = numberToHex(number)
  const [header, certificate] = await Promise.all([
    ask<Hex | null>(connection, 'debug_getRawHeader', [at]),
    ask<{ readonly raw: Hex } | null>(connection, 'touchstone_getCertificate', [at]),
  ])
  if (header === null || certificate === null) throw unknownBlock(connection, number)
  return { number, header: hexToBytes(header), certificate: hexToBytes(certificate.raw) }
}

/** Every change of the validators up to a block, that block's own included. */
async function handoversUntil(connection: Connection, height: bigint): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  let from = 0n
  for (;;) {
    const some = await ask<readonly Hex[]>(connection, 'touchstone_getHandovers', [numberToHex(from)])
    for (const handover of some.map((hex) => hexToBytes(hex))) {
      const { number } = decodeHandover(handover).header
      if (number > height) return all
      if (number < from) throw new CliError(`the node at ${connection.url} gives changes of validators out of order`)
      all.push(handover)
      from = number + 1n
      if (all.length > MAX_PROOF_HANDOVERS) {
        throw new CliError(`the validators changed more than ${MAX_PROOF_HANDOVERS} times before block ${height}`)
      }
    }
    if (some.length === 0) return all
  }
}

function unknownBlock(connection: Connection, number: bigint): CliError {
  return new CliError(`the node at ${connection.url} does not have block ${number}`, {
    hint: 'name an earlier one, or ask another node with --node N',
  })
}

function ask<T>({ client }: Connection, method: string, params: readonly unknown[]): Promise<T> {
  return client.request({ method, params } as unknown as Parameters<typeof client.request>[0]) as Promise<T>
}
