/**
 * This VM's verdict on a module, compared with V8's.
 *
 * V8 must accept all we accept, also what we make of it: its encoding, and its rewriting for the compiled engine. What
 * V8 accepts and we refuse must be refused for the profile or a limit, not as malformed or invalid. V8 knows
 * proposals that are no part of WebAssembly 2.0, whose encodings nothing reserves there; {@link BEYOND} lists the
 * errors they are met with here.
 */
import { decode } from '../../src/binary/decode.ts'
import { encode } from '../../src/binary/encode.ts'
import { decodeAndValidate } from '../../src/compile.ts'
import { rewriteModule } from '../../src/engine/compiled/rewriteModule.ts'
import { DEFAULT_LIMITS } from '../../src/limits.ts'
import { SCHEDULES } from '../../src/metering/schedule.ts'
import { type ValidationCode, ValidationError } from '../../src/validationError.ts'
import { v8Validates } from '../v8.ts'

export type Verdict =
  | { readonly kind: 'accepted' | 'refused by both' | 'refused by the profile'; readonly code: ValidationCode | null }
  | { readonly kind: 'disagreement'; readonly problem: string }

/** Errors of ours that V8 need not share, with the later part of WebAssembly that it takes. */
const BEYOND: readonly { readonly code: ValidationCode; readonly message: RegExp; readonly why: string }[] = [
  {
    code: 'invalid:unknown-global',
    message: /is not imported/,
    why: 'WebAssembly 3.0 lets constant expressions read the module’s own constants',
  },
]

export function judge(bytes: Uint8Array, floats: 'reject' | 'trap'): Verdict {
  const theirs = v8Validates(bytes)
  let validated: ReturnType<typeof decodeAndValidate>
  try {
    validated = decodeAndValidate(bytes, floats, DEFAULT_LIMITS)
  } catch (error) {
    if (!(error instanceof ValidationError)) return disagreement(`our validator failed: ${(error as Error).stack}`)
    const { code } = error
    if (!theirs) return { kind: 'refused by both', code }
    const profile = /^(refused|limit):/.test(code)
    if (profile || BEYOND.some((known) => known.code === code && known.message.test(error.message))) {
      return { kind: 'refused by the profile', code }
    }
    return disagreement(`V8 accepts, we say ${code}: ${error.message}`)
  }
  if (!theirs) return disagreement('we accept, V8 refuses')
  if (!v8Validates(rewriteModule(validated, SCHEDULES['touchstone/1'], DEFAULT_LIMITS).bytes)) {
    return disagreement('V8 refuses what the compiled engine makes of it')
  }
  const again = encode(validated.module)
  if (!v8Validates(again)) return disagreement('V8 refuses our encoding of it')
  const twice = encode(decode(again, { floats, limits: DEFAULT_LIMITS }))
  if (Buffer.compare(again, twice) !== 0) return disagreement('decoding and encoding again changes it')
  return { kind: 'accepted', code: null }
}

function disagreement(problem: string): Verdict {
  return { kind: 'disagreement', problem }
}
