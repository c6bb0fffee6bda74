/** Names of the newer mangling of Rust (RFC 2603, "v0") as their authors wrote them: any text, with bounded work. */

/** Paths and types inside each other. */
const MOST_DEPTH = 64
/** A reference back takes three characters and stands for any number. */
const MOST_STEPS = 2_048
const MOST_CHARACTERS = 1_024

const BASIC: Readonly<Record<string, string>> = {
  ...{ a: 'i8', b: 'bool', c: 'char', d: 'f64', e: 'str', f: 'f32', h: 'u8', i: 'isize', j: 'usize', l: 'i32' },
  ...{ m: 'u32', n: 'i128', o: 'u128', s: 'i16', t: 'u16', u: '()', v: '...', x: 'i64', y: 'u64', z: '!', p: '_' },
}
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const SPECIAL: Readonly<Record<string, string>> = { C: 'closure', S: 'shim' }

/** It is no such name, or one that is not read. */
class Other extends Error {}

/** Null of what is no such name, and of those with parts that are not read. */
export function demangledV0(name: string): string | null {
  if (!name.startsWith('_R') || name.length > MOST_CHARACTERS) return null
  try {
    const end = name.indexOf('.')
    return new V0(name.slice(2, end < 0 ? undefined : end)).symbol()
  } catch (error) {
    if (error instanceof Other) return null
    throw error
  }
}

class V0 {
  readonly #text: string
  #at = 0
  #depth = 0
  #steps = 0

  constructor(text: string) {
    this.#text = text
  }

  symbol(): string {
    const path = this.#path(true)
    // The crate for which it was made.
    if (this.#at < this.#text.length) this.#path(false)
    if (this.#at < this.#text.length) throw new Other()
    return path
  }

  #next(): string {
    const character = this.#text[this.#at++]
    if (character === undefined || ++this.#steps > MOST_STEPS) throw new Other()
    return character
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #inside<T extends string>(read: () => T): T {
    if (++this.#depth > MOST_DEPTH) throw new Other()
    const found = read()
    this.#depth--
    if (found.length > MOST_CHARACTERS) throw new Other()
    return found
  }

  /** `isValue`: generics are written as of functions, `f::<T>`. */
  #path(isValue: boolean): string {
    return this.#inside(() => {
      const kind = this.#next()
      switch (kind) {
        case 'C':
          return this.#identifier().name
        case 'N': {
          const namespace = this.#next()
          const outer = this.#path(isValue)
          const { name, number } = this.#identifier()
          const special = SPECIAL[namespace]
          if (special !== undefined) return `${outer}::{${special}${name === '' ? '' : `:${name}`}#${number}}`
          if (!/[a-z]/.test(namespace)) throw new Other()
          return name === '' ? outer : `${outer}::${name}`
        }
        case 'M':
        case 'X': {
          this.#disambiguator()
          this.#path(false)
          const type = this.#type()
          return kind === 'M' ? `<${type}>` : `<${type} as ${this.#path(false)}>`
        }
        case 'Y': {
          const type = this.#type()
          return `<${type} as ${this.#path(false)}>`
        }
        case 'I': {
          const path = this.#path(isValue)
          const generics = this.#list(() => this.#generic())
          return `${path}${isValue ? '::' : ''}<${generics.join(', ')}>`
        }
        case 'B':
          return this.#back(() => this.#path(isValue))
        default:
          throw new Other()
      }
    })
  }

  #generic(): string {
    if (this.#takes('L')) return this.#base62() === 0 ? "'_" : this.#refuse()
    return this.#takes('K') ? this.#constant() : this.#type()
  }

  #type(): string {
    return this.#inside(() => {
      const kind = this.#next()
      const basic = BASIC[kind]
      if (basic !== undefined) return basic
      switch (kind) {
        case 'R':
        case 'Q': {
          if (this.#takes('L') && this.#base62() !== 0) throw new Other()
          return `&${kind === 'Q' ? 'mut ' : ''}${this.#type()}`
        }
        case 'P':
          return `*const ${this.#type()}`
        case 'O':
          return `*mut ${this.#type()}`
        case 'S':
          return `[${this.#type()}]`
        case 'A': {
          const element = this.#type()
          return `[${element}; ${this.#constant()}]`
        }
        case 'T': {
          const types = this.#list(() => this.#type())
          return types.length === 1 ? `(${types[0]},)` : `(${types.join(', ')})`
        }
        case 'B':
          return this.#back(() => this.#type())
        case 'C':
        case 'M':
        case 'X':
        case 'Y':
        case 'N':
        case 'I':
          this.#at--
          return this.#path(false)
        default:
          // Functions, and objects of traits.
          throw new Other()
      }
    })
  }

  #constant(): string {
    return this.#inside(() => {
      if (this.#takes('p')) return '_'
      if (this.#takes('B')) return this.#back(() => this.#constant())
      const type = BASIC[this.#next()] ?? ''
      const isNegative = this.#takes('n')
      const [digits = this.#refuse()] = /^[0-9a-f]{0,32}(?=_)/.exec(this.#text.slice(this.#at, this.#at + 33)) ?? []
      this.#at += digits.length + 1
      const value = digits === '' ? 0n : BigInt(`0x${digits}`)
      if (type === 'bool') return value === 0n ? 'false' : 'true'
      if (!/^[iu](?:8|16|32|64|128|size)$/.test(type)) throw new Other()
      return `${isNegative ? '-' : ''}${value}`
    })
  }

  #list(read: () => string): string[] {
    const all: string[] = []
    while (!this.#takes('E')) all.push(read())
    return all
  }

  /** A path, type or constant that stands at an earlier place. */
  #back(read: () => string): string {
    const from = this.#at - 1
    const to = this.#base62()
    if (to >= from) throw new Other()
    const after = this.#at
    this.#at = to
    const found = read()
    this.#at = after
    return found
  }

  #identifier(): { readonly name: string; readonly number: number } {
    const number = this.#disambiguator()
    // Names beyond ASCII are encoded once more.
    if (this.#takes('u')) throw new Other()
    const [digits = this.#refuse()] = /^(?:0|[1-9]\d{0,3})/.exec(this.#text.slice(this.#at, this.#at + 4)) ?? []
    this.#at += digits.length
    this.#takes('_')
    const end = this.#at + Number(digits)
    if (end > this.#text.length) throw new Other()
    const name = this.#text.slice(this.#at, end)
    this.#at = end
    return { name, number }
  }

  /** 0 where there is none. */
  #disambiguator(): number {
    return this.#takes('s') ? this.#base62() + 1 : 0
  }

  #base62(): number {
    if (this.#takes('_')) return 0
    let value = 0
    for (let character = this.#next(); character !== '_'; character = this.#next()) {
      const digit = DIGITS.indexOf(character)
      // Numbers of crates have any length; what they number does not.
      value = Math.min(value * 62 + digit, Number.MAX_SAFE_INTEGER / 64)
      if (digit < 0) throw new Other()
    }
    return value + 1
  }

  #refuse(): never {
    throw new Other()
  }
}
