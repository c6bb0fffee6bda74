/** The instructions of a module that can be executed, and its choices: what coverage is a part of. */
import { compile } from '../compile.ts'
import { ReferenceProgram } from '../engine/reference/program.ts'
import { RecordedContract } from './recordedContract.ts'

export interface Executable {
  readonly functions: readonly { readonly index: number; readonly name: string | null }[]
  /** Byte offsets in the module, without code that nothing leads to. */
  readonly places: readonly { readonly functionIndex: number; readonly offset: number }[]
  readonly choices: readonly { readonly functionIndex: number; readonly offset: number; readonly ways: number }[]
}

/** @throws ValidationError when it is no module that the VM takes */
export function executableOf(module: Uint8Array): Executable {
  const program = compile(module, { engine: 'reference', recorded: true, floats: 'trap' })
  if (!(program instanceof ReferenceProgram)) throw new Error('another engine than the one that was asked for')
  const contract = new RecordedContract(program)
  const { importedFunctions } = contract
  return {
    functions: program.decoded.bodies.map((_, body) => {
      const index = importedFunctions + body
      return { index, name: program.functionName(index) }
    }),
    places: contract.allPlaces(),
    choices: [...contract.code.choices.values()].map(({ body, position, ways }) => ({
      functionIndex: importedFunctions + body,
      offset: program.lowered.offsets[position]!,
      ways,
    })),
  }
}
