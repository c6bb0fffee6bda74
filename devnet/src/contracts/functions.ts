/** Finds the function a user means in an ABI: by name, or by signature where a name stands for several. */
import { type Abi, type AbiFunction, toFunctionSignature } from 'viem'
import { usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { closest } from '../output/suggestion.ts'

/** UTF-16 units of a signature that are shown: tuples are written out in it. */
const MAX_SIGNATURE = 200

export function findFunction(abi: Abi, text: string, argumentCount: number, contract: string): AbiFunction {
  const functions = abi.filter((item): item is AbiFunction => item.type === 'function')
  const wanted = normalized(text)
  const exact = functions.filter((item) => toFunctionSignature(item) === wanted)
  const named = exact.length > 0 ? exact : functions.filter(({ name }) => name === wanted)
  const owner = printable(contract)
  const fitting = named.length > 1 ? named.filter(({ inputs }) => inputs.length === argumentCount) : named
  if (fitting.length === 1) return fitting[0]!
  const signatures = (named.length > 0 ? named : functions).map((item) =>
    printable(toFunctionSignature(item), MAX_SIGNATURE),
  )
  if (named.length > 0)
    throw usageError(`${owner} has several functions "${text}"`, `name one by its signature: ${signatures.join(', ')}`)
  if (functions.length === 0) {
    throw usageError(`the ABI of ${owner} has no functions`, 'name a file that has its interface with --abi FILE')
  }
  const near = closest(
    text,
    functions.map(({ name }) => name),
  )
  throw usageError(
    `${owner} has no function "${text}"`,
    near === null ? `it has: ${signatures.join(', ')}` : `did you mean ${printable(near)}?`,
  )
}

/** As signatures are hashed: without spaces, `uint` and `int` written out, as in Solidity. */
function normalized(text: string): string {
  const [name = '', ...parameters] = text.replaceAll(' ', '').split('(')
  return [name, ...parameters.map((part) => part.replace(/(?<!\w)(u?int)(?![\w])/g, '$1256'))].join('(')
}
