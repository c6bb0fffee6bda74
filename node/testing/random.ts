/** The seeded generator of the test kit, for packages that see the VM through the node only. */
export { type Random, seededRandom } from '@touchstone/vm/testing/random'
