/** What a session may do. A role is a set of these; a route names one. */
export const permissions = [
  'overview:read',
  'signals:read',
  'sims:read',
  'sims:write',
  'network:read',
  'network:write',
  'rules:write',
  'alarms:read',
  'alarms:write',
  'controls:read',
  'demo:run',
] as const
export type Permission = (typeof permissions)[number]

const reading = ['overview:read', 'signals:read', 'sims:read', 'network:read', 'alarms:read', 'controls:read'] as const

/** Roles as data. A provider's roles see only its own rows: the store's row-level security says so, not these sets. */
export const roles = {
  'operator-admin': [...reading, 'sims:write', 'network:write', 'rules:write', 'alarms:write'],
  'operator-engineer': [...reading, 'sims:write', 'rules:write', 'alarms:write'],
  auditor: reading,
  'provider-admin': ['sims:read', 'sims:write', 'signals:read', 'alarms:read'],
  'provider-viewer': ['sims:read', 'signals:read', 'alarms:read'],
  /** The demo's visitor: reads everything and presses the demo's own buttons; rule modes are one of them. */
  demo: [...reading, 'rules:write', 'demo:run'],
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof roles

/** The union of what the roles allow; unknown role names allow nothing. */
export function permissionsOf(names: readonly string[]): Permission[] {
  const granted = new Set<Permission>()
  for (const name of names) {
    if (!Object.hasOwn(roles, name)) continue
    for (const permission of roles[name as Role]) granted.add(permission)
  }
  return [...granted]
}
