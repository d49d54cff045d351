import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'

/** A page of a list by key. */
export interface Page<T> {
  items: T[]
  next: string | null
  count: { value: number; capped: boolean }
}

const defaultPageRows = 50

export function pageLimit(asked: number | undefined): number {
  return Math.min(limits.http.pageRows, Math.max(1, asked ?? defaultPageRows))
}

/** Cursors are opaque to clients: the key parts as JSON in base64url. */
export function encodeCursor(parts: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** Throws `cursor-invalid` (400) for anything that is not a cursor of `length` parts. */
export function decodeCursor(cursor: string | undefined, length: number): (string | number | null)[] | null {
  if (cursor === undefined) return null
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(parts) && parts.length === length && parts.every(isPart)) return parts
  } catch {
    // Falls through to the refusal.
  }
  throw new OperationError('cursor-invalid', 400, 'this cursor is not one of this list: start again at its first page')
}

function isPart(part: unknown): part is string | number | null {
  return part === null || typeof part === 'number' || (typeof part === 'string' && part.length <= 128 && !/\p{Cc}/u.test(part))
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isUuid(text: string): boolean {
  return uuidForm.test(text)
}
