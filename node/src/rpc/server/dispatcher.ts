/**
 * JSON-RPC 2.0 (jsonrpc.org/specification): from the bytes of a message to the text of its answer, whatever they came
 * over. Time and answer length are bounded here, and requests that run by the gate (gate.ts).
 *
 * A fault of ours becomes -32603 with a short id, by which the log has the rest. Nothing else does.
 */
import { printable } from '../../codec/visibleText.ts'
import {
  asRpcError,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  invalidParams,
  limitExceeded,
  METHOD_NOT_FOUND,
  RpcError,
  responseTooLarge,
  TIMED_OUT,
  UNAUTHORIZED,
} from '../errors.ts'
import { JsonText, type ParsedMessage, parseJson } from '../json.ts'
import { SHOWN_LENGTH } from '../limits.ts'
import type { RpcMethod } from '../method.ts'
import { refusedMethod } from '../origin.ts'
import type { RpcContext } from '../reading/context.ts'
import { Breaks } from './breaks.ts'
import type { Visitor } from './gate.ts'
import { closestName } from './suggestion.ts'

/** Enough to find one fault in a log by. */
const FAULT_ID_BYTES = 4

/** Told of each answer, for figures. */
export interface RpcObserver {
  /**
   * `method`: `unknown` for one that does not exist. `code`: of the error; null for a result. `milliseconds`: with the
   * wait for a turn.
   */
  answered(method: string, code: number | null, milliseconds: number): void
}

export class Dispatcher {
  readonly #methods: ReadonlyMap<string, RpcMethod>
  readonly #randomHex: (bytes: number) => string
  readonly #observer: RpcObserver | null
  readonly #breaks = new Breaks()

  constructor(
    methods: ReadonlyMap<string, RpcMethod>,
    randomHex: (bytes: number) => string,
    observer: RpcObserver | null = null,
  ) {
    this.#methods = methods
    this.#randomHex = randomHex
    this.#observer = observer
  }

  /**
   * Null when nothing is to be answered: the message had notifications only. Never rejects. Once the client `isGone`, what
   * is left of its batch is not run.
   */
  async answer(
    body: Uint8Array,
    context: RpcContext,
    visitor: Visitor,
    isGone: () => boolean = () => false,
  ): Promise<string | null> {
    let message: ParsedMessage
    try {
      message = parseJson(body, context.limits)
    } catch (error) {
      return this.#failure(NO_ID, error, context, 'parse')
    }
    const { value, ids } = message
    return Array.isArray(value)
      ? this.#batch(value, ids, context, visitor, isGone)
      : this.#single(value, idOf(value, ids.get(0)), context, visitor, isGone)
  }

  async #batch(
    requests: readonly unknown[],
    ids: ParsedMessage['ids'],
    context: RpcContext,
    visitor: Visitor,
    isGone: () => boolean,
  ): Promise<string | null> {
    const { maxBatchLength, batchConcurrency, maxResponseLength } = context.limits
    if (requests.length === 0) return errorText(NO_ID, new RpcError(INVALID_REQUEST, 'invalid request: empty batch'))
    if (requests.length > maxBatchLength) {
      const message = `batch too large: ${requests.length} requests, at most ${maxBatchLength} (maxBatchLength)`
      return errorText(NO_ID, limitExceeded(message))
    }
    const { clock } = context.backend
    const own = { ...context, heldUntil: clock.monotonic() + context.limits.sendHold }
    const answers: (string | null)[] = new Array(requests.length).fill(null)
    let next = 0
    let length = 0
    const runner = async () => {
      while (next < requests.length && !isGone()) {
        const index = next++
        const request = requests[index]
        const id = idOf(request, ids.get(index))
        // The server does not run the rest of a batch when the answer is full: nobody would get the results.
        const answer =
          length > maxResponseLength
            ? errorText(id, responseTooLarge(maxResponseLength))
            : await this.#single(request, id, own, visitor, isGone)
        length += answer?.length ?? 0
        answers[index] = answer
      }
    }
    await Promise.all(Array.from({ length: Math.min(batchConcurrency, requests.length) }, runner))
    const given = answers.filter((answer) => answer !== null)
    return given.length === 0 ? null : `[${given.join(',')}]`
  }

  async #single(
    request: unknown,
    id: IdText,
    context: RpcContext,
    visitor: Visitor,
    isGone: () => boolean,
  ): Promise<string | null> {
    let name = 'unknown'
    let code: number | null = null
    const begun = context.backend.clock.monotonic()
    try {
      const { method, params, isNotification } = readRequest(request, this.#methods)
      name = method.name
      const refused = refusedMethod(context.caller, name, method.kind)
      if (refused !== null) throw new RpcError(UNAUTHORIZED, refused)
      const due = this.#breaks.due(context.backend.clock)
      if (due !== null) {
        await due
        if (isGone()) return null
      }
      const gate = visitor.gates[method.pace ?? 'quick']
      const turn = gate.pass(visitor)
      if (turn !== null) {
        await turn
        if (isGone()) {
          gate.leave(visitor)
          return null
        }
      }
      const own = method.pace === undefined ? context : ending(context, isGone)
      const result = await this.#run(method, params, own, () => gate.leave(visitor))
      if (isNotification) return null
      const text = result instanceof JsonText ? result.text : JSON.stringify(result ?? null)
      if (text.length > context.limits.maxResponseLength) throw responseTooLarge(context.limits.maxResponseLength)
      return `{"jsonrpc":"2.0","id":${id},"result":${text}}`
    } catch (error) {
      code = asRpcError(error)?.code ?? INTERNAL_ERROR
      const failure = this.#failure(id, error, context, name)
      return isNotification(request) ? null : failure
    } finally {
      this.#observer?.answered(name, code, context.backend.clock.monotonic() - begun)
    }
  }

  /** Its place is taken until the method is done, even when its caller was told that it takes too long. */
  async #run(method: RpcMethod, params: readonly unknown[], context: RpcContext, leave: () => void): Promise<unknown> {
    let running: unknown
    try {
      running = method.call(context, params)
      if (!(running instanceof Promise)) {
        leave()
        return running
      }
    } catch (error) {
      leave()
      throw error
    }
    if (method.endsItself === true) return running.finally(leave)
    const { requestTimeout } = context.limits
    const { promise: timeout, reject } = Promise.withResolvers<never>()
    const cancel = context.backend.clock.after(requestTimeout, () =>
      reject(new RpcError(TIMED_OUT, `request timed out after ${requestTimeout} ms (requestTimeout)`)),
    )
    const done = running.finally(() => {
      cancel()
      leave()
    })
    return Promise.race([done, timeout])
  }

  #failure(id: IdText, error: unknown, context: RpcContext, method: string): string {
    const expected = asRpcError(error)
    if (expected !== undefined) return errorText(id, expected)
    const fault = this.#randomHex(FAULT_ID_BYTES).slice(2)
    context.logger.error({ fault, method, error: String(error), stack: stackOf(error) }, 'JSON-RPC fault')
    return errorText(
      id,
      new RpcError(INTERNAL_ERROR, `internal error ${fault}: a fault of this node (see this id in its log)`),
    )
  }
}

