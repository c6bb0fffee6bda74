/** One function a Stylus contract may import. */

import type { FunctionType, ValueType } from '../../binary/types.ts'
import type { HostFunction, WasmValue } from '../../engine/engine.ts'
import type { HookFrame } from './hookFrame.ts'

export interface Hook {
  readonly type: FunctionType
  // biome-ignore lint/suspicious/noExplicitAny: the arguments' types are given by `type`, which TypeScript cannot see
  readonly run: (frame: HookFrame, ...args: any[]) => WasmValue | undefined
}

/** `i` is i32 and `l` is i64: `hook('iil', 'i', run)` is (i32, i32, i64) -> i32. */
export function hook(params: string, results: '' | 'i' | 'l', run: Hook['run']): Hook {
  return { type: { params: valueTypes(params), results: valueTypes(results) }, run }
}

function valueTypes(letters: string): ValueType[] {
  return [...letters].map((letter) => (letter === 'l' ? 'i64' : 'i32'))
}

/** The hook as the engine wants it, for one frame. The engine passes the host context last. */
export function bindHook(hook: Hook, frame: HookFrame): HostFunction {
  const { run, type } = hook
  const arity = type.params.length
  return {
    type,
    call: (...args) => {
      frame.enter(args[arity])
      args.length = arity
      return run(frame, ...args)
    },
  }
}
