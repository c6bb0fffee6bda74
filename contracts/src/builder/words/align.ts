/**
 * Where in an author's line a place of the rewritten line is. Rewriting moves no line, but within one it takes out words,
 * puts in others, and may say the same thing twice. The author's words are those of the longest common subsequence.
 */

/** Pairs of tokens that are compared; lines with more are searched for the words alone. */
const MOST_PAIRS = 4_000_000
const TOKEN = /[A-Za-z_$][\w$]*|\d[\w.]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s\w]/g

interface Token {
  readonly text: string
  readonly at: number
}

/** Columns, 0-based, of what stands from `start` to `end` in `compiled`; null when the author did not write it. */
export function alignedPlace(
  author: string,
  compiled: string,
  start: number,
  end: number,
): { start: number; end: number } | null {
  const words = compiled.slice(start, end)
  if (author === compiled) return { start, end: Math.max(end, start + 1) }
  const theirs = tokensOf(author)
  const ours = tokensOf(compiled)
  const first = ours.findIndex(({ at, text }) => at + text.length > start)
  const places = theirs.length * ours.length <= MOST_PAIRS ? commonTokens(theirs, ours) : new Map<number, Token>()
  const begin = places.get(first)
  if (begin === undefined) return searched(author, words)
  const from = begin.at
  if (author.startsWith(words, from)) return { start: from, end: from + Math.max(1, words.length) }
  const last = ours.findLastIndex(({ at }) => at < end)
  const stop = places.get(last)
  const to = stop !== undefined && stop.at >= from ? stop.at + stop.text.length : from + begin.text.length
  return { start: from, end: to }
}

function searched(author: string, words: string): { start: number; end: number } | null {
  if (!/\w/.test(words)) return null
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const match = new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`).exec(author)
  return match === null ? null : { start: match.index, end: match.index + words.length }
}

/** For the index of each of `ours` that is also one of `theirs`, the latter. */
function commonTokens(theirs: readonly Token[], ours: readonly Token[]): Map<number, Token> {
  const width = ours.length + 1
  const lengths = new Uint32Array((theirs.length + 1) * width)
  for (let i = theirs.length - 1; i >= 0; i--) {
    for (let j = ours.length - 1; j >= 0; j--) {
      const same = theirs[i]?.text === ours[j]?.text
      const diagonal = (lengths[(i + 1) * width + j + 1] ?? 0) + 1
      const skipped = Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0)
      lengths[i * width + j] = same ? Math.max(diagonal, skipped) : skipped
    }
  }
  const places = new Map<number, Token>()
  for (let i = 0, j = 0; i < theirs.length && j < ours.length; ) {
    const token = theirs[i] as Token
    const here = lengths[i * width + j] ?? 0
    if (token.text === ours[j]?.text && here === (lengths[(i + 1) * width + j + 1] ?? 0) + 1) {
      places.set(j, token)
      i++
      j++
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return places
}

function tokensOf(line: string): readonly Token[] {
  return [...line.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index }))
}
