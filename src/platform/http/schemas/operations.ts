import type { Operation } from '../operation.ts'
import { alarmOperations } from './alarms.ts'
import { approvalOperations } from './approvals.ts'
import { auditOperations } from './audit.ts'
import { clientOperations } from './clients.ts'
import { controlOperations } from './controls.ts'
import { demoOperations } from './demo.ts'
import { eventOperations } from './events.ts'
import { groupOperations } from './groups.ts'
import { healthOperations } from './health.ts'
import { jobOperations } from './jobs.ts'
import { networkOperations, ruleOperations } from './network.ts'
import { noticeOperations } from './notices.ts'
import { organisationOperations } from './organisations.ts'
import { overviewOperations } from './overview.ts'
import { peopleOperations } from './people.ts'
import { planOperations } from './plans.ts'
import { profileOperations } from './profiles.ts'
import { savedViewOperations } from './saved-views.ts'
import { selfOperations } from './self.ts'
import { sessionOperations } from './session.ts'
import { signInOperations } from './sign-in.ts'
import { signOnOperations } from './sign-on.ts'
import { signalOperations } from './signals.ts'
import { simActionOperations } from './sim-actions.ts'
import { simOperations } from './sims.ts'
import { webhookOperations } from './webhooks.ts'

/** Every operation of the API by id. */
export const operations = {
  ...sessionOperations,
  ...overviewOperations,
  ...signalOperations,
  ...eventOperations,
  ...noticeOperations,
  ...clientOperations,
  ...webhookOperations,
  ...simOperations,
  ...groupOperations,
  ...organisationOperations,
  ...peopleOperations,
  ...profileOperations,
  ...planOperations,
  ...simActionOperations,
  ...savedViewOperations,
  ...networkOperations,
  ...ruleOperations,
  ...alarmOperations,
  ...approvalOperations,
  ...auditOperations,
  ...healthOperations,
  ...controlOperations,
  ...demoOperations,
  ...signInOperations,
  ...signOnOperations,
  ...selfOperations,
  ...jobOperations,
} as const satisfies Record<string, Operation>

/** The rows as a list, for the document and the checks. */
export const operationList: readonly Operation[] = Object.values(operations)
