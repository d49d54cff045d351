import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem, sendProblem } from './problem.ts'

/** Every occurrence in the built index.html is replaced by the nonce of the answer. */
const noncePlaceholder = '__CSP_NONCE__'

/** Not an operation of the API: left out of its document. */
const hidden = { schema: { hide: true } as object }

/** Shown until the portal is built; asks again by itself. In the three languages, since it cannot know the reader's. */
function waitingPage(nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2"><title>Simward</title>
<style nonce="${nonce}">:root{color-scheme:light dark}body{font:16px/24px system-ui,sans-serif;margin:20vh auto;max-width:36em;padding:0 16px}p{margin:4px 0}</style>
</head><body><h1>Simward</h1>
<p>The portal is being built; this page asks again by itself. The story runs in the terminal meanwhile.</p>
<p lang="zh-Hans">门户正在构建；本页会自动刷新。</p>
<p lang="ja">ポータルを構築しています。このページは自動的に再読み込みされます。</p>
</body></html>`
}

/** Serves the built portal from `directory`, which may appear while the server runs. */
export async function registerPortal(app: FastifyInstance, directory: string, nonceOf: (request: FastifyRequest) => string): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, suppressWarning: true })
  let cached: { mtimeMs: number; text: string } | undefined

  const index = async (): Promise<string | undefined> => {
    const path = join(directory, 'index.html')
    const found = await stat(path).catch(() => null)
    if (found === null) return undefined
    if (cached?.mtimeMs !== found.mtimeMs) cached = { mtimeMs: found.mtimeMs, text: await readFile(path, 'utf8') }
    return cached.text
  }
  const page = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const nonce = nonceOf(request)
    const text = await index()
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(text === undefined ? waitingPage(nonce) : text.replaceAll(noncePlaceholder, nonce))
  }

  app.get('/assets/*', hidden, (request, reply) => {
    const rest = (request.params as { '*': string })['*']
    return reply.sendFile(`assets/${rest}`, { immutable: true, maxAge: '365d', dotfiles: 'deny' })
  })
  app.get('/:file', hidden, (request, reply) => {
    const { file } = request.params as { file: string }
    // A name with a suffix is a file of the portal's; any other path is a page of the single-page application.
    if (!/\.[a-z0-9]+$/i.test(file) || file === 'index.html') return page(request, reply)
    return reply.sendFile(file, { dotfiles: 'deny', cacheControl: false })
  })
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && !request.url.startsWith('/api/') && !request.url.startsWith('/assets/')
    if (wantsPage && (request.headers.accept ?? '').includes('text/html')) return page(request, reply)
    return sendProblem(reply, problem(404, 'not-found', `there is nothing at ${request.method} ${request.url.slice(0, 200)}`))
  })
  app.get('/', hidden, page)
}
