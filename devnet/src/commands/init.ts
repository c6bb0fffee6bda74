/** `devnet init NAME`: a new project with a contract, a test of it, and what npm and an editor want. */
import { closeSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Language, type Template, templateSource, templatesOf } from '@touchstone/contracts/templates'
import { makeDirectory } from '@touchstone/node/private-files'
import {
  contractNameProblem,
  packedPackages,
  pathsOf,
  projectFiles,
  projectNameProblem,
  publishedPackages,
  shellWords,
} from '../contracts/newProject.ts'
import { CliError, systemError, usageError } from '../output/errors.ts'
import type { CommandContext } from './context.ts'

export interface InitOptions {
  readonly template: Template
  readonly language: Language
  readonly packages?: string | undefined
}

export function initCommand({ terminal }: CommandContext, directory: string, options: InitOptions): void {
  const { template, language, packages } = options
  // A path such as missing/.. is there once it is resolved, and not before.
  const root = resolve(directory)
  const name = basename(root)
  const problem = projectNameProblem(name)
  if (problem !== null) throw usageError(problem, 'name another folder: devnet init my-contract')
  const offered = templatesOf(language)
  if (!offered.includes(template)) {
    throw usageError(
      `there is no template ${template} in ${language}; there ${offered.length === 1 ? 'is' : 'are'} ${offered.join(', ')}`,
      `devnet init ${directory} --language ${language} --template ${offered[0]}`,
    )
  }
  const taken = contractNameProblem(name, template)
  if (taken !== null) throw usageError(taken, 'name another folder, or take another template')
  refuseFull(root, directory)
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
    readonly private?: boolean
  }
  if (packages !== undefined) requireFolder(packages)
  const files = projectFiles({
    ...{ directory, name, template, language, source: templateSource(template, language) },
    packages:
      packages === undefined ? publishedPackages(own.version) : packedPackages(packages, own.version, directory),
  })
  try {
    writeAll(root, files)
  } catch (error) {
    const refused = systemError(error)
    if (refused === null) throw error
    throw new CliError(`${directory} cannot be written: ${refused.message}`, { cause: error })
  }
  if (terminal.json) terminal.printJson({ directory, name, template, language, files: Object.keys(files).sort() })
  else terminal.printLines(pathsOf(directory, files))
  terminal.note(`next: cd ${shellWords(directory)} && npm install && npm test`)
  if (packages !== undefined || own.private !== true) return
  terminal.warn(
    'this devnet runs from its repository, and its packages are not published: npm install will not find them. `npm run build:packages` makes tarballs; devnet init with --packages dist takes those',
  )
}

/** All of them or, where the system refuses one, none, and no folder for them. @throws the system's error. */
function writeAll(root: string, files: Readonly<Record<string, string>>): void {
  const made: Made = { folders: [], files: [] }
  try {
    for (const [path, text] of Object.entries(files)) writeNew(join(root, path), text, made)
  } catch (error) {
    takeBack(made)
    throw error
  }
}

/** Each folder after the one that it is in. */
interface Made {
  readonly folders: string[]
  readonly files: string[]
}

function writeNew(path: string, text: string, made: Made): void {
  makeDirectory(dirname(path), { onMade: (folder) => made.folders.push(folder) })
  const descriptor = openSync(path, 'wx')
  // From here on it is there, and ours, however much of it can be written.
  made.files.push(path)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}

/** A folder stays into which somebody else has put something: the system does not let go of it. */
function takeBack({ folders, files }: Made): void {
  const removals = [
    ...files.map((path) => () => rmSync(path)),
    ...folders.reverse().map((path) => () => rmdirSync(path)),
  ]
  for (const remove of removals) {
    try {
      remove()
    } catch (error) {
      if (systemError(error) === null) throw error
    }
  }
}

/** @param directory as it was typed */
function refuseFull(root: string, directory: string): void {
  const there = statSync(root, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isDirectory())
    throw new CliError(`${directory} is there already, and is no folder`, { hint: 'name another one' })
  const [first] = readdirSync(root)
  if (first === undefined) return
  throw new CliError(`${directory} is not empty: it has ${JSON.stringify(first)}`, {
    hint: 'a project begins in a folder that is empty or not there yet',
  })
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw usageError(
    `there is no folder ${path}`,
    '`npm run build:packages` in the repository makes dist/ with the tarballs',
  )
}
