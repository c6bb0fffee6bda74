/**
 * The process of a node, once its code is loaded. Logs to stdout, or a file, as JSON lines; tells a parent process that
 * started it with a channel when it answers, or why it cannot; stops cleanly on SIGINT, SIGTERM, the parent's word, or
 * its end.
 */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type DestinationStream, pino } from 'pino'
import { BlockNotices } from './blockNotices.ts'
import { DatabaseError } from './chain/databaseError.ts'
import type { ExecutionThread } from './chain/worker/executionThread.ts'
import { CodecError } from './codec/codecError.ts'
import { parseExactJson } from './codec/exactJson.ts'
import { toHex } from './codec/hex.ts'
import { visibleText } from './codec/visibleText.ts'
import { ConfigError, parseNodeConfig } from './config.ts'
import { NodeError, type RunningNode, startNode } from './node.ts'
import type { NodeMessage, ParentMessage } from './processMessages.ts'
import { backgroundClock } from './runtime/clock.ts'
import { keepCompiledCode } from './runtime/compiledCode.ts'
import { installCrypto } from './runtime/installCrypto.ts'
import { openLogFile } from './runtime/logging/logFile.ts'
import { linesFor } from './runtime/logging/logLines.ts'
import { makePrivateDirectory, PrivateFileError, requirePrivate } from './runtime/privateFiles.ts'
import { collectAtRest } from './runtime/restingHeap.ts'
import { compileSooner } from './runtime/startingCompiler.ts'
import { StoreError } from './runtime/storeError.ts'
import { parseGenesis } from './types/genesisCodec.ts'
import { SignerRecordError } from './wiring/ownSigner.ts'

/** Milliseconds that a clean stop may take before the process ends as it is; LevelDB survives that. */
const STOP_TIMEOUT = 10_000

/** Exit code of a node that has seen two certified chains, however it is told to stop. */
const EXIT_FORK = 3

/** Bad input of the operator, as opposed to a fault of the node. */
const expected = [ConfigError, CodecError, StoreError, DatabaseError, NodeError, SignerRecordError, PrivateFileError]

let node: RunningNode | null = null
let stopping = false
/** Null until the parent has asked for them. */
let notices: BlockNotices | null = null

export interface NodeProcessOptions {
  /** Null: the parent says it. */
  readonly configPath: string | null
  /** A process has started this one with a channel. */
  readonly hasParent: boolean
  /** Loading, or loaded. */
  readonly executionThread: ExecutionThread
}

/** Resolves when the node answers, or could not be started and the process is about to end. */
export async function runNodeProcess({ configPath, hasParent, executionThread }: NodeProcessOptions): Promise<void> {
  process.on('SIGINT', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))
  const told = Promise.withResolvers<string>()
  process.on('message', (message: ParentMessage) => {
    if (message.kind === 'stop') void stop(0)
    else if (message.kind === 'blocks') notices ??= new BlockNotices(sendToParent)
    else if (message.kind === 'move-peers') void movePeers(message.addresses)
    else told.resolve(message.configPath)
  })
  // A devnet that is killed must not leave its nodes behind.
  process.on('disconnect', () => void stop(0))
  // It may have ended while the code was loaded.
  if (hasParent && !process.connected) return stop(0)
  await installCrypto()
  const path = configPath ?? (await told.promise)
  if (!stopping) await start(path, executionThread).catch(fail)
}

async function start(path: string, executionThread: ExecutionThread): Promise<void> {
  const text = readText(path)
  requirePrivate(path, 'it holds the keys of this node')
  const config = parseNodeConfig(parseJson(path, text))
  openDataDirectory(config.dataDir)
  const logger = pino(
    { name: config.name, level: config.logLevel },
    linesFor(config.logFormat ?? 'json', openLog(config.logFile)),
  )
  const genesisFile = resolve(config.genesisFile)
  const genesis = parseGenesis(parseJson(genesisFile, readText(genesisFile)))
  const started = await startNode({
    config,
    genesis,
    logger,
    executionThread,
    onAnswers: () => tell({ kind: 'answers' }),
    onFatal(error) {
      logger.error({ err: error }, 'fatal: the node stops')
      void stop(1)
    },
  })
  node = started
  let works = false
  started.onBlock((block) => {
    if (!works) compileSooner()
    works = true
    notices?.tell(block)
  })
  tell({
    kind: 'ready',
    rpcPort: started.rpcPort,
    p2p: started.p2pAddresses(),
    engine: config.engine,
    genesisHash: toHex(started.genesisHash),
  })
  keepCompiledCode()
  collectAtRest()
}

async function movePeers(addresses: readonly string[]): Promise<void> {
  if (node === null) return
  try {
    await node.movePeers(addresses)
    sendToParent({ kind: 'peers-moved' }, () => {})
  } catch (error) {
    fail(error)
  }
}

async function stop(exitCode: number): Promise<void> {
  if (stopping) return
  stopping = true
  backgroundClock.after(STOP_TIMEOUT, () => process.exit(1))
  const forked = node?.sawFork() === true
  await node?.stop()
  process.exit(exitCode === 0 && forked ? EXIT_FORK : exitCode)
}

/** @throws ConfigError */
function openLog(path: string | undefined): DestinationStream {
  if (path === undefined) return pino.destination({ fd: 1, sync: true })
  try {
    return openLogFile(path)
  } catch (error) {
    throw new ConfigError(`logFile: cannot write to ${path}: ${(error as Error).message}`)
  }
}

/** Says why, to the log and to the parent, and ends. */
function fail(error: unknown): void {
  const known = expected.some((kind) => error instanceof kind)
  const message = error instanceof Error ? error.message : String(error)
  const lines = known || !(error instanceof Error) ? [message] : (error.stack ?? message).split('\n')
  for (const line of lines) process.stderr.write(`${visibleText(line)}\n`)
  const end = () => process.exit(1)
  if (process.send === undefined) end()
  else process.send({ kind: 'failed', message, hint: null } satisfies NodeMessage, end)
}

function tell(message: NodeMessage): void {
  process.send?.(message)
}

/** Where the parent has just ended, which stops the node, there is nothing to do about it. */
function sendToParent(message: NodeMessage, onWritten: () => void): void {
  process.send?.(message, undefined, undefined, onWritten)
}

/** The record of what a validator signed lies in it. @throws ConfigError, PrivateFileError */
function openDataDirectory(path: string): void {
  try {
    makePrivateDirectory(path)
  } catch (error) {
    throw new ConfigError(`dataDir: cannot make the directory ${path}: ${(error as Error).message}`)
  }
  // Before modes are told: nobody is to be told to change those of a file that is something else.
  if (!statSync(path).isDirectory()) {
    throw new ConfigError(`dataDir: ${path} is a file; name a directory, which the node makes where there is none`)
  }
  requirePrivate(path, "it holds the record of this validator's signatures")
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${(error as Error).message}`)
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (error) {
    throw new ConfigError(`${path} is not valid JSON: ${(error as Error).message}`)
  }
}
