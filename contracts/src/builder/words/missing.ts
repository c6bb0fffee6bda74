/** Features of other languages that this one lacks: the parser, the checks or the compiler may meet one first. */

import type { Words } from './reporter.ts'

export const NO_PROMISES: Words = {
  message: 'async and await are not there: nothing in a contract waits',
  hint: 'call the other contract as it is: the result is there when the call returns',
}
export const NO_GENERATORS: Words = { message: 'generators are not there', hint: 'return an array' }
export const NO_UNIONS: Words = {
  message: 'union types are not there: a value has one type',
  hint: 'take one type, or write two functions',
}
export const NO_EXCEPTIONS: Words = {
  message: 'try and catch are not there: a failure undoes the whole call',
  hint: 'check before with require; to call another contract and go on when it fails, use call or staticCall',
}
export const NO_PATTERNS: Words = {
  message: 'regular expressions are not there',
  hint: 'compare characters: text.charCodeAt(i)',
}
export const NO_SPREAD: Words = { message: 'spread (...) is not there', hint: 'name the values one by one' }

/** @param name of the variable. @param list what is gone through */
export function noForOf(name = 'x', list = 'list'): Words {
  return {
    message: 'for…of is not there',
    hint: `write for (let i = 0; i < ${list}.length; i++) { const ${name} = ${list}[i] … }`,
  }
}

/** The entry of a table that has the name itself, and not from what every object has. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
