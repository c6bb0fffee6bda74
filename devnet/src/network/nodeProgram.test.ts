import { expect, it } from 'vitest'
import { nodeProgram } from './nodeProgram.ts'

it('is this Node where nothing else is said', () => {
  expect(nodeProgram(1, undefined).path).toBe(process.execPath)
  expect(nodeProgram(1, '').path).toBe(process.execPath)
  expect(nodeProgram(1, '4=/opt/node').path).toBe(process.execPath)
})

it('is what is said for a node, and that one may take longer', () => {
  expect(nodeProgram(4, '2=/a,4=/opt/a=b').path).toBe('/opt/a=b')
  expect(nodeProgram(4, '4=/opt/node').startTimeoutMs).toBeGreaterThan(nodeProgram(1, '').startTimeoutMs)
})

it('says what is wrong', () => {
  expect(() => nodeProgram(1, '/opt/node')).toThrow(/"\/opt\/node" is not NODE=PATH/)
})
