import { revert } from '../revert'

/** Bytes that are not a valid encoding: dirty padding, a bad offset or length, too few bytes, invalid UTF-8. */
export function invalidAbi(): void {
  revert('invalid ABI encoding')
}
