import type { Kysely } from 'kysely'
import { OperationError } from '#core/errors.ts'
import type { Tables } from './tables.ts'

/** Who goes first when both wait: a signalling write never stands behind a portal query or a job. */
export type Priority = 'signalling' | 'portal' | 'job'

export interface QueryResult<R> {
  rows: R[]
  /** Rows that the statement inserted, updated, deleted or returned. */
  affected: number
}

export interface QueryOptions {
  /**
   * Default `signalling`; handles made by `asTenant` default to `portal`. On PostgreSQL it also bounds the time: 3 s for
   * signalling, 10 s for the portal, 2 min for jobs.
   */
  priority?: Priority
  /** Keeps the statement parsed on its connection under this name; for the few statements that run all the time. */
  prepare?: string
}

export interface TransactionOptions {
  priority?: Priority
}

/** One open transaction. It must not be used after the function that got it has returned. */
export interface Tx {
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[], options?: { prepare?: string }): Promise<QueryResult<R>>
  /** Several statements without parameters; never with text from outside. */
  exec(sql: string): Promise<void>
  /** Delivered to every listener when, and only if, the transaction commits. */
  notify(channel: string, payload: string): Promise<void>
}

/** Whose eyes: one provider's, or the operator's. Both run as a database role that cannot bypass row-level security. */
export type Scope = { readonly providerId: string } | { readonly operator: true }

/** The handle that routes get. Every query is a transaction with the role and the tenant set in it. */
export interface TenantDb {
  readonly scope: Scope
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<QueryResult<R>>
  transaction<T>(run: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Typed queries under the same role and tenant. Do not destroy it; it lives as long as the Db. */
  readonly kysely: Kysely<Tables>
}

/**
 * The store. int8 comes back as bigint, bytea as Buffer, jsonb as its value, timestamptz as Date, text[] as string[],
 * on both engines. Parameters: a jsonb one must be passed through `toJson`. Rejects with the database's own error
 * (`code` is the SQLSTATE, `constraint`, `detail`) or, when the store cannot be reached, with `store-unavailable`.
 */
export interface Db {
  readonly engine: 'pglite' | 'postgresql'
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<QueryResult<R>>
  /** Commits when `run` resolves, rolls back when it rejects. Using the Db itself inside `run` throws: use the Tx. */
  transaction<T>(run: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Several statements without parameters; never with text from outside. */
  exec(sql: string, options?: { priority?: Priority }): Promise<void>
  asTenant(scope: Scope): TenantDb
  /**
   * Calls `handler` for every notification; resolves once listening, with a function that stops it. `onGap` is called
   * when notifications may have been missed (the connection was lost and is back): whoever caches drops the cache.
   */
  listen(channel: string, handler: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>>
  notify(channel: string, payload: string): Promise<void>
  /** True inside the `run` of an open transaction of this Db. */
  insideTransaction(): boolean
  close(): Promise<void>
}

/** The part of a pino logger that the store writes to. */
export interface StoreLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * The store cannot answer now; the same request may succeed later. `outcome: 'unknown'` in the details means that the
 * connection broke while committing: the write may have happened.
 */
export function storeUnavailable(why: string, details: Readonly<Record<string, unknown>> = {}): OperationError {
  return new OperationError('store-unavailable', 503, `the store is unavailable: ${why}`, details)
}

export function isStoreUnavailable(error: unknown): error is OperationError {
  return error instanceof OperationError && error.code === 'store-unavailable'
}

/** Text of a jsonb parameter. An array passed as it is would become an SQL array. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null)
}
