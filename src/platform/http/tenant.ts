import { OperationError } from '#core/errors.ts'
import { isUuid } from '../page.ts'
import type { Identity } from '../session.ts'
import type { Call } from './route.ts'

/** Who does it, for the ledger. */
export function identityOf({ identity }: Pick<Call, 'identity'>): Identity {
  if (identity === null) throw new OperationError('sign-in-needed', 401, 'sign in first')
  return identity
}

/**
 * For which provider something is made: a provider's own people need not say, and cannot say another one; the operator's
 * have to. Throws `provider-needed` (422) or `provider-unknown` (404).
 */
export async function providerFor(call: Pick<Call, 'identity' | 'db'>, asked: string | undefined): Promise<string> {
  const own = identityOf(call).providerId
  if (own !== null) {
    if (asked === undefined || asked === own) return own
    throw new OperationError('provider-unknown', 404, 'there is no such provider')
  }
  if (asked === undefined) throw new OperationError('provider-needed', 422, 'say for which provider: give its id as providerId')
  const { rows } = isUuid(asked) ? await call.db.query('SELECT FROM provider WHERE id = $1', [asked]) : { rows: [] }
  if (rows.length === 0) throw new OperationError('provider-unknown', 404, 'there is no such provider')
  return asked
}
