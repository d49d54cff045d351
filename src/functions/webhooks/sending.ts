import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { checkUrl, hostOf, type Resolve, vettedAddresses } from './address.ts'

/** How one attempt ended. */
export interface Outcome {
  status: number | null
  tookMs: number
  /** The first characters of what was answered. */
  answer: string | null
  /** null: taken (2xx). A word, and what the other side or the network said. */
  problem: string | null
}

export interface SendOptions {
  clock: Clock
  resolve: Resolve
  allowLoopback: boolean
  /** Lets a closing process break off; the delivery is tried again by the next one. */
  signal: AbortSignal
}

/** One POST, to an address that was looked at just now. No redirect is followed, no connection reused, no proxy asked. */
export async function send(
  target: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  options: SendOptions,
): Promise<Outcome> {
  const { clock, resolve, allowLoopback } = options
  const start = clock.monotonicMs()
  const failed = (problem: string): Outcome => ({ status: null, tookMs: tookMs(), answer: null, problem: problem.slice(0, 300) })
  const tookMs = (): number => Math.round(clock.monotonicMs() - start)
  let url: URL
  let address: string
  try {
    url = checkUrl(target, allowLoopback)
    const [first = ''] = await vettedAddresses(url, resolve, allowLoopback)
    address = first
  } catch (error) {
    if (error instanceof OperationError) return failed(`address: ${error.message}`)
    throw error
  }
  try {
    const { status, text } = await post(url, address, headers, body, options)
    const isTaken = status >= 200 && status < 300
    const problem = isTaken ? null : status >= 300 && status < 400 ? 'redirect: not followed' : `status: ${status}`
    return { status, tookMs: tookMs(), answer: text === '' ? null : text, problem }
  } catch (error) {
    return failed(`connection: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function post(
  url: URL,
  address: string,
  headers: Record<string, string>,
  body: string,
  { clock, signal }: SendOptions,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const host = hostOf(url)
    const isTls = url.protocol === 'https:'
    const sent = (isTls ? requestHttps : requestHttp)({
      method: 'POST',
      host: address,
      port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
      // The certificate must be of the name that was asked for, not of the address.
      ...(isTls ? { servername: isIP(host) === 0 ? host : '', minVersion: 'TLSv1.2' as const } : {}),
    })
    const timer = clock.after(limits.webhooks.timeoutMs, () => sent.destroy(new Error(`no answer within ${limits.webhooks.timeoutMs} ms`)))
    sent.on('error', (error) => {
      timer.cancel()
      reject(error)
    })
    sent.on('response', (response) => {
      let text = ''
      const done = (): void => {
        timer.cancel()
        resolve({ status: response.statusCode ?? 0, text: printable(text) })
        sent.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        if (text.length >= limits.webhooks.answerChars) done()
      })
      response.on('end', done)
      response.on('error', done)
    })
    sent.end(body)
  })
}

/** What a person looks at in the log: bounded, without control characters. */
function printable(text: string): string {
  return text.slice(0, limits.webhooks.answerChars).replaceAll(/[^\x20-\x7e]+/g, ' ')
}
