import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { openApiDocument } from './document.ts'
import { operationList } from './schemas/operations.ts'

interface Node {
  operationId: string
  tags: string[]
  parameters?: { $ref?: string; name?: string }[]
  security: Record<string, string[]>[]
  responses: Record<string, { $ref?: string; headers?: object }>
  requestBody?: { content: object }
}

interface Document {
  paths: Record<string, Record<string, Node>>
  tags: { name: string; description: string }[]
  components: Record<string, Record<string, unknown>>
}

describe('the OpenAPI document', () => {
  let document: Document
  let nodes: Map<string, Node>
  before(async () => {
    document = (await openApiDocument('0.0.0')) as unknown as Document
    nodes = new Map(Object.values(document.paths).flatMap((path) => Object.values(path).map((node) => [node.operationId, node] as const)))
  })

  test('every reference leads somewhere, every tag is described', () => {
    const references = new Set(JSON.stringify(document).match(/#\/components\/\w+\/[\w-]+/g))
    assert.ok(references.size > 20)
    const lost = [...references].filter((reference) => {
      const [, , kind = '', name = ''] = reference.split('/')
      return document.components[kind]?.[name] === undefined
    })
    assert.deepEqual(lost, [])
    const described = document.tags.map(({ name }) => name)
    for (const { tag } of operationList) assert.ok(described.includes(tag), tag)
  })

  test('each operation says who may ask, which headers it takes, and how it refuses', () => {
    for (const operation of operationList) {
      const node = nodes.get(operation.id)
      assert.ok(node !== undefined, operation.id)
      const refs = (node.parameters ?? []).map(({ $ref }) => $ref?.split('/').at(-1))
      const isChange = operation.method !== 'GET'
      assert.equal(refs.includes('IfMatch'), operation.versioned === true && isChange, operation.id)
      assert.equal(
        refs.includes('IdempotencyKey'),
        isChange && operation.permission !== 'public' && operation.upload === undefined,
        operation.id,
      )
      assert.equal(node.security.length === 0, operation.permission === 'public', operation.id)
      if (operation.peopleOnly === true) assert.deepEqual(node.security, [{ session: [] }])
      assert.ok(node.responses['429'] !== undefined, operation.id)
      if (operation.upload !== undefined) assert.ok(node.requestBody !== undefined, operation.id)
    }
    assert.deepEqual(nodes.get('listSims')?.security, [{ session: [] }, { apiKey: [] }, { oauth2: ['sims:read'] }])
    assert.deepEqual(nodes.get('createWebhook')?.responses['201']?.headers, {
      RateLimit: { $ref: '#/components/headers/RateLimit' },
      'RateLimit-Policy': { $ref: '#/components/headers/RateLimit-Policy' },
      'Idempotency-Replayed': { $ref: '#/components/headers/Idempotency-Replayed' },
    })
  })
})
