/** Text for the developer. A devnet shows it in traces; it is no part of the state, and Stylus mainnets refuse it. */

import { log_txt } from './hostio'
import { utf8Length, utf8Write } from './utf8'

export function print(text: string): void {
  const length = utf8Length(text)
  const at = __alloc(length)
  utf8Write(text, at)
  log_txt(at, length)
}
