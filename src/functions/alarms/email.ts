import { connect as connectPlain, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { connect as connectTls } from 'node:tls'
import type { AlarmView } from '#platform/alarm.ts'
import type { Outlet } from './outlets.ts'

const timeoutMs = 15_000
const loopback = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

export interface EmailOptions {
  /** smtps://user:password@host:465, or smtp://127.0.0.1:25 for a relay on this machine. */
  server: string | null
  from: string | null
  to: readonly string[]
}

/** Alarms by e-mail. Only TLS from the first octet, or a relay on this machine: no password crosses a network in the clear. */
export function emailOutlet({ server, from, to }: EmailOptions): Outlet {
  const missing = [
    ...(server === null ? ['SIMWARD_ALARM_SMTP'] : []),
    ...(from === null ? ['SIMWARD_ALARM_EMAIL_FROM'] : []),
    ...(to.length === 0 ? ['SIMWARD_ALARM_EMAIL_TO'] : []),
  ]
  if (server === null || from === null || missing.length > 0) return off(`not configured: set ${missing.join(', ')}`)
  const url = new URL(server)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'smtps:' && !(url.protocol === 'smtp:' && loopback.test(host))) {
    return off('not configured: SIMWARD_ALARM_SMTP is smtps://host:465, or smtp:// to this machine only')
  }
  const wrong = [from, ...to].find((address) => !/^[^\s<>"\p{Cc}]+@[^\s<>"\p{Cc}]+$/u.test(address))
  if (wrong !== undefined) return off(`not configured: ${wrong} is not an e-mail address`)
  return {
    id: 'email',
    detail: `${to.length} address(es) by ${host}`,
    send: (alarm) => deliver(url, host, from, to, mailOf(alarm, from, to)),
  }
}

function off(detail: string): Outlet {
  return { id: 'email', detail, send: null }
}

/** Plain text (RFC 5322). What comes from outside stands in the body only, and as JSON. */
export function mailOf(alarm: AlarmView, from: string, to: readonly string[]): string {
  const subject = `[Simward] ${alarm.state} ${alarm.severity}: ${alarm.kind}`.replaceAll(/[^ -~]/g, '?')
  const lines = [
    `From: Simward <${from}>`,
    `To: ${to.map((address) => `<${address}>`).join(', ')}`,
    `Subject: ${subject}`,
    `Date: ${new Date(alarm.lastAt).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${alarm.id}.${alarm.state}@${hostname()}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `${alarm.title.key} ${JSON.stringify(alarm.title.params)}`,
    `cause: ${alarm.cause.key} ${JSON.stringify(alarm.cause.params)}`,
    `what to do: ${alarm.action.key} ${JSON.stringify(alarm.action.params)}`,
    `count: ${alarm.count}, owner: ${JSON.stringify(alarm.owner)}`,
  ]
  return lines.join('\r\n')
}

/** One mail over one connection (RFC 5321). */
async function deliver(url: URL, host: string, from: string, to: readonly string[], mail: string): Promise<void> {
  const isTls = url.protocol === 'smtps:'
  const port = Number(url.port === '' ? (isTls ? 465 : 25) : url.port)
  const socket = isTls ? connectTls({ host, port, servername: host, minVersion: 'TLSv1.2' }) : connectPlain({ host, port })
  const talk = createTalk(socket, host)
  try {
    await talk(null, 220)
    await talk(`EHLO ${hostname()}`, 250)
    if (url.username !== '') {
      const plain = Buffer.from(`\0${decodeURIComponent(url.username)}\0${decodeURIComponent(url.password)}`).toString('base64')
      await talk(`AUTH PLAIN ${plain}`, 235)
    }
    await talk(`MAIL FROM:<${from}>`, 250)
    for (const address of to) await talk(`RCPT TO:<${address}>`, 250)
    await talk('DATA', 354)
    // A line that is a single dot ends the mail: dots that begin a line are doubled (RFC 5321 §4.5.2).
    await talk(`${mail.replaceAll(/^\./gm, '..')}\r\n.`, 250)
    await talk('QUIT', 221)
  } finally {
    socket.destroy()
  }
}

/** Sends a line and waits for an answer of the code; null only waits. The error never repeats what was sent. */
function createTalk(socket: Socket, host: string): (line: string | null, code: number) => Promise<void> {
  let text = ''
  let waiting: ((fault: Error | null) => void) | undefined
  let fault: Error | null = null
  const wake = (): void => waiting?.(fault)
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${host} does not answer`)))
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (text.length > 16_384) socket.destroy(new Error(`${host} answers too much`))
    else wake()
  })
  socket.on('error', (error) => {
    fault = error
    wake()
  })
  socket.on('close', () => {
    fault ??= new Error(`${host} closed the connection`)
    wake()
  })
  return async (line, code) => {
    if (line !== null) socket.write(`${line}\r\n`)
    for (;;) {
      // The last line of an answer has a space after its code (RFC 5321 §4.2).
      const answer = /^(?:\d{3}-[^\n]*\n)*(\d{3})[^\n]*\n/.exec(text)
      if (answer !== null && !/^\d{3}-/.test(answer[0].split('\n').at(-2) ?? '')) {
        text = text.slice(answer[0].length)
        if (Number(answer[1]) === code) return
        throw new Error(`${host} answered ${answer[1]} where ${code} was expected`)
      }
      if (fault !== null) throw fault
      await new Promise<void>((resolve) => {
        waiting = () => resolve()
      })
      waiting = undefined
    }
  }
}
