/** Both contracts of the project; each is built to an artifact of its own. */

export { Exchange } from './Exchange'
export { Token } from './Token'
