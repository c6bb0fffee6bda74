/**
 * The programs of a package as a few files, in its folder `programs`: the command of `devnet`, the process of `node`, and
 * their threads. Libraries stay file by file. What is bundled is of the versions in package-lock.json, and its licences go
 * with it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { bundledName } from '../bundle/bundledName.cjs'
import { bundlePrograms, root } from '../bundle/bundlePrograms.ts'
import { type BundledPackage, licencesOf, packageFolders } from './licences.ts'
import { OLD_NODE_PATH } from './portable.ts'

const PROGRAMS_FOLDER = 'programs'
const LICENCES_FILE = 'LICENSES.txt'

/** What is bundled of a package, from its folder. The file that was emitted for it runs the bundle. */
const PROGRAMS: Readonly<Record<string, string>> = { node: 'src/main.ts', devnet: 'src/cli.ts' }
/** Imports that no bundler sees: contracts/src/builder/compiler.ts has the names in variables. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = { devnet: ['assemblyscript'] }

/**
 * Writes them into the package's folder `target`, in which its emitted files are.
 * @returns packages that the programs import when they run, with the versions that ours are pinned to
 */
export async function stagePrograms(name: string, target: string): Promise<Readonly<Record<string, string>>> {
  const program = PROGRAMS[name]
  if (program === undefined) return {}
  const source = `${name}/${program}`
  const bundle = await bundlePrograms({
    programs: [source],
    urlOf: (path) => publishedUrl(name, path),
    elsewhere: (path) => (path.startsWith(`${name}/`) ? null : `new URL(${publishedUrl(name, path)})`),
    mapped: (path) => mappedPath(name, path),
  })
  const folder = join(target, PROGRAMS_FOLDER)
  mkdirSync(folder)
  // In the line that is there, so that maps still hold.
  const first = `import '../${OLD_NODE_PATH}'; `
  for (const [file, content] of bundle.files) {
    writeFileSync(join(folder, file), /\.m?js$/.test(file) ? `${first}${content}` : content)
  }
  const packages = packageFolders(bundle.sources).map(readPackage)
  writeFileSync(join(target, LICENCES_FILE), licencesOf(packages, readFileSync(join(root, 'LICENSE'), 'utf8')))
  const emitted = join(target, program.replace(/\.ts$/, '.js'))
  writeFileSync(emitted, `import '../${PROGRAMS_FOLDER}/${bundledName(source)}'\n`)
  rmSync(`${emitted}.map`)
  return dependenciesOf([...bundle.imports, ...(UNSEEN[name] ?? [])])
}

/** JavaScript for the URL of an emitted file, from a bundle of the package `name`. */
function publishedUrl(name: string, source: string): string {
  const [owner, ...path] = source.replace(/\.ts$/, '.js').split('/')
  const relative = JSON.stringify(`./${path.join('/')}`)
  if (owner === name) return `new URL(${relative}, new URL('..', import.meta.url)).href`
  return `new URL(${relative}, import.meta.resolve('@touchstone/${owner}/package.json')).href`
}

/** As it lies beside the folder `programs` where npm has installed all. */
function mappedPath(name: string, source: string): string {
  const own = /^(vm|node|contracts|devnet)\/(.*)$/.exec(source)
  if (own === null) return `../../../${source.replace(/^node_modules\//, '')}`
  return own[1] === name ? `../${own[2]}` : `../../${source}`
}

/** @throws for one that none of our packages depends on: it would not be found. */
function dependenciesOf(imports: readonly string[]): Record<string, string> {
  const pinned: Readonly<Record<string, string>> = Object.assign(
    {},
    ...['vm', 'node', 'contracts', 'devnet'].map(
      (name) => readPackage(join(root, name)).manifest['dependencies'] ?? {},
    ),
  )
  const names = imports
    .filter((specifier) => !specifier.startsWith('node:') && !builtinModules.includes(specifier))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0])
  return Object.fromEntries(
    [...new Set(names)].sort().map((name) => {
      const version = pinned[name]
      if (version === undefined) throw new Error(`the programs import ${name}, which is no dependency of our packages`)
      return [name, version]
    }),
  )
}

function readPackage(folder: string): BundledPackage {
  return { folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }
}
