/**
 * Emitted files for every Node that the packages run on: the names of files that the compiler leaves as they were, and
 * what Node 20 lacks. Nothing is put in that would move a line, so source maps still hold.
 */
import { dirname, relative } from 'node:path'

/** Where a package has what Node 20 lacks; a file that needs it imports it first. */
export const OLD_NODE_PATH = 'src/oldNode.js'

/** Of ECMAScript 2024, not in Node 20. On a newer Node it changes nothing. */
export const OLD_NODE_TEXT = `Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map()
  let index = 0
  for (const item of items) {
    const key = keyOf(item, index++)
    if (groups.has(key)) groups.get(key).push(item)
    else groups.set(key, [item])
  }
  return groups
}
`
/** Ours, and libp2p's own, which is first loaded by who imports it. */
const NEEDS_NEW = /\bPromise\.withResolvers\b|\bMap\.groupBy\b|from '(@libp2p\/|libp2p')/

/** @param path of the emitted file in its package. @throws when it names a file that will not be there */
export function portable(text: string, path: string): string {
  if (path.endsWith('.d.ts')) return text.replace(/((?:from |import\()['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2')
  const named = text.replace(/(new URL\('\.{1,2}\/[^']+)\.ts(', import\.meta\.url\))/g, '$1.js$2')
  const left = /(?:from |import\(|URL\(|Worker\()\s*['"`][^'"`\n]*\.ts['"`]/.exec(named)
  if (left !== null) throw new Error(`${path} names a source file, which is not in the package: ${left[0]}`)
  if (!NEEDS_NEW.test(named)) return named
  const to = relative(dirname(path), OLD_NODE_PATH).replaceAll('\\', '/')
  return `import '${to.startsWith('.') ? to : `./${to}`}'; ${named}`
}
