import type { CheckContext, CheckResult } from '#platform/control.ts'
import { say } from '#platform/text.ts'

type Params = Record<string, string | number | null>

/** Short forms of a check's result; `key` is completed to `control.<key>`. */
export function met(key: string, evidenceAt: number, params: Params = {}): CheckResult {
  return { status: 'met', because: say(`control.${key}`, params), evidenceAt, sourceClass: 'observed-in-line' }
}

export function notMet(key: string, evidenceAt: number, params: Params = {}): CheckResult {
  return { status: 'not-met', because: say(`control.${key}`, params), evidenceAt, sourceClass: 'observed-in-line' }
}

export function unknown(key: string, params: Params = {}): CheckResult {
  return { status: 'unknown', because: say(`control.${key}`, params), evidenceAt: null, sourceClass: null }
}

export function offered(key: string, params: Params = {}): CheckResult {
  return { status: 'offered', because: say(`control.${key}`, params), evidenceAt: null, sourceClass: null }
}

/** One row of a query that looks at few rows by construction. */
export async function queryRow<R>({ ports }: CheckContext, sql: string): Promise<R | undefined> {
  const result = await ports.store?.query<R>(sql, [], { priority: 'portal' })
  return result?.rows[0]
}
