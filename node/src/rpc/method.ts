/**
 * One JSON-RPC method: its name, its parameters as a table of decoders, and what it does. The server decodes, counts
 * and times; a method only answers. Methods live in methods/, one file each, named as the method.
 */

import { type Decoder, decoder } from './decode/decoder.ts'
import { invalidParams } from './errors.ts'
import type { MethodKind } from './origin.ts'
import type { RpcContext } from './reading/context.ts'
import type { Schema } from './schema/schema.ts'

export interface Param<T> {
  readonly name: string
  readonly decode: Decoder<T>
  readonly required: boolean
}

export function required<T>(name: string, decode: Decoder<T>): Param<T> {
  return { name, decode, required: true }
}

/** Absent and null give `otherwise`. */
export function withDefault<T>(name: string, decode: Decoder<T>, otherwise: T): Param<T> {
  return {
    name,
    required: false,
    decode: decoder(decode.schema, (value, at) =>
      value === undefined || value === null ? otherwise : decode(value, at),
    ),
  }
}

type Values<P extends readonly Param<unknown>[]> = { [I in keyof P]: P[I] extends Param<infer T> ? T : never }

/** The context that parameters depend on. */
export type ParamContext = Pick<RpcContext, 'limits'>

/**
 * How long a method may take. Each pace has places of its own (server/gate.ts), so that no request waits for slower ones.
 * `quick`: some reads of the database; also what sends, as those that wait for a block are few (`maxHeldSends`,
 * `maxSyncSends`). `slow`: runs contracts, or reads much (proofs, many blocks or slots). `search`: goes through thousands of
 * blocks. A method that is not quick and goes step by step ends when its context `isOver`.
 */
export type Pace = 'quick' | 'slow' | 'search'

interface Described {
  readonly name: string
  readonly kind: MethodKind
  /** Absent: `quick`. */
  readonly pace?: Exclude<Pace, 'quick'>
  /** It takes as long as what it waits for goes on, and ends when that does not: `requestTimeout` is not for it. */
  readonly endsItself?: true
  /** Its file, where it is one of several names of the same; absent: the file of its name. */
  readonly home?: string
  /** For docs/rpc.md and the OpenRPC document: what it gives or does, one line of Markdown. */
  readonly summary: string
  /** For docs/rpc.md: how it differs from geth and anvil, one line of Markdown; absent where it does not. */
  readonly differs?: string
  /** Every answer is of this; tests validate them (test/rpc/checkedMethods.ts). */
  readonly result: Schema
}

interface MethodDefinition<P extends readonly Param<unknown>[]> extends Described {
  /** A function where a parameter's bound is an option. */
  readonly params: P | ((context: ParamContext) => P)
  /** The value to write as JSON, or {@link JsonText}. May throw RpcError, ChainError and CallError. */
  handle(context: RpcContext, ...values: Values<P>): unknown
}

export interface RpcMethod extends Described {
  /** @throws RpcError -32602 for parameters that do not decode, and whatever the method throws. */
  call(context: RpcContext, params: readonly unknown[]): unknown
  params(context: ParamContext): readonly Param<unknown>[]
}

export function defineMethod<const P extends readonly Param<unknown>[]>(definition: MethodDefinition<P>): RpcMethod {
  const { params, handle: _handle, ...described } = definition
  const { name } = described
  const paramsOf = typeof params === 'function' ? params : () => params
  return {
    ...described,
    params: paramsOf,
    call(context, given) {
      const table = paramsOf(context)
      let count = given.length
      while (count > table.length && (given[count - 1] === null || given[count - 1] === undefined)) count--
      if (count > table.length) {
        const names = table.map((param) => param.name).join(', ')
        const most = table.length === 0 ? 'no parameters' : `at most ${table.length} parameters (${names})`
        throw invalidParams(`${name} takes ${most}, not ${given.length}`)
      }
      const values = table.map((param, index) => {
        const value = given[index]
        if (param.required && (value === undefined || value === null)) {
          throw invalidParams(`missing value for required argument ${index}: ${param.name}`)
        }
        return param.decode(value, param.name)
      })
      return definition.handle(context, ...(values as Values<P>))
    },
  }
}
