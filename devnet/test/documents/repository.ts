/** The text of this repository as documents see it: which files there are, and what people read in each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const root = join(import.meta.dirname, '../../..')

/** Columns of the longest line of a page outside of tables, code and links, and of a comment. */
export const LONGEST_LINE = 125

/** Names of folders that git ignores, or that are not ours: what was built or measured here is nothing that is read. */
const SKIPPED: ReadonlySet<string> = new Set([
  ...readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('/'))
    .map((line) => line.slice(0, -1)),
  '.git',
  'spec-cache',
])

/** Paths of all files below a folder, from the root, with slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (SKIPPED.has(entry.name)) return []
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

export const files: readonly string[] = filesBelow('').sort()

/** Every Markdown page that is ours. */
export const pages: readonly string[] = files.filter((path) => path.endsWith('.md'))

/** Every source whose comments are read. */
export const sources: readonly string[] = files.filter((path) => /\.(ts|mjs|js)$/.test(path))

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The comments of a source. A `//` counts where no string can have it: at the start, or after a space or bracket. */
export function commentsOf(source: string): string {
  return [...source.matchAll(/\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(),])\/\/[^\n]*/g)].map(([comment]) => comment).join('\n')
}

const folders = new Set(files.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))))
const endings = new Set(
  [...files, ...folders].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(i).join('/'))),
)

/** Whether a file or folder is there: by its path from the root, or by the end of a path (`core/vote.ts`, `vote.ts`). */
export function isThere(name: string): boolean {
  const path = name.replace(/^(\.\.?\/)+/, '').replace(/\/$/, '')
  return endings.has(path) || existsSync(join(root, path))
}

/** Names of files in a text, and paths in backticks. */
export function namedIn(text: string): string[] {
  const names = text.matchAll(
    /(?<![\w.@:/$-])(?:[\w.@-]+\/)*[\w-][\w.-]*\.(?:ts|mjs|js|json|md|wasm|sol|wat|py|c|rs|sh)\b(?![\w/(-])/g,
  )
  const paths = text.matchAll(/`((?:[\w.@-]+\/)+[\w.-]*)`/g)
  return [...new Set([...[...names].map(([name]) => name), ...[...paths].map(([, path]) => path!)])]
}

/** Anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>()
  const text = page.replace(/^```[\s\S]*?^```/gm, '')
  for (const [, heading] of text.matchAll(/^#+ (.*)$/gm)) {
    const slug = anchorOf(heading!)
    let anchor = slug
    for (let i = 1; anchors.has(anchor); i++) anchor = `${slug}-${i}`
    anchors.add(anchor)
  }
  return anchors
}

/** @returns the anchor of a heading: lower case, without punctuation, spaces as hyphens. */
export function anchorOf(heading: string): string {
  const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  return shown.replace(/[^\w\- ]/g, '').replaceAll(' ', '-')
}

export function inFolder(page: string, target: string): string {
  return relative(root, join(root, page, '..', target))
    .split(sep)
    .join('/')
}
