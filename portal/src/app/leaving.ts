import { forgetRecent } from './recent.ts'

interface Cache {
  clear(): void
}

/** What this tab holds of a person and of what they saw; language and theme are nobody's secret and stay. */
export function forgetPerson(cache: Cache, storage: Pick<Storage, 'removeItem'>): void {
  cache.clear()
  forgetRecent(storage)
}

/** Signs out; what the tab holds goes whether or not the server could be reached. */
export async function leavePerson(signOut: () => Promise<unknown>, cache: Cache, storage: Pick<Storage, 'removeItem'>): Promise<void> {
  try {
    await signOut()
  } finally {
    forgetPerson(cache, storage)
  }
}
