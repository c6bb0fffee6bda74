/** How the process of a node is started, for a program that needs nothing else of a node for it. */
export { compiledCodeFolder } from './runtime/compiledCodeFolder.mjs'
export { NODE_PROCESS_ENVIRONMENT, NODE_PROCESS_OPTIONS } from './runtime/hostHeap.ts'
export { optimiseNothing } from './runtime/optimiseNothing.mjs'

/**
 * The program of a node process; its one argument is the path of a configuration file (config.ts). Without one it loads what
 * a node runs and waits for its parent to name the file ({@link ParentMessage} `start`).
 */
export const nodeProcessEntry = new URL('./main.ts', import.meta.url)
