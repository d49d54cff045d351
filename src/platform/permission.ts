/** What a session or an API client may do. A role is a set of these; a route names one. */
export const permissions = [
  /** One's own sign-in: factors, sessions, language. */
  'self',
  'overview:read',
  'signals:read',
  'sims:read',
  'sims:write',
  'profiles:read',
  'profiles:write',
  'plans:read',
  'plans:write',
  /** Bring usage records in. */
  'usage:write',
  'jobs:read',
  'jobs:write',
  'approvals:read',
  'approvals:decide',
  'health:read',
  'organisations:read',
  'organisations:write',
  'people:read',
  'people:write',
  'clients:read',
  'clients:write',
  'audit:read',
  'network:read',
  'network:write',
  'rules:write',
  'alarms:read',
  'alarms:write',
  'controls:read',
  'demo:run',
] as const
export type Permission = (typeof permissions)[number]

/** What a provider's viewer reads; everyone else reads at least that. */
const ownReading = [
  'sims:read',
  'signals:read',
  'alarms:read',
  'profiles:read',
  'plans:read',
  'jobs:read',
  'approvals:read',
  'health:read',
] as const
const reading = [...ownReading, 'overview:read', 'network:read', 'controls:read', 'organisations:read'] as const
const provisioning = ['sims:write', 'profiles:write', 'plans:write', 'usage:write', 'jobs:write'] as const

/** Roles as data. A provider's roles see only its own rows: the store's row-level security says so, not these sets. */
export const roles = {
  'operator-admin': [
    'self',
    ...reading,
    ...provisioning,
    'approvals:decide',
    'organisations:write',
    'people:read',
    'people:write',
    'clients:read',
    'clients:write',
    'audit:read',
    'network:write',
    'rules:write',
    'alarms:write',
  ],
  'operator-engineer': ['self', ...reading, ...provisioning, 'approvals:decide', 'rules:write', 'alarms:write'],
  'operator-security': [
    'self',
    ...reading,
    'sims:write',
    'approvals:decide',
    'people:read',
    'clients:read',
    'audit:read',
    'rules:write',
    'alarms:write',
  ],
  auditor: ['self', ...reading, 'people:read', 'clients:read', 'audit:read'],
  'provider-admin': [
    'self',
    ...ownReading,
    ...provisioning,
    'approvals:decide',
    'alarms:write',
    'people:read',
    'people:write',
    'clients:read',
    'clients:write',
    'audit:read',
  ],
  'provider-manager': ['self', ...ownReading, ...provisioning, 'approvals:decide', 'alarms:write'],
  'provider-viewer': ['self', ...ownReading],
  /** The most that an API client of a provider can be given; its own scopes narrow it. */
  'provider-client': [...ownReading, ...provisioning, 'audit:read'],
  /** The most that an API client of the operator can be given. */
  'operator-client': [...reading, ...provisioning, 'audit:read'],
  /** The demo's visitor: reads everything, tries out what a provider does, and presses the demo's own buttons. */
  demo: [
    ...reading,
    ...provisioning,
    'approvals:decide',
    'audit:read',
    'people:read',
    'clients:read',
    'rules:write',
    'alarms:write',
    'demo:run',
  ],
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof roles

/** Whose persons may hold which role. What is not here is for programs or for the demo. The store refuses anything else too. */
export const rolesFor = {
  operator: ['operator-admin', 'operator-engineer', 'operator-security', 'auditor'],
  provider: ['provider-admin', 'provider-manager', 'provider-viewer'],
} as const satisfies Record<string, readonly Role[]>
export const personRoles = [...rolesFor.operator, ...rolesFor.provider] as const
export type PersonRole = (typeof personRoles)[number]

/** The union of what the roles allow; unknown role names allow nothing. */
export function permissionsOf(names: readonly string[]): Permission[] {
  const granted = new Set<Permission>()
  for (const name of names) {
    if (!Object.hasOwn(roles, name)) continue
    for (const permission of roles[name as Role]) granted.add(permission)
  }
  return [...granted]
}
