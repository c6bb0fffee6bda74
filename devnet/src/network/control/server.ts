/**
 * The control channel of a running network: HTTP on loopback, `POST /` with `Authorization: Bearer TOKEN` and
 * `{"command": {...}, "by": "devnet node kill 3"}`. Answers 200 with `{text, result}`, and a `note` where something happened
 * besides, otherwise `{error, hint}`: 400 for what is no command, 401 for a wrong token, 409 for what the network refuses.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { asCliError } from '../../output/errors.ts'
import { printable } from '../../output/printable.ts'
import type { Network } from '../runner.ts'
import { checkCommand, perform } from './command.ts'
import { writeControlFile } from './controlFile.ts'

/** An import of the module would read all its exports, and one of them loads a client of WebSockets: 50 ms of a start. */
const { createServer } = process.getBuiltinModule('node:http')

export interface ControlServer {
  readonly port: number
  readonly token: string
  close(): Promise<void>
}

/** Bytes of an order: the longest one names every link of twenty nodes. */
export const MAX_ORDER_BYTES = 64 * 1024
const MAX_CONNECTIONS = 32
const REQUEST_TIMEOUT_MS = 10_000

/** `onSteered` hears what was done, and by whom. */
export async function startControlServer(
  network: Network,
  onSteered: (text: string, by: string) => void,
): Promise<ControlServer> {
  const token = randomBytes(32).toString('hex')
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8 * 1024 }, (request, response) => {
    answer(network, token, onSteered, request, response).catch((error: unknown) => {
      refuse(response, 500, `internal error: ${error instanceof Error ? error.message : String(error)}`)
    })
  })
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve)
  })
  const { port } = server.address() as { port: number }
  writeControlFile(network.paths, { port, token })
  return {
    port,
    token,
    async close() {
      rmSync(network.paths.control, { force: true })
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(
  network: Network,
  token: string,
  onSteered: (text: string, by: string) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAllowed(request, token)) return refuse(response, 401, 'wrong token: read it from control.json of the network')
  if (request.method !== 'POST') return refuse(response, 400, 'orders are sent with POST')
  const body = await readBody(request)
  if (body === null) return refuse(response, 400, `an order has at most ${MAX_ORDER_BYTES} bytes`)
  const order = parseJson(body)
  if (typeof order !== 'object' || order === null) return refuse(response, 400, 'an order is a JSON object')
  const { command: given, by } = order as { command?: unknown; by?: unknown }
  const command = checkCommand(given)
  if ('wrong' in command) return refuse(response, 400, command.wrong)
  try {
    const { text, result, changed, note } = await perform(network, command)
    if (changed) onSteered(text, printable(typeof by === 'string' ? by : 'the control channel'))
    send(response, 200, { text, result, note })
  } catch (error) {
    const shown = asCliError(error)
    if (shown === null) throw error
    send(response, shown.kind === 'usage' ? 400 : 409, { error: shown.message, hint: shown.hint, lines: shown.lines })
  }
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = new TextEncoder().encode(request.headers.authorization ?? '')
  const wanted = new TextEncoder().encode(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Null when there is more than an order may have. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_ORDER_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function refuse(response: ServerResponse, status: number, error: string, hint: string | null = null): void {
  send(response, status, { error, hint })
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}
