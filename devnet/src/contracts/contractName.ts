/**
 * The names that a contract may have in the address book: names are told from accounts, addresses and options where
 * they are typed.
 */

const MAX_NAME_CHARACTERS = 64

/** The mistake in a name; null when it may be used. */
export function nameProblem(name: string): string | null {
  // Control, format and unassigned characters, and everything that is or breaks white space.
  const isUsable = name !== '' && name.length <= MAX_NAME_CHARACTERS && !/^(@|0x|-)|[\p{C}\p{Z}\s]/iu.test(name)
  return isUsable
    ? null
    : `It must have 1 to ${MAX_NAME_CHARACTERS} visible characters without a space, and begin neither with @ nor with 0x, which stand for accounts and addresses, nor with a dash.`
}
