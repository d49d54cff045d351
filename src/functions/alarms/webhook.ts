import { createHmac } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import type { AlarmView } from '#platform/alarm.ts'
import type { Outlet } from './outlets.ts'

const timeoutMs = 10_000

/** `Simward-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA-256 over `<seconds>.<body>`, so that a replay shows its age. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

export function webhookOutlet(options: { url: string | null; secret: string | null; clock: Clock; fetch?: typeof fetch }): Outlet {
  const { url, secret, clock } = options
  if (url === null) return { id: 'webhook', detail: 'not configured: set SIMWARD_ALARM_WEBHOOK_URL', send: null }
  const { host, protocol } = new URL(url)
  const post = options.fetch ?? fetch
  return {
    id: 'webhook',
    detail: `${protocol}//${host}${secret === null ? ', unsigned: set SIMWARD_ALARM_WEBHOOK_SECRET' : ', signed'}`,
    async send(alarm: AlarmView) {
      const body = JSON.stringify({ id: `${alarm.id}:${alarm.state}`, type: `alarm.${alarm.state}`, alarm })
      const headers: Record<string, string> = { 'content-type': 'application/json', 'user-agent': 'Simward' }
      if (secret !== null) headers['simward-signature'] = signatureOf(secret, Math.floor(clock.now() / 1_000), body)
      const answer = await post(url, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
      await answer.body?.cancel()
      if (!answer.ok) throw new Error(`${host} answered ${answer.status}`)
    },
  }
}
