/** `devnet export FILE`: the chain of a network, running or stopped, as one file that can be executed again anywhere. */
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { genesisToJson } from '@touchstone/node'
import {
  decodeBlock,
  type ExportedBlock,
  encodeBlockRecord,
  encodeEndRecord,
  encodeGenesisRecord,
  encodeHeader,
} from '@touchstone/node/replay'
import { type Hex, hexToBytes, numberToHex } from 'viem'
import { interruptible, removedAtExit, unlessInterrupted } from '../interruption.ts'
import { readJsonFile } from '../network/jsonFile.ts'
import { networkPaths } from '../network/paths.ts'
import { readRunning } from '../network/readyFile.ts'
import { genesisOf } from '../network/setup.ts'
import { CliError, systemError, unreachableError } from '../output/errors.ts'
import { type CommandContext, connectFrom } from './context.ts'
import { outputFault } from './outputFile.ts'

/** Blocks asked for ahead of the one being written: hides the way there and back, and bounds what is held. */
const BLOCKS_AHEAD = 8
const PROGRESS_MS = 2_000

/** Where blocks come from. */
interface BlockSource {
  readonly from: string
  readonly genesis: object
  readonly genesisHash: Uint8Array
  readonly height: bigint
  block(number: bigint): Promise<ExportedBlock | null>
  close(): Promise<void>
}

export async function exportCommand(context: CommandContext, file: string): Promise<void> {
  const { terminal } = context
  const fault = outputFault(file)
  if (fault !== null) {
    throw new CliError(`cannot write ${file}: ${fault}`, { hint: 'name a file in a folder that exists' })
  }
  const isRunning = context.rpc !== undefined || readRunning(networkPaths(context.dataDir)) !== null
  const source = isRunning ? await runningChain(context) : await stoppedChain(context)
  // Beside it first: a file of that name is whole, or the one that was there before.
  const temporary = `${file}.new`
  const renamed = removedAtExit(temporary)
  let written = 0n
  const progress = (block: bigint, isShown: boolean) => {
    written = block
    if (isShown) terminal.note(`${block} of ${source.height} blocks`)
  }
  try {
    terminal.note(`exporting ${source.height} blocks of ${source.from}`)
    const doing = () => `writing ${file}: ${written} of ${source.height} blocks were in it; it is as it was before`
    const bytes = await interruptible({ doing }, (interrupted) => writeExport(source, temporary, progress, interrupted))
    renameSync(temporary, file)
    if (terminal.json) terminal.printJson({ file, blocks: source.height, bytes })
    else terminal.print(`${file}: ${source.height} blocks, ${bytes} bytes`)
  } catch (error) {
    rmSync(temporary, { force: true })
    const refused = systemError(error)
    if (refused === null) throw error
    throw new CliError(`cannot write ${file}: ${refused.message}`, { cause: error, details: { code: refused.code } })
  } finally {
    renamed()
    await source.close()
  }
}

async function writeExport(
  source: BlockSource,
  path: string,
  progress: (block: bigint, isShown: boolean) => void,
  interrupted: AbortSignal,
): Promise<number> {
  // Left over from one that was killed, or somebody's link to another file: never written through.
  rmSync(path, { force: true })
  const out = createWriteStream(path, { flags: 'wx' })
  // The stream's error comes out of `finished`, or of the write that waits for it.
  const done = finished(out)
  done.catch(() => {})
  let bytes = 0
  const write = async (record: Uint8Array) => {
    bytes += record.length
    if (!out.write(record)) await Promise.race([new Promise((resolve) => out.once('drain', resolve)), done])
  }
  try {
    await write(encodeHeader())
    await write(encodeGenesisRecord(source.genesis))
    let lastHash = source.genesisHash
    let shown = Date.now()
    for await (const block of blocksInOrder(source, interrupted)) {
      await write(encodeBlockRecord(block))
      lastHash = decodeBlock(block.block).hash
      const isShown = Date.now() - shown >= PROGRESS_MS
      if (isShown) shown = Date.now()
      progress(block.number, isShown)
    }
    await write(encodeEndRecord({ blocks: source.height, lastHash }))
    out.end()
    await done
    return bytes
  } catch (error) {
    out.destroy()
    throw error
  }
}

async function* blocksInOrder(source: BlockSource, interrupted: AbortSignal): AsyncGenerator<ExportedBlock> {
  const waiting: Promise<ExportedBlock | null>[] = []
  let next = 1n
  for (let number = 1n; number <= source.height; number++) {
    while (next <= source.height && waiting.length < BLOCKS_AHEAD) {
      const asked = source.block(next++)
      // Looked at in its turn; until then a failure must not count as unhandled.
      asked.catch(() => {})
      waiting.push(asked)
    }
    const block = await unlessInterrupted(interrupted, waiting.shift()!)
    if (block === null) {
      throw new CliError(`${source.from} does not have block ${number}`, {
        hint: 'a node that began with a snapshot has no older blocks; export from another one with --node N',
      })
    }
    yield block
  }
}

interface RawBlock {
  readonly block: Hex
  readonly certificate: Hex | null
  readonly receipts: Hex
}

async function runningChain(context: CommandContext): Promise<BlockSource> {
  const { client, url } = await connectFrom(context)
  const ask = <T>(method: string, params: unknown[]): Promise<T> =>
    client.request({ method, params } as unknown as Parameters<typeof client.request>[0]) as Promise<T>
  const [genesis, first, height] = await Promise.all([
    ask<object>('touchstone_genesis', []),
    client.getBlock({ blockNumber: 0n }),
    client.getBlockNumber({ cacheTime: 0 }),
  ])
  return {
    from: url,
    genesis,
    genesisHash: hexToBytes(first.hash!),
    height,
    async block(number) {
      const raw = await ask<RawBlock | null>('touchstone_getRawBlock', [numberToHex(number)])
      if (raw === null || raw.certificate === null) return null
      const [block, certificate, receipts] = [raw.block, raw.certificate, raw.receipts].map((hex) => hexToBytes(hex))
      return { number, block: block!, certificate: certificate!, receipts: receipts! }
    },
    close: async () => {},
  }
}

async function stoppedChain({ dataDir, node }: CommandContext): Promise<BlockSource> {
  const paths = networkPaths(dataDir)
  const json = readJsonFile(paths.genesis)
  if (json === null) {
    const hint = 'name its folder with --data DIR, or a node with --rpc URL'
    throw unreachableError(`there is no network in ${paths.root}`, hint)
  }
  const genesis = genesisOf(paths, json)
  // Loaded here because it is native, and most commands need none of it.
  const { openStoredChain } = await import('@touchstone/node/stored-chain')
  const directory = paths.node(node).root
  if (!existsSync(directory)) throw new CliError(`there is no node ${node}: ${directory} does not exist`)
  const chain = await openStoredChain(directory, genesis).catch((error: Error) => {
    throw new CliError(`the chain of node ${node} cannot be read: ${error.message}`, { cause: error })
  })
  if (chain === null)
    throw new CliError(`${directory} holds no chain`, { hint: 'export from another one with --node N' })
  return {
    from: directory,
    genesis: genesisToJson(genesis),
    genesisHash: chain.genesisHash,
    height: chain.height,
    block: async (number) => chain.block(number),
    close: () => chain.close(),
  }
}
