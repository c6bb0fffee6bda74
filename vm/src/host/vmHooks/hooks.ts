/** Every import a Stylus contract may have, by module and name. */
import { accountHooks } from './accountHooks.ts'
import { callHooks } from './callHooks.ts'
import { consoleHooks, debugHooks } from './consoleHooks.ts'
import { contextHooks } from './contextHooks.ts'
import type { Hook } from './hook.ts'
import { inputHooks } from './inputHooks.ts'
import { logHooks } from './logHooks.ts'
import { mathHooks } from './mathHooks.ts'
import { memoryHooks } from './memoryHooks.ts'
import type { HookName } from './prices.ts'
import { storageHooks } from './storageHooks.ts'

/** The 42 functions of `vm_hooks`. */
export const vmHooks: Readonly<Record<HookName, Hook>> = {
  ...inputHooks,
  ...storageHooks,
  ...callHooks,
  ...accountHooks,
  ...contextHooks,
  ...mathHooks,
  ...logHooks,
  ...memoryHooks,
}

const modules: ReadonlyMap<string, ReadonlyMap<string, Hook>> = new Map(
  Object.entries({ vm_hooks: vmHooks, console: consoleHooks, debug: debugHooks }).map(
    ([module, hooks]) => [module, new Map<string, Hook>(Object.entries(hooks))] as const,
  ),
)

/** The modules a Stylus contract may import from. */
export const hookModules: readonly string[] = [...modules.keys()]

export function findHook(module: string, name: string): Hook | undefined {
  return modules.get(module)?.get(name)
}

/** The functions a module offers, for error messages. */
export function hookNames(module: string): readonly string[] {
  return [...(modules.get(module)?.keys() ?? [])]
}
