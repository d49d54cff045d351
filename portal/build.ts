import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { OpenAPI3 } from 'openapi-typescript'

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
  'src/domain/**/*.ts',
  'src/guard/{rule,verdict}.ts',
  'package.json',
  'package-lock.json',
]

/** Where the built portal lies. */
export const portalDirectory = join(here, 'dist')

/**
 * Builds the portal into portal/dist: types from the server's OpenAPI document, a check of the three catalogues, then
 * the bundle. Does nothing when the sources are those of the last build. In a process of its own, so that the caller's
 * signalling does not wait for it. Rejects with what a person should mend, or when `signal` ends it.
 */
export async function buildPortal({ log, signal }: { log: (line: string) => void; signal?: AbortSignal }): Promise<{ built: boolean }> {
  const stamp = await sourceHash()
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return { built: false }
  const argv = ['--disable-warning=ExperimentalWarning', import.meta.filename]
  // From here Lingui finds its configuration; over the channel the child learns of our end.
  const child = spawn(process.execPath, argv, {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(signal === undefined ? {} : { signal }),
  })
  let complaint = ''
  child.stderr?.on('data', (data: Buffer) => {
    complaint += data.toString()
  })
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', log)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the portal could not be built\n${complaint.trim()}`)
  await writeFile(stampFile, stamp)
  return { built: true }
}

/** What the child process does; its lines are the progress. */
async function buildHere(): Promise<void> {
  process.stdout.write('types from the API (1 of 2)\n')
  await generateApiTypes()
  process.stdout.write('catalogues in three languages, and the bundle (2 of 2)\n')
  const { build } = await import('vite')
  for (const name of await readdir(portalDirectory)) {
    // Left by a build that was ended.
    if (name.startsWith('.making-') && !isRunning(Number(name.slice(8)))) await rm(join(portalDirectory, name), { recursive: true })
  }
  const made = join(portalDirectory, `.making-${process.pid}`)
  try {
    await Promise.all([checkCatalogues(), build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn', build: { outDir: made } })])
    await putInPlace(made)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * A server may be serving the former build right now: new files come beside the old ones, whose names carry their
 * digest; index.html follows last and at once; what nobody can still be loading goes.
 */
async function putInPlace(made: string): Promise<void> {
  const assets = await readdir(join(made, 'assets'))
  await mkdir(join(portalDirectory, 'assets'), { recursive: true })
  for (const name of assets) await rename(join(made, 'assets', name), join(portalDirectory, 'assets', name))
  const rest = (await readdir(made)).filter((name) => name !== 'assets' && name !== 'index.html')
  for (const name of [...rest, 'index.html']) await rename(join(made, name), join(portalDirectory, name))
  const hourAgo = Date.now() - 3_600_000
  for (const name of await readdir(join(portalDirectory, 'assets'))) {
    const path = join(portalDirectory, 'assets', name)
    if (!assets.includes(name) && (await stat(path)).mtimeMs < hourAgo) await rm(path)
  }
}

/** Writes src/api.gen.ts; type-checking the portal needs it. Leaves an unchanged file alone. */
export async function generateApiTypes(): Promise<void> {
  // Loaded only when there is something to do: it brings a whole TypeScript with it.
  const { default: openapiTS, astToString } = await import('openapi-typescript')
  const { stdout } = await run(process.execPath, ['src/platform/http/print-openapi.ts'], { cwd: root, maxBuffer: 32 * 1024 * 1024 })
  const text = astToString(await openapiTS(JSON.parse(stdout) as OpenAPI3, { alphabetize: true }))
  const file = `// Made from the server's OpenAPI document by portal/build.ts; not committed.\n${text}`
  if (existsSync(generated) && (await readFile(generated, 'utf8')) === file) return
  await writeFile(generated, file)
}

/** Fails where the catalogues are not those of the sources; that a translation is missing fails in the bundle. */
async function checkCatalogues(): Promise<void> {
  const lingui = [join(root, 'node_modules/@lingui/cli/dist/lingui.js'), 'check', 'sync', '--clean', '--workers', '1', '--verbose']
  try {
    await run(process.execPath, [...lingui, '--config', join(here, 'lingui.config.ts')], { cwd: here })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(
      `the catalogues of the portal lack messages of its sources: run\n  node node_modules/@lingui/cli/dist/lingui.js extract --clean --config portal/lingui.config.ts\nand translate what is new.\n${stdout}${stderr}`,
    )
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

if (import.meta.main) {
  // Ends with whoever asked for the build.
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
  await buildHere().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
}
