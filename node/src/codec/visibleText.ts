/** Text that somebody else wrote, made safe to show. The vm has it, so that its own messages are safe as well. */
export { printable, quotedText, visibleJson, visibleText } from '@touchstone/vm/visible-text'
