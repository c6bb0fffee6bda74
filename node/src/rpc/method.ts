/**
 * One JSON-RPC method: its name, its parameters as a table of decoders, and what it does. The server decodes, counts
 * and times; a method only answers. Methods live in methods/, one file each, named as the method.
 */

import type { Decoder } from './decode/decoder.ts'
import { invalidParams } from './errors.ts'
import type { RpcContext } from './reading/context.ts'

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
    decode: (value, at) => (value === undefined || value === null ? otherwise : decode(value, at)),
  }
}

type Values<P extends readonly Param<unknown>[]> = { [I in keyof P]: P[I] extends Param<infer T> ? T : never }

/**
 * What a method is for, which says whom it is for. `read` looks at the chain or runs a call on it, `send` takes what its
 * caller has signed: any web page may. `sign` uses keys of the node, `control` changes the node or its chain from outside,
 * `trace` shows every step of an execution: these are not for pages of strangers (origin.ts).
 */
export type MethodKind = 'read' | 'send' | 'sign' | 'control' | 'trace'

interface MethodDefinition<P extends readonly Param<unknown>[]> {
  readonly name: string
  readonly kind: MethodKind
  /** A function where a parameter's bound is an option. */
  readonly params: P | ((context: RpcContext) => P)
  /** The value to write as JSON, or {@link JsonText}. May throw RpcError and ChainError. */
  handle(context: RpcContext, ...values: Values<P>): unknown
}

export interface RpcMethod {
  readonly name: string
  readonly kind: MethodKind
  /** @throws RpcError -32602 for parameters that do not decode, and whatever the method throws. */
  call(context: RpcContext, params: readonly unknown[]): unknown
  params(context: RpcContext): readonly Param<unknown>[]
}

export function defineMethod<const P extends readonly Param<unknown>[]>(definition: MethodDefinition<P>): RpcMethod {
  const { name, kind, params } = definition
  const paramsOf = typeof params === 'function' ? params : () => params
  return {
    name,
    kind,
    params: paramsOf,
    call(context, given) {
      const table = paramsOf(context)
      let count = given.length
      while (count > table.length && (given[count - 1] === null || given[count - 1] === undefined)) count--
      if (count > table.length) {
        const names = table.map((param) => param.name).join(', ')
        throw invalidParams(`${name} takes at most ${table.length} parameters (${names}), not ${given.length}`)
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
