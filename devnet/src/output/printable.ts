/** Text that somebody else chose, made safe to print: no escape sequences, no line breaks, no reversed directions. */
export { printable, visibleJson, visibleText } from '@touchstone/node/visible-text'
