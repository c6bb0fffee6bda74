/** `devnet init NAME`: a new project with a contract, a test of it, and what npm and an editor want. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
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
    for (const [path, text] of Object.entries(files)) {
      makeDirectory(dirname(join(root, path)))
      writeFileSync(join(root, path), text, { flag: 'wx' })
    }
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
