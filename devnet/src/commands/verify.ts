/** `devnet verify FILE`: checks a proof with the genesis and nothing else. */
import { readFileSync, statSync } from 'node:fs'
import type { Genesis } from '@touchstone/node'
import { parseGenesis } from '@touchstone/node'
import { parseExactJson } from '@touchstone/node/exact-json'
import {
  CodecError,
  MAX_PROOF_FILE_BYTES,
  type ProofFile,
  type ProofVerdict,
  type ProvenAccount,
  type ProvenReceipt,
  parseProofFile,
  verifyProofFile,
} from '@touchstone/node/light'
import { bytesToHex, getAddress, isAddress } from 'viem'
import { networkPaths } from '../network/paths.ts'
import { CliError, systemError, usageError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import type { CommandContext } from './context.ts'

type Proven = Extract<ProofVerdict, { ok: true }>

export function verifyCommand(
  { terminal, dataDir }: CommandContext,
  path: string,
  genesisPath: string | undefined,
): void {
  if (isAddress(path, { strict: false })) {
    throw usageError(
      `${path} is an address, and verify takes a file of \`devnet prove\``,
      `whether the contract was built from a source: devnet verify-source ${path} DIR`,
    )
  }
  const genesis = readGenesis(genesisPath ?? networkPaths(dataDir).genesis)
  const { lines, verdict } = verdictLines(readProof(path), genesis)
  if (terminal.json) terminal.printJson({ file: path, ...verdict })
  else terminal.printLines(lines)
}

/**
 * The statement that the file proves, in words and for scripts. @throws CliError naming the step at which it proves
 * nothing.
 */
export function verdictLines(
  file: ProofFile,
  genesis: Genesis,
): { readonly lines: string[]; readonly verdict: object } {
  const verdict = verifyProofFile(file, genesis)
  if (!verdict.ok) {
    const { step, reason } = verdict
    throw new CliError(`the file proves nothing: ${words[step]}: ${reason}`, { details: { step, reason } })
  }
  const { block, proven } = verdict
  const number = block.header.number
  const changes =
    block.handovers === 0
      ? ''
      : `, after ${block.handovers} change${block.handovers === 1 ? '' : 's'} of the validators`
  return {
    lines: [
      `block ${number} ${bytesToHex(block.hash)} is final: signed by ${block.signers} validator${block.signers === 1 ? '' : 's'} in round ${block.round}${changes}`,
      ...(proven.kind === 'account' ? accountLines(proven) : receiptLines(proven)),
    ],
    verdict: { block: blockJson(block), proven: proven.kind === 'account' ? accountJson(proven) : receiptJson(proven) },
  }
}

const words = {
  genesis: 'it is not of the chain of this genesis',
  validators: 'the way from the validators of the genesis to those of the block is broken',
  header: 'its header is none',
  certificate: 'the block is not shown to be final',
  account: 'the account is not as it says',
  storage: 'the storage is not as it says',
  transaction: 'the transaction is not in the block',
  receipt: 'the receipt is not in the block',
  log: 'the log is not in the receipt',
}

function accountLines({ address, exists, nonce, balance, codeHash, storage }: ProvenAccount): string[] {
  const name = getAddress(bytesToHex(address))
  return [
    exists ? `account ${name}` : `account ${name} does not exist`,
    `  balance    ${groupDigits(balance)} wei`,
    `  nonce      ${nonce}`,
    `  code hash  ${bytesToHex(codeHash)}`,
    ...storage.map(({ key, value }) => `  slot ${bytesToHex(key)} = ${wordHex(value)}`),
  ]
}

function receiptLines({ transactionHash, index, receipt, log }: ProvenReceipt): string[] {
  const { status, cumulativeGasUsed, logs } = receipt
  const shown = log === null ? logs.map((one, position) => [position, one] as const) : [[log.index, log.log] as const]
  return [
    `transaction ${bytesToHex(transactionHash)} at position ${index}: ${status === 1 ? 'success' : 'failed'}`,
    `  gas used in the block up to it  ${groupDigits(cumulativeGasUsed)}`,
    ...shown.flatMap(([position, { address, topics, data }]) => [
      `  log ${position} of ${getAddress(bytesToHex(address))}`,
      ...topics.map((topic) => `    topic ${bytesToHex(topic)}`),
      `    data  ${bytesToHex(data)}`,
    ]),
  ]
}

function blockJson({ hash, header, signers, round, handovers }: Proven['block']): object {
  return {
    number: header.number,
    hash: bytesToHex(hash),
    stateRoot: bytesToHex(header.stateRoot),
    receiptsRoot: bytesToHex(header.receiptsRoot),
    timestamp: header.timestamp,
    ...{ signers, round, handovers },
  }
}

function accountJson({ kind, address, exists, nonce, balance, codeHash, storageHash, storage }: ProvenAccount): object {
  return {
    kind,
    address: getAddress(bytesToHex(address)),
    ...{ exists, nonce, balance },
    codeHash: bytesToHex(codeHash),
    storageHash: bytesToHex(storageHash),
    storage: storage.map(({ key, value }) => ({ key: bytesToHex(key), value: wordHex(value) })),
  }
}

function receiptJson({ kind, transactionHash, index, receipt, log }: ProvenReceipt): object {
  const logJson = ({ address, topics, data }: (typeof receipt.logs)[number]) => ({
    address: getAddress(bytesToHex(address)),
    topics: topics.map((topic) => bytesToHex(topic)),
    data: bytesToHex(data),
  })
  return {
    kind,
    transactionHash: bytesToHex(transactionHash),
    index,
    status: receipt.status === 1 ? 'success' : 'failed',
    cumulativeGasUsed: receipt.cumulativeGasUsed,
    log: log === null ? null : { index: log.index, ...logJson(log.log) },
    logs: log === null ? receipt.logs.map(logJson) : null,
  }
}

function wordHex(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/** @throws CliError */
function readProof(path: string): ProofFile {
  const json = readJson(path, MAX_PROOF_FILE_BYTES, 'a proof is a file that `devnet prove` wrote')
  try {
    return parseProofFile(json)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    throw new CliError(`${path} is no proof file: ${error.message}`, {
      hint: 'a proof is a file that `devnet prove` wrote',
      details: { step: 'format', reason: error.message },
    })
  }
}

/** @throws CliError */
function readGenesis(path: string): Genesis {
  const hint = 'name the genesis of the chain: --genesis FILE'
  const json = readJson(path, MAX_PROOF_FILE_BYTES, hint)
  try {
    return parseGenesis(json)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    throw new CliError(`${path} is not a genesis: ${error.message}`, { hint })
  }
}

/** @throws CliError */
function readJson(path: string, mostBytes: number, hint: string): unknown {
  let text: string
  try {
    const { size } = statSync(path)
    if (size > mostBytes) throw new CliError(`${path} has ${size} bytes, at most ${mostBytes} are read`, { hint })
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const refused = systemError(error)
    if (refused === null) throw error
    throw new CliError(`cannot read ${path}: ${refused.message}`, { hint })
  }
  try {
    return parseExactJson(text)
  } catch (error) {
    throw new CliError(`${path} is not valid JSON: ${(error as Error).message}`, { hint })
  }
}
