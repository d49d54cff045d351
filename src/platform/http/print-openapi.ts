import { readFileSync } from 'node:fs'
import { openApiDocument } from './document.ts'

/** `node src/platform/http/print-openapi.ts > openapi.json`: what the portal's types are made from. */
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
process.stdout.write(`${JSON.stringify(await openApiDocument(version, { plain: true }), null, 2)}\n`)
