/** Everything about an author's sources that can be said before they are analysed and compiled. */

import type { ClassNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { Problem } from '../problem.ts'
import type { SourceFile } from '../sources.ts'
import { checkClosures } from './closures.ts'
import { checkDropped, recordClasses } from './dropped.ts'
import { checkDuplicates } from './duplicates.ts'
import { checkFloats } from './floats.ts'
import { checkLanguage } from './language.ts'
import { checkLiterals } from './literals.ts'
import { problemAt, type Tell } from './reporter.ts'
import { checkReservedNames } from './reservedNames.ts'
import { checkImports, checkSdkImports, sdkNames } from './sdkNames.ts'
import { checkTexts } from './texts.ts'
import { declaredNames, usesOf } from './tree.ts'

const { NodeKind } = parser

export interface SourceCheck {
  readonly problems: readonly Problem[]
  /** Whether a name is not imported that is to be, or not from where it is: messages about types are then not reliable. */
  readonly namesAreMissing: boolean
}

/**
 * @param sdk the SDK's files by path
 * @param packages paths of the files of npm packages that are imported
 */
export function checkSources(
  files: readonly SourceFile[],
  sdk: ReadonlyMap<string, string>,
  packages: ReadonlySet<string>,
): SourceCheck {
  const problems: Problem[] = []
  let namesAreMissing = false
  const names = sdkNames(sdk)
  const classes = new Set(files.flatMap(classNames))
  for (const name of names) if (/^[A-Z]/.test(name)) classes.add(name)
  const dropped = new Map(files.flatMap(recordClasses))
  for (const file of files) {
    const tell: Tell = (at, words) => problems.push(problemAt(file, at, words))
    const before = problems.length
    const uses = usesOf(file)
    const declared = declaredNames(file)
    checkImports(file, sdk, packages, tell)
    checkSdkImports(file, uses, declared, names, tell)
    namesAreMissing ||= problems.length > before
    checkLanguage(file, uses, declared, classes, tell)
    checkFloats(file, uses, declared, tell)
    checkClosures(file, tell)
    checkLiterals(file, tell)
    checkDropped(file, declared, dropped, tell)
    checkDuplicates(file, tell)
    checkReservedNames(file, tell)
    checkTexts(file, tell)
  }
  return { problems, namesAreMissing }
}

function classNames(file: SourceFile): readonly string[] {
  return file.statements
    .filter((statement) => statement.kind === NodeKind['ClassDeclaration'])
    .map((statement) => (statement as ClassNode).name.text)
}
