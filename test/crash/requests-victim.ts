import { createHash } from 'node:crypto'
import { pino } from 'pino'
import { systemClock } from '#core/clock.ts'
import { startSimward } from '#main'
import { readConfig } from '#platform/config.ts'

/** The victim of the crash test of requests: portal and API with one person signed in; says where it listens. */
export interface VictimArguments {
  databaseUrl: string | null
  dataDir: string
  masterKey: string
  personId: string
  /** Of the session's cookie. */
  token: string
}

const { personId, token, ...settings } = JSON.parse(process.argv[2] ?? '') as VictimArguments

const { url } = await startSimward({
  config: readConfig({}, { ...settings, httpPort: 0 }),
  mode: 'open',
  version: 'crash',
  clock: systemClock,
  log: pino({ level: 'silent' }),
  only: ['ledger', 'notices', 'sign-in', 'clients'],
  async prepare(store) {
    await store.query(
      `INSERT INTO person (id, name, roles, signed_in_at) VALUES ($1, 'Ann', '{operator-admin}', now()) ON CONFLICT DO NOTHING`,
      [personId],
    )
    await store.query(
      `INSERT INTO session (token_hash, person_id, created_at, seen_at, authenticated_at, expires_at, factors, phishing_resistant)
       VALUES ($1, $2, now(), now(), now(), now() + interval '1 hour', '{passkey}', true) ON CONFLICT DO NOTHING`,
      [createHash('sha256').update(token).digest(), personId],
    )
  },
})
process.stdout.write(`${url}\n`)
