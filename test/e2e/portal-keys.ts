import { globSync, readFileSync } from 'node:fs'
import { projectRoot } from '#cli/root.ts'

/** Keys for which the portal's tables have words: `'alarm.storm.cause': msg...` or `storm: msg...`. */
export function portalKeys(): ReadonlySet<string> {
  const text = globSync('portal/src/words/*.ts', { cwd: projectRoot }).map((path) => readFileSync(`${projectRoot}${path}`, 'utf8'))
  const found = text.join('\n').matchAll(/^ {2}(?:'([^']+)'|([a-zA-Z]+)): msg/gm)
  return new Set([...found].map((match) => match[1] ?? match[2] ?? ''))
}

/** Every message in an answer of the API: objects with a key and its parameters, however deep. */
export function messageKeys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(messageKeys)
  if (typeof value !== 'object' || value === null) return []
  const { key, params } = value as { key?: unknown; params?: unknown }
  const own = typeof key === 'string' && typeof params === 'object' ? [key] : []
  return [...own, ...Object.values(value).flatMap(messageKeys)]
}
