import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import { type TProperties, type TSchema, Type } from 'typebox'
import { describeAll } from './describe.ts'
import type { Operation } from './operation.ts'
import { Problem } from './schemas/common.ts'
import { operationList } from './schemas/operations.ts'
import { AvpNode } from './schemas/signals.ts'

export const apiPrefix = '/api/v1'

type Json = Record<string, unknown>

const statusWords = { 200: 'Done', 201: 'Made', 202: 'Begun' } as const

function successOf({ response, download, stream, status: named }: Operation): Json {
  const status = named ?? 200
  if (download !== undefined)
    return { [status]: { description: statusWords[status], content: { [download]: { schema: { type: 'string' } } } } }
  if (response === undefined) return { 204: { type: 'null', description: 'Done' } }
  const media = stream === true ? 'text/event-stream' : 'application/json'
  return { [status]: { description: statusWords[status], content: { [media]: { schema: response } } } }
}

/** The route options that an operation's row gives: path, schema and tags. */
export function routeOptionsOf(operation: Operation): { method: Operation['method']; url: string; schema: Json } {
  const schema: Json = {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag],
    response: {
      ...successOf(operation),
      '4xx': { description: 'Not done', content: { 'application/problem+json': { schema: Problem } } },
    },
  }
  if (operation.params !== undefined) schema.params = operation.params
  if (operation.query !== undefined) schema.querystring = operation.query
  if (operation.rehearsable === true) schema.querystring = withDryRun(operation)
  if (operation.body !== undefined) schema.body = operation.body
  return { method: operation.method, url: apiPrefix + operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), schema }
}

const DryRun = Type.Optional(Type.Boolean({ description: 'Say whether it could be done, and change nothing' }))

function withDryRun({ query }: Operation): TSchema {
  const properties = query !== undefined && 'properties' in query ? (query.properties as TProperties) : {}
  return Type.Object({ ...properties, dryRun: DryRun }, { additionalProperties: false })
}

/** Registers the OpenAPI plugin and the schemas that others refer to by name. Before any route. */
export async function registerDocument(app: FastifyInstance, version: string, finish = describeAll): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Simward',
        version,
        description:
          'The API that the portal uses. Times are milliseconds since the epoch; errors are problem documents (RFC 9457); lists page by cursor; changes may carry an Idempotency-Key.',
      },
      servers: [{ url: '/' }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `def-${index}`),
    },
    transformObject: (document) => ('openapiObject' in document ? finish(hoistTitled(document.openapiObject as Json), operationList) : {}),
  })
  app.addSchema(AvpNode)
}

/**
 * Schemas that carry a title become named components, once each; clients then get one type per thing and not a copy
 * per route. Throws where two different schemas share a title.
 */
function hoistTitled(document: Json): Json {
  const named = new Map<string, unknown>()
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    const out: Json = {}
    for (const [key, value] of Object.entries(node)) out[key] = walk(value)
    const title = out.title
    if (typeof title !== 'string' || !('type' in out || 'anyOf' in out)) return out
    const known = named.get(title)
    if (known === undefined) named.set(title, out)
    else if (JSON.stringify(known) !== JSON.stringify(out)) throw new Error(`two schemas are titled ${title}`)
    return { $ref: `#/components/schemas/${title}` }
  }
  const paths = walk(document.paths)
  const components = document.components as Json | undefined
  const own = walk(components?.schemas ?? {}) as Json
  return { ...document, paths, components: { ...components, schemas: { ...own, ...Object.fromEntries(named) } } }
}

/** The whole OpenAPI document, without starting anything; `plain`: paths and schemas only, which types are made from. */
export async function openApiDocument(version: string, { plain = false } = {}): Promise<Json> {
  const app = fastify()
  await registerDocument(app, version, plain ? (document) => document : describeAll)
  for (const operation of operationList) {
    app.route({ ...routeOptionsOf(operation), handler: () => undefined })
  }
  await app.ready()
  const document = app.swagger() as unknown as Json
  await app.close()
  return document
}
