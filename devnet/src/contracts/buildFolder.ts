/** Builds the contracts of a folder; mistakes of its author are told with their lines. */
import {
  type Artifact,
  BuildError,
  buildContract,
  type CompileReason,
  problemJson,
  problemLines,
  readSourceText,
  SourceError,
} from '@touchstone/contracts'
import { CliError } from '../output/errors.ts'
import type { Terminal } from '../output/terminal.ts'

/** @param onCompile called before anything is compiled, which is not done when nothing has changed. @throws CliError */
export async function buildFolder(
  terminal: Terminal,
  directory: string,
  onCompile: (reason: CompileReason) => void,
): Promise<readonly Artifact[]> {
  return withBuildErrors(terminal, directory, () => buildContract(directory, { onCompile }))
}

/** Work that compiles sources. @throws CliError for mistakes in them, which are shown first. */
export async function withBuildErrors<T>(terminal: Terminal, directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SourceError) {
      throw new CliError(error.message, {
        ...(error.hint === null ? {} : { hint: error.hint }),
        details: { directory, problems: [] },
        cause: error,
      })
    }
    if (!(error instanceof BuildError)) throw error
    const { problems } = error
    if (!terminal.json) showProblems(terminal, directory, error)
    const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`
    throw new CliError(`${directory} does not build: ${count}`, {
      details: { directory, problems: problems.map(problemJson) },
      cause: error,
    })
  }
}

/** Each begins its line with path:line:column, which editors know to open. */
function showProblems(terminal: Terminal, directory: string, { problems }: BuildError): void {
  const { noteColor } = terminal
  const styles = {
    place: noteColor.bold,
    error: noteColor.red,
    message: noteColor.bold,
    mark: noteColor.red,
    dim: noteColor.dim,
  }
  const read = (path: string) => readSourceText(directory, path)
  for (const line of problemLines(problems, { directory, read }, (style, text) => styles[style](text))) {
    terminal.alert(line)
  }
}