/** The context of a method that takes its time: it ends with its caller, or with the time it has. */
function ending(context: RpcContext, isGone: () => boolean): RpcContext {
  const { monotonic } = context.backend.clock
  const end = monotonic() + context.limits.requestTimeout
  return { ...context, isOver: () => isGone() || monotonic() >= end }
}

/** An id as the request has it, byte for byte: JSON text. */
type IdText = string

const NO_ID: IdText = 'null'

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The id to answer with, which stands in the message as `written`; null where there is none or it is of no allowed type. */
function idOf(request: unknown, written: IdText | undefined): IdText {
  if (!isRecord(request) || written === undefined) return NO_ID
  const id = request['id']
  return typeof id === 'string' || typeof id === 'number' ? written : NO_ID
}

/** A well-formed request without an id. Malformed ones are answered, so that their author learns of it. */
function isNotification(request: unknown): boolean {
  return (
    isRecord(request) &&
    request['jsonrpc'] === '2.0' &&
    typeof request['method'] === 'string' &&
    !Object.hasOwn(request, 'id')
  )
}

interface ReadRequest {
  readonly method: RpcMethod
  readonly params: readonly unknown[]
  readonly isNotification: boolean
}

function readRequest(request: unknown, methods: ReadonlyMap<string, RpcMethod>): ReadRequest {
  if (!isRecord(request)) throw invalidRequest('a request is an object')
  if (request['jsonrpc'] !== '2.0') throw invalidRequest('jsonrpc must be "2.0"')
  const id = request['id']
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') {
    throw invalidRequest('id must be a string, a number or null')
  }
  const name = request['method']
  if (typeof name !== 'string' || name === '') throw invalidRequest('method must be a name')
  const method = methods.get(name)
  if (method === undefined) throw unknownMethod(name, methods)
  const params = request['params'] ?? []
  if (!Array.isArray(params)) throw invalidParams('params must be an array')
  return { method, params, isNotification: id === undefined && isNotification(request) }
}

function invalidRequest(message: string): RpcError {
  return new RpcError(INVALID_REQUEST, `invalid request: ${message}`)
}

function unknownMethod(name: string, methods: ReadonlyMap<string, RpcMethod>): RpcError {
  const shown = printable(name, SHOWN_LENGTH)
  return new RpcError(METHOD_NOT_FOUND, `the method ${shown} does not exist/is not available${hintFor(name, methods)}`)
}

function hintFor(name: string, methods: ReadonlyMap<string, RpcMethod>): string {
  // EIP-747, EIP-2255, EIP-3085, EIP-3326, EIP-5792: a client that is given a node in place of a wallet asks it for these.
  if (name.startsWith('wallet_')) return ': methods of wallet_ are answered by wallets, and this is a node'
  const meant = closestName(name, methods.keys())
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

function errorText(id: IdText, { code, message, data }: RpcError): string {
  const error = { code, message, ...(data === undefined ? {} : { data }) }
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}
