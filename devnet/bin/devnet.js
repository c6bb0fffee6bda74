#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Stripping types and compiling takes as long as the work of most commands; once is enough.
enableCompileCache()
await import('../src/cli.ts')
