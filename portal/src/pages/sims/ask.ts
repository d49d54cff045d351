import { answerOf, api } from '../../api/client.ts'
import type { SimChangeAnswer, SimDetail } from '../../api/types.ts'

/** What a person wants of one SIM. */
export type SimAsk =
  | { kind: 'state'; to: SimDetail['intended'] }
  | { kind: 'hold' }
  | { kind: 'release' }
  | { kind: 'imei-lock'; imei: string | null }
  | { kind: 'bar' }
  | { kind: 'lift'; what: 'quota' | 'abuse' | 'operator-barring' }
  | { kind: 'edit'; version: number; changes: SimEdit }

export interface SimEdit {
  label?: string | null
  class?: SimDetail['class']
  groupId?: string | null
  profileId?: string
  planId?: string | null
  hssPartition?: string
}

/** Asks the server to do it, or with `dryRun` only to say what would happen. */
export async function askServer(
  id: string,
  ask: SimAsk,
  { reason, dryRun }: { reason: string; dryRun: boolean },
): Promise<SimChangeAnswer> {
  const params = { path: { id }, query: dryRun ? { dryRun } : {} }
  switch (ask.kind) {
    case 'state':
      return answerOf(await api.POST('/api/v1/sims/{id}/state', { params, body: { to: ask.to, reason } }))
    case 'hold':
      return answerOf(await api.POST('/api/v1/sims/{id}/hold', { params, body: { reason } }))
    case 'release':
      return answerOf(await api.POST('/api/v1/sims/{id}/release', { params, body: { reason } }))
    case 'imei-lock':
      return answerOf(await api.POST('/api/v1/sims/{id}/imei-lock', { params, body: { imei: ask.imei, reason } }))
    case 'bar':
      return answerOf(await api.POST('/api/v1/sims/{id}/bar', { params, body: { reason } }))
    case 'lift':
      return answerOf(await api.POST('/api/v1/sims/{id}/lift', { params, body: { what: ask.what, reason } }))
    case 'edit':
      return answerOf(
        await api.PATCH('/api/v1/sims/{id}', {
          params,
          headers: { 'if-match': `"${ask.version}"` },
          body: { ...ask.changes, reason },
        }),
      )
  }
}
