/** Makes a module smaller as long as it still shows what it shows: parts are left out, or replaced by plain values. */
import type { Tree } from './generateModule.ts'

/** Trials in all; each may run both engines many times. */
const MOST_TRIALS = 3_000

const PLAIN: readonly Tree[] = [
  ['i32.const', '0'],
  ['i32.const', '1'],
  ['i64.const', '0'],
  ['i64.const', '1'],
]

export function shrink(tree: Tree, shows: (candidate: Tree) => boolean): Tree {
  let best = tree
  let trials = 0
  for (let smaller = true; smaller && trials < MOST_TRIALS; ) {
    smaller = false
    for (const path of paths(best)) {
      const part = at(best, path)
      if (part === undefined) continue
      for (const candidate of candidates(part)) {
        if (trials++ >= MOST_TRIALS) return best
        const changed = replaced(best, path, candidate)
        if (!shows(changed)) continue
        best = changed
        smaller = true
        break
      }
    }
  }
  return best
}

/** Of all lists below the top, the outer ones first. */
function paths(tree: Tree): number[][] {
  const found: number[][] = []
  const visit = (part: Tree, path: number[]): void => {
    if (typeof part === 'string') return
    if (path.length > 0) found.push(path)
    for (const [i, child] of part.entries()) visit(child, [...path, i])
  }
  visit(tree, [])
  return found.sort((left, right) => left.length - right.length)
}

function at(tree: Tree, path: readonly number[]): Tree | undefined {
  let part: Tree | undefined = tree
  for (const i of path) part = typeof part === 'string' ? undefined : part?.[i]
  return part
}

/** Nothing; a plain value; or one of its own parts. */
function candidates(part: Tree): readonly (readonly Tree[])[] {
  if (typeof part === 'string') return []
  const plain = part.length === 2 && typeof part[0] === 'string' && part[0].endsWith('.const') ? [] : PLAIN
  const inner = part.slice(1).filter((child) => Array.isArray(child))
  return [[], ...plain.map((value) => [value]), ...inner.map((child) => [child]), ...(inner.length > 1 ? [inner] : [])]
}

function replaced(tree: Tree, path: readonly number[], by: readonly Tree[]): Tree {
  const [first, ...rest] = path
  if (typeof tree === 'string' || first === undefined) return tree
  const copy = [...tree]
  if (rest.length === 0) copy.splice(first, 1, ...by)
  else copy[first] = replaced(copy[first]!, rest, by)
  return copy
}
