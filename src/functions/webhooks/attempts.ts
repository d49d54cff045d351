import { limits } from '#core/limits.ts'
import type { Vault } from '#crypto/vault.ts'
import type { Db } from '#store/db.ts'
import { waitAfter } from './backoff.ts'
import { type Outcome, type SendOptions, send } from './sending.ts'
import { signatureOf } from './signature.ts'

export interface AttemptOptions extends SendOptions {
  db: Db
  vault: Vault
  random(): number
  version: string
}

interface Claimed {
  id: string
  notice_id: string
  body: string
  attempts: number
  created_at: Date
  url: string
  secret: Buffer
  former_secret: Buffer | null
  former_until: Date | null
}

/** What became of a webhook's oldest due delivery. */
export type Attempted = 'nothing-due' | 'delivered' | 'again' | 'gone'

/**
 * Tries the delivery that is due first. It is claimed by putting its next attempt off: a process that is killed leaves
 * it to be tried again, which is why a receiver may see one twice, with the same webhook-id.
 */
export async function attemptNext(webhookId: string, options: AttemptOptions): Promise<Attempted> {
  const { db, clock } = options
  const now = clock.now()
  const { rows } = await db.query<Claimed>(
    `UPDATE webhook_delivery d SET attempts = d.attempts + 1, next_at = $3 FROM webhook w
      WHERE w.id = d.webhook_id AND w.state = 'active' AND d.id = (
        SELECT id FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting' AND next_at <= $2
         ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING d.id, d.notice_id, d.body, d.attempts, d.created_at, w.url, w.secret, w.former_secret, w.former_until`,
    [webhookId, new Date(now), new Date(now + limits.webhooks.claimMs)],
    { priority: 'job' },
  )
  const [claimed] = rows
  if (claimed === undefined) return 'nothing-due'
  const outcome = await send(claimed.url, messageOf(webhookId, claimed, options), options)
  // Broken off by us, not by them: the next process tries it as if nothing had been.
  if (options.signal.aborted) return 'nothing-due'
  return await note(webhookId, claimed, outcome, options)
}

function messageOf(webhookId: string, claimed: Claimed, { vault, clock, version }: AttemptOptions) {
  const now = clock.now()
  const isFormerGood = claimed.former_until !== null && claimed.former_until.getTime() > now
  const sealed = [claimed.secret, ...(isFormerGood && claimed.former_secret !== null ? [claimed.former_secret] : [])]
  const secrets = sealed.flatMap((record) => {
    const secret = vault.open('webhook-secret', webhookId, record)
    return secret === null ? [] : [secret.toString('utf8')]
  })
  const seconds = Math.floor(now / 1_000)
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': `Simward/${version}`,
    'webhook-id': claimed.notice_id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatureOf(secrets, claimed.notice_id, seconds, claimed.body),
  }
  return { headers, body: claimed.body }
}

async function note(webhookId: string, claimed: Claimed, outcome: Outcome, { db, clock, random }: AttemptOptions): Promise<Attempted> {
  const now = new Date(clock.now())
  const isTaken = outcome.problem === null
  const wait = isTaken ? null : waitAfter(claimed.attempts, random())
  const state = isTaken ? 'delivered' : wait === null || outcome.status === 410 ? 'failed' : 'waiting'
  const { status, tookMs, answer, problem } = outcome
  const next = new Date(now.getTime() + (wait ?? 0))
  return await db.transaction(
    async (tx) => {
      await tx.query(
        `UPDATE webhook_delivery SET state = $2, next_at = $3, last_at = $4, status = $5, took_ms = $6, answer = $7, problem = $8 WHERE id = $1`,
        [claimed.id, state, next, now, status, tookMs, answer, problem],
      )
      await tx.query(`UPDATE webhook SET ${isTaken ? 'succeeded_at' : 'failed_at'} = $2 WHERE id = $1`, [webhookId, now])
      if (isTaken) return 'delivered'
      if (state === 'waiting') return 'again'
      // One that takes others but not this one stands; one that took nothing for the whole day, or says 410 Gone, ends.
      const { affected } = await tx.query(
        `UPDATE webhook SET state = 'disabled', disabled_because = $3, version = version + 1
          WHERE id = $1 AND state = 'active' AND ($4 OR succeeded_at IS NULL OR succeeded_at < $2)`,
        [webhookId, claimed.created_at, problem, status === 410],
      )
      return affected === 1 ? 'gone' : 'again'
    },
    { priority: 'job' },
  )
}
