/**
 * Makes a module smaller as long as it still shows what it shows: parts are left out, many at a time first, or replaced
 * by plain values.
 */
import type { Tree } from './generateModule.ts'

/** Trials in all; each may run both engines many times. */
const MOST_TRIALS = 6_000

const PLAIN: readonly Tree[] = [
  ['i32.const', '0'],
  ['i32.const', '1'],
  ['i64.const', '0'],
  ['i64.const', '1'],
]

export function shrink(tree: Tree, shows: (candidate: Tree) => boolean): Tree {
  let best = tree
  let trials = 0
  const attempt = (candidate: Tree): boolean => {
    if (trials++ >= MOST_TRIALS || !shows(candidate)) return false
    best = candidate
    return true
  }
  for (let before: Tree | null = null; before !== best && trials < MOST_TRIALS; ) {
    before = best
    // The outer lists first: what they lose, the inner ones need not.
    for (let depth = 0; ; depth++) {
      const lists = pathsAt(best, depth)
      if (lists.length === 0) break
      for (const path of lists) leaveOut(path)
    }
    for (const path of allPaths(best)) replacePart(path)
  }
  return best

  function leaveOut(path: readonly number[]): void {
    const list = at(best, path)
    if (list === undefined || typeof list === 'string') return
    for (let size = list.length - 1; size >= 1; size >>= 1) {
      for (let from = 1; ; ) {
        const now = at(best, path)
        if (now === undefined || typeof now === 'string' || from + size > now.length) break
        if (!attempt(replaced(best, path, [[...now.slice(0, from), ...now.slice(from + size)]]))) from += size
      }
    }
  }

  function replacePart(path: readonly number[]): void {
    const part = at(best, path)
    if (part === undefined || typeof part === 'string') return
    const plain = part.length === 2 && typeof part[0] === 'string' && part[0].endsWith('.const') ? [] : PLAIN
    const inner = part.slice(1).filter((child) => Array.isArray(child))
    const candidates = [...plain.map((value) => [value]), ...inner.map((child) => [child]), inner]
    for (const candidate of candidates) if (attempt(replaced(best, path, candidate))) return
  }
}

/** Of all lists `depth` levels below the top. */
function pathsAt(tree: Tree, depth: number): number[][] {
  return allPaths(tree).filter((path) => path.length === depth)
}

function allPaths(tree: Tree): number[][] {
  const found: number[][] = []
  const visit = (part: Tree, path: number[]): void => {
    if (typeof part === 'string') return
    found.push(path)
    for (const [i, child] of part.entries()) visit(child, [...path, i])
  }
  visit(tree, [])
  return found
}

function at(tree: Tree, path: readonly number[]): Tree | undefined {
  let part: Tree | undefined = tree
  for (const i of path) part = typeof part === 'string' ? undefined : part?.[i]
  return part
}

function replaced(tree: Tree, path: readonly number[], by: readonly Tree[]): Tree {
  const [first, ...rest] = path
  if (first === undefined) return by[0] ?? tree
  if (typeof tree === 'string') return tree
  const copy = [...tree]
  if (rest.length === 0) copy.splice(first, 1, ...by)
  else copy[first] = replaced(copy[first]!, rest, by)
  return copy
}
