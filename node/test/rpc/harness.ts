/** The JSON-RPC server without its sockets: messages in, answers out. */

import { DEFAULT_RPC_LIMITS, type RpcLimits } from '../../src/rpc/limits.ts'
import { Blocks } from '../../src/rpc/reading/blocks.ts'
import type { RpcContext } from '../../src/rpc/reading/context.ts'
import { Filters } from '../../src/rpc/reading/filters.ts'
import { SendHold } from '../../src/rpc/reading/sendHold.ts'
import { Subscriptions } from '../../src/rpc/reading/subscriptions.ts'
import { Dispatcher } from '../../src/rpc/server/dispatcher.ts'
import { createGates, type Visitor } from '../../src/rpc/server/gate.ts'
import { CHECKED_METHODS } from './checkedMethods.ts'
import { createFakeNode, type FakeNode } from './fakeNode.ts'

export interface RpcAnswer {
  readonly jsonrpc: '2.0'
  readonly id: string | number | null
  // biome-ignore lint/suspicious/noExplicitAny: whatever the method gives
  readonly result?: any
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string }
}

export interface Harness {
  readonly node: FakeNode
  readonly context: RpcContext
  readonly dispatcher: Dispatcher
  readonly visitor: Visitor
  /** The messages sent to the context's socket besides answers. */
  readonly notifications: string[]
  /** The text of the answer; null for none. */
  raw(body: string | Uint8Array): Promise<string | null>
  call(method: string, ...params: unknown[]): Promise<RpcAnswer>
}

export function createHarness(limits: Partial<RpcLimits> = {}): Harness {
  const node = createFakeNode()
  const { backend } = node
  const all = { ...DEFAULT_RPC_LIMITS, ...limits }
  let ids = 0
  const newId = () => `0x${(++ids).toString(16).padStart(32, '0')}`
  const blocks = new Blocks(backend.chain, all)
  const filters = new Filters(backend, blocks, all, newId)
  const notifications: string[] = []
  const subscriptions = new Subscriptions(backend, blocks, all.maxSubscriptionsPerSocket, newId).open(
    (text) => notifications.push(text),
    () => notifications.push('ended'),
  )
  const sendHold = new SendHold(backend.clock)
  const caller = { kind: 'program', name: '127.0.0.1' } as const
  const shared = {
    backend,
    limits: all,
    logger: backend.logger,
    blocks,
    filters,
    sendHold,
    isOver: () => false,
  }
  const context: RpcContext = { ...shared, caller, subscriptions }
  const dispatcher = new Dispatcher(CHECKED_METHODS, () => '0xcafe')
  const visitor: Visitor = { gates: createGates(all, backend.clock), name: caller.name, connection: {} }
  const raw = async (body: string | Uint8Array): Promise<string | null> => {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    const answer = await dispatcher.answer(bytes, context, visitor)
    if (answer !== null) subscriptions.start(answer)
    return answer
  }
  return {
    node,
    context,
    dispatcher,
    visitor,
    notifications,
    raw,
    async call(method, ...params) {
      return JSON.parse((await raw(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))!)
    },
  }
}
