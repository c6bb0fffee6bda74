/** Did you mean: the build of contracts asks it of authors too. */
export { closest } from '@touchstone/contracts/closest'
