import { describe, expect, it } from 'vitest'
import { applyEdits } from './edits.ts'

describe('applyEdits', () => {
  it('replaces and inserts, in order of place and then of giving', () => {
    const edits = [
      { start: 4, end: 5, text: 'Z' },
      { start: 0, end: 0, text: '1' },
      { start: 0, end: 0, text: '2' },
    ]
    expect(applyEdits('abcdef', edits)).toBe('12abcdZf')
  })

  it('keeps every line where it was', () => {
    expect(applyEdits('a\nb\nc\nd', [{ start: 2, end: 5, text: 'x' }])).toBe('a\nx\n\nd')
  })

  it('refuses edits that overlap or add lines', () => {
    const overlapping = [
      { start: 0, end: 3, text: '' },
      { start: 2, end: 4, text: '' },
    ]
    expect(() => applyEdits('abcdef', overlapping)).toThrow('overlapping')
    expect(() => applyEdits('ab', [{ start: 0, end: 1, text: 'x\ny' }])).toThrow('adds lines')
  })
})
