import { Agent, get } from 'node:http'
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import { round } from './bench.ts'

/** Requests at once, each from an address of its own: the API counts what one address asks for. */
const atOnce = 20

export interface Latency {
  p50: number
  p95: number
  p99: number
}

/** The first pages of each client are timed apart: the process has only begun, and its code is not compiled yet. */
const coldPerClient = 20

/** How long an answer takes, over a socket that stays open, while as many others wait for theirs. */
export async function timePages(url: string, cookie: string, path: string, perClient: number): Promise<Latency & { coldP95: number }> {
  const { port } = new URL(url)
  const cold: number[] = []
  const times: number[] = []
  await Promise.all(
    Array.from({ length: atOnce }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const ask = (): Promise<void> =>
        new Promise((resolve, reject) => {
          const options = {
            agent,
            host: '127.0.0.1',
            port,
            path,
            localAddress: `127.0.0.${client + 2}`,
            headers: { cookie, host: `localhost:${port}` },
          }
          get(options, (answer) => {
            if (answer.statusCode !== 200) reject(new Error(`${path}: HTTP ${answer.statusCode}`))
            answer.resume().once('end', resolve)
          }).once('error', reject)
        })
      // The first one opens the connection.
      await ask()
      for (let i = 0; i < coldPerClient + perClient; i++) {
        const startedAt = performance.now()
        await ask()
        ;(i < coldPerClient ? cold : times).push(performance.now() - startedAt)
      }
      agent.destroy()
    }),
  )
  return { ...latencyOf(times), coldP95: latencyOf(cold).p95 }
}

/** The reference: the same rows by a bare client of the database, as JSON, with as many connections at once. */
export async function timeStatement(databaseUrl: string, sql: string, perClient: number): Promise<Latency> {
  const times: number[] = []
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const client = new pg.Client({ connectionString: databaseUrl })
      await client.connect()
      for (let i = 0; i < coldPerClient; i++) await client.query({ name: 'page', text: sql })
      for (let i = 0; i < perClient; i++) {
        const startedAt = performance.now()
        JSON.stringify((await client.query({ name: 'page', text: sql })).rows)
        times.push(performance.now() - startedAt)
      }
      await client.end()
    }),
  )
  return latencyOf(times)
}

export function pageSql(where: string): string {
  return `SELECT s.id, s.imsi, s.msisdn, s.home_plmn, s.intended, s.imposed, s.class, s.changed_at, c.iccid, s.provider_id,
      p.name AS provider_name, s.profile_id, f.name AS profile_name, f.version, r.registered_at, r.visited_plmn, r.partner_id, r.purged, r.imei
    FROM (SELECT * FROM subscription WHERE ${where} ORDER BY imsi LIMIT 51) s
    JOIN card c ON c.id = s.card_id JOIN provider p ON p.id = s.provider_id JOIN service_profile f ON f.id = s.profile_id
    LEFT JOIN registration r ON r.imsi = s.imsi ORDER BY s.imsi LIMIT 51`
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN, 2)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
