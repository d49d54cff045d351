import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { OpenAPI3 } from 'openapi-typescript'
import openapiTS, { astToString } from 'openapi-typescript'

const here = import.meta.dirname
const root = join(here, '..')
const run = promisify(execFile)
const generated = join(here, 'src/api.gen.ts')
const stampFile = join(here, 'dist/.built-from')

/** Everything that the built portal depends on; the lock file stands for the libraries. */
const sources = [
  'portal/src/**/*.{ts,tsx,css,po}',
  'portal/public/*',
  'portal/*.{ts,html,json}',
  'src/platform/http/**/*.ts',
  'src/platform/permission.ts',
  'package.json',
  'package-lock.json',
]

/** Where the built portal lies. */
export const portalDirectory = join(here, 'dist')

/**
 * Builds the portal into portal/dist: types from the server's OpenAPI document, a check of the three catalogues, then
 * the bundle. Does nothing when the sources are those of the last build. Rejects with what a person should mend.
 */
export async function buildPortal({ log }: { log: (line: string) => void }): Promise<{ built: boolean }> {
  const stamp = await sourceHash()
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return { built: false }
  log('types from the API (1 of 3)')
  await generateApiTypes()
  log('catalogues in three languages (2 of 3)')
  await checkCatalogues()
  log('bundle (3 of 3)')
  const { build } = await import('vite')
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' })
  await writeFile(stampFile, stamp)
  return { built: true }
}

/** Writes src/api.gen.ts; type-checking the portal needs it. Leaves an unchanged file alone. */
export async function generateApiTypes(): Promise<void> {
  const { stdout } = await run(process.execPath, ['src/platform/http/print-openapi.ts'], { cwd: root, maxBuffer: 32 * 1024 * 1024 })
  const text = astToString(await openapiTS(JSON.parse(stdout) as OpenAPI3, { alphabetize: true }))
  const file = `// Made from the server's OpenAPI document by portal/build.ts; not committed.\n${text}`
  if (existsSync(generated) && (await readFile(generated, 'utf8')) === file) return
  await writeFile(generated, file)
}

/** Fails where a message of the sources stands in no catalogue, or a catalogue lacks a translation. */
async function checkCatalogues(): Promise<void> {
  const lingui = join(root, 'node_modules/@lingui/cli/dist/lingui.js')
  for (const check of [['sync'], ['missing', '--mode', 'catalog']]) {
    await run(process.execPath, [lingui, 'check', ...check, '--config', join(here, 'lingui.config.ts'), '--workers', '1', '--verbose'], {
      cwd: here,
    }).catch((error: { stdout?: string; stderr?: string }) => {
      throw new Error(
        `portal catalogues: ${error.stdout ?? ''}${error.stderr ?? ''}\nRun node portal/extract.ts, translate, and build again.`,
      )
    })
  }
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256')
  const files = sources.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted()
  for (const file of files) {
    if (file.endsWith('api.gen.ts') || file.endsWith('.test.ts')) continue
    hash.update(file).update(await readFile(join(root, file)))
  }
  await mkdir(portalDirectory, { recursive: true })
  return hash.digest('hex')
}
