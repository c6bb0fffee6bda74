/**
 * Whether a value may have bits above its small type (i8, i16, u8, u16, bool) and must be wrapped before it is used.
 *
 * The compiler's own answer, `Flow#canOverflow`, is wrong in these ways, seen in 0.28.20:
 * - `&` fits when one side does: true of unsigned types only, and a negative constant mask always counts as fitting;
 * - `<<` by 24 (16) or more fits, though only its low bits are known;
 * - `>>` by 24 (16) or more fits unsigned types too;
 * - an unsigned quotient of i8 or i16 fits these;
 * - a local is fitting as it was at the end of a loop's or a case's body, whatever it was at a `break` or `continue`, and
 *   what a `for` declares stays as it was before the first round;
 * - a call of an overridden method fits, whatever the override returns.
 *
 * Here only the expression's own nodes tell. Wrapping once more than needed costs an instruction, and often the optimiser
 * takes it out.
 */

import type { ExpressionRef, Flow, Type } from '../internals.ts'
import { internals as as } from '../internals.ts'
import { ofBits, valueRange } from './valueRange.ts'

export function canOverflow(this: Flow, expr: ExpressionRef, type: Type): boolean {
  if (!type.isShortIntegerValue) return false
  const { low, high } = valueRange(expr)
  const fits = type.kind === as.TypeKind.Bool ? ofBits(1, false) : ofBits(type.size, type.isSignedIntegerValue)
  return low < fits.low || high > fits.high
}
