import { type Static, Type } from 'typebox'
import { noticeTypes } from '../../notice.ts'
import { defineOperation } from '../operation.ts'
import { Count, Id, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'
import { NoticeType } from './notices.ts'

const Url = Type.String({ minLength: 8, maxLength: 2_048, description: 'https, and an address of the Internet' })
const Types = Type.Array(NoticeType, { minItems: 1, maxItems: noticeTypes.length, uniqueItems: true })
const Description = Type.String({ maxLength: 200, pattern: '^\\P{Cc}*$' })

export const Webhook = Type.Object(
  {
    id: Type.String(),
    url: Type.String(),
    description: Type.String(),
    types: Type.Array(NoticeType),
    state: Words(['active', 'paused', 'disabled'], { description: 'disabled: by us, after a day without an answer' }),
    organisation: Nullable(Type.String()),
    disabledBecause: Nullable(Type.String()),
    waiting: Type.Integer({ description: 'Deliveries that wait for their turn or for the next attempt' }),
    formerSecretUntil: Nullable(Time),
    createdAt: Time,
    succeededAt: Nullable(Time),
    failedAt: Nullable(Time),
    version: Type.Integer(),
  },
  { title: 'Webhook' },
)
export type Webhook = Static<typeof Webhook>

const Delivery = Type.Object(
  {
    id: Type.String(),
    noticeId: Type.String({ description: 'Sent as webhook-id: the same at each attempt and replay' }),
    type: NoticeType,
    state: Words(['waiting', 'delivered', 'failed']),
    attempts: Type.Integer(),
    createdAt: Time,
    nextAt: Nullable(Time),
    lastAt: Nullable(Time),
    status: Nullable(Type.Integer({ description: 'HTTP status of the last answer' })),
    tookMs: Nullable(Type.Integer()),
    answer: Nullable(Type.String({ description: 'Its first characters' })),
    problem: Nullable(Type.String({ description: 'Why the last attempt did not succeed' })),
  },
  { title: 'WebhookDelivery' },
)
export type Delivery = Static<typeof Delivery>

const WithSecret = Type.Object(
  { webhook: Webhook, secret: Type.String({ description: 'Shown in this answer and never again' }) },
  { title: 'WebhookWithSecret' },
)

const common = { tag: 'webhooks', permission: 'clients:write' } as const

export const webhookOperations = {
  listWebhooks: defineOperation({
    id: 'listWebhooks',
    method: 'GET',
    path: '/webhooks',
    tag: 'webhooks',
    summary: 'Where notices are sent, newest first',
    permission: 'clients:read',
    response: Type.Object({ items: Type.Array(Webhook), next: Type.Null(), count: Count }),
  }),
  getWebhook: defineOperation({
    id: 'getWebhook',
    method: 'GET',
    path: '/webhooks/{id}',
    tag: 'webhooks',
    summary: 'One webhook',
    permission: 'clients:read',
    versioned: true,
    params: Id,
    response: Webhook,
  }),
  createWebhook: defineOperation({
    ...common,
    id: 'createWebhook',
    method: 'POST',
    path: '/webhooks',
    summary: 'Send notices of these types to a URL from now on; the secret that signs them stands in this answer only',
    stepUp: true,
    peopleOnly: true,
    status: 201,
    body: Type.Object({ url: Url, types: Types, description: Type.Optional(Description), reason: Reason }, { additionalProperties: false }),
    response: WithSecret,
  }),
  updateWebhook: defineOperation({
    ...common,
    id: 'updateWebhook',
    method: 'PATCH',
    path: '/webhooks/{id}',
    summary: 'Change, pause or resume; a webhook that resumes goes on where it stopped',
    stepUp: true,
    peopleOnly: true,
    versioned: true,
    params: Id,
    body: Type.Object(
      {
        url: Type.Optional(Url),
        types: Type.Optional(Types),
        description: Type.Optional(Description),
        state: Type.Optional(Words(['active', 'paused'])),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
    response: Webhook,
  }),
  rotateWebhook: defineOperation({
    ...common,
    id: 'rotateWebhook',
    method: 'POST',
    path: '/webhooks/{id}/rotate',
    summary: 'A new secret; for a day both sign',
    stepUp: true,
    peopleOnly: true,
    params: Id,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: WithSecret,
  }),
  deleteWebhook: defineOperation({
    ...common,
    id: 'deleteWebhook',
    method: 'DELETE',
    path: '/webhooks/{id}',
    summary: 'End a webhook, with its log and what waits',
    rehearsable: true,
    stepUp: true,
    peopleOnly: true,
    params: Id,
    query: Type.Object({ reason: Reason }, { additionalProperties: false }),
  }),
  testWebhook: defineOperation({
    ...common,
    id: 'testWebhook',
    method: 'POST',
    path: '/webhooks/{id}/test',
    summary: 'Queue a notice of type webhook.test; the log of deliveries says how it went',
    status: 202,
    params: Id,
    response: Delivery,
  }),
  replayWebhook: defineOperation({
    ...common,
    id: 'replayWebhook',
    method: 'POST',
    path: '/webhooks/{id}/replay',
    summary: 'Send one delivery again, or every notice since a time; what was sent keeps its webhook-id',
    status: 202,
    params: Id,
    body: Type.Union([
      Type.Object({ deliveryId: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
      Type.Object({ since: Time }, { additionalProperties: false }),
    ]),
    response: Type.Object({ queued: Count }),
  }),
  listDeliveries: defineOperation({
    id: 'listDeliveries',
    method: 'GET',
    path: '/webhooks/{id}/deliveries',
    tag: 'webhooks',
    summary: 'What was sent and how it went, newest first',
    permission: 'clients:read',
    params: Id,
    query: Type.Object({ ...PageQuery, state: Type.Optional(Words(['waiting', 'delivered', 'failed'])) }, { additionalProperties: false }),
    response: Page(Delivery),
  }),
}
