/** A part of a variable by its path: `account.at.x`, `list[2]`, `*to`. */
import type { Variable } from './protocol.ts'

/** The name of that to which a pointer points. */
const TARGET = '*'

/** Null where there is none of the path. */
export function partNamed(variables: readonly Variable[], path: string): Variable | null {
  if (path.startsWith(TARGET)) {
    const pointer = variables.find(({ name }) => name === path.slice(1)) ?? partNamed(variables, path.slice(1))
    return pointer === null ? null : (pointer.children?.find(({ name }) => name === TARGET) ?? null)
  }
  const [first, ...steps] = path.match(/\[\d+\]|[^.[]+/g) ?? []
  let at = variables.find(({ name }) => name === first) ?? null
  for (const step of steps) {
    if (at === null) return null
    at = childOf(at, step) ?? null
  }
  return steps.length === 0 ? null : at
}

/** Through a pointer too, as authors of Rust write it. */
function childOf({ children = [] }: Variable, name: string): Variable | undefined {
  const own = children.find((child) => child.name === name)
  const [only, ...others] = children
  return own ?? (only?.name === TARGET && others.length === 0 ? childOf(only, name) : undefined)
}
