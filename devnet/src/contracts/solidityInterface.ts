/**
 * The ABI in a Solidity interface, as `cargo stylus export-abi` prints it: functions, events, errors, structs, and a
 * constructor, which Solidity does not have in interfaces but tools print. Nothing else of Solidity is understood.
 */
import { type Abi, parseAbi } from 'viem'

const item = /^(?:function|event|error|constructor|fallback|receive)\b/

/** All interfaces of the text together. @throws Error that says what is not understood. */
export function abiOfSolidity(text: string): Abi {
  const source = text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/[^\n]*/g, ' ')
  const structs = [...source.matchAll(/\bstruct\s+\w+\s*\{[^{}]*\}/g)].map(([struct]) => inOneLine(struct))
  const items = source
    .replace(/\bstruct\s+\w+\s*\{[^{}]*\}/g, ' ')
    .replace(/\b(?:abstract\s+)?(?:interface|contract|library)\b[^{;]*\{/g, ';')
    .split(/[;{}]/)
    .map(inOneLine)
    .filter((statement) => item.test(statement))
  if (items.length === 0) throw new Error('it has no function, event, error or constructor')
  // An interface and the one it inherits from may both name a function.
  try {
    return parseAbi([...structs, ...new Set(items)])
  } catch (error) {
    // Several lines, the last of which names the library's version.
    const lines = (error as Error).message.split('\n').filter((line) => line !== '' && !line.startsWith('Version:'))
    throw new Error(lines.join(' '), { cause: error })
  }
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
