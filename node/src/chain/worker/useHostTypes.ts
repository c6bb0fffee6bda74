/** Has the VM of this thread count the function types that it gives V8 where all threads do. */
import { boundHostTypes } from '../../execution/contractHost.ts'
import { type HostTypesUser, hostTypesOf } from './hostTypes.ts'

/** To be called in a worker before it runs a contract. */
export function useHostTypes(user: HostTypesUser): void {
  const room = hostTypesOf(user)
  if (room !== null) boundHostTypes(room.counts, room.place, room.limit)
}
