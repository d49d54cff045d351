import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import type { AlarmView, Severity } from '#platform/alarm.ts'
import type { Outlet } from './outlets.ts'

/** RFC 5424 §6.2.1: facility 4 (security), and a severity. */
const facility = 4
const severities: Readonly<Record<Severity, number>> = { critical: 2, major: 3, minor: 4, warning: 4 }
const notice = 5
const timeoutMs = 10_000
/** RFC 5426 §3.2: every receiver takes 2048 octets. */
const largestDatagram = 2_048

/** Private enterprise number of examples (RFC 5612); a site replaces it by its own at the collector. */
const enterprise = 32473

/** One alarm as an RFC 5424 message: header, structured data, and the title's key for a person. */
export function syslogMessage(alarm: AlarmView, host: string): string {
  const priority = facility * 8 + (alarm.state === 'cleared' ? notice : severities[alarm.severity])
  const at = new Date(alarm.clearedAt ?? alarm.acknowledgedAt ?? alarm.raisedAt).toISOString()
  const params = {
    ...alarm.title.params,
    key: alarm.key,
    state: alarm.state,
    severity: alarm.severity,
    count: alarm.count,
    owner: alarm.owner ?? '',
  }
  const data = Object.entries(params).map(([name, value]) => `${paramName(name)}="${escapeValue(String(value ?? ''))}"`)
  const text = `${alarm.title.key} ${JSON.stringify(alarm.title.params)}`
  return `<${priority}>1 ${at} ${printable(host, 255)} simward ${process.pid} ${printable(alarm.kind, 32)} [simward@${enterprise} ${data.join(' ')}] ${text}`
}

/** SD-NAME: 1 to 32 printable characters without = ] " and space (RFC 5424 §6.3.2). */
function paramName(name: string): string {
  return name.replaceAll(/[^!-~]|[=\]"]/g, '_').slice(0, 32)
}

/** PARAM-VALUE escapes " \ and ] (RFC 5424 §6.3.3); a line break would end the frame of a careless receiver. */
function escapeValue(value: string): string {
  return value.replaceAll(/[\\"\]]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ')
}

function printable(text: string, length: number): string {
  const clean = text.replaceAll(/[^!-~]/g, '-').slice(0, length)
  return clean === '' ? '-' : clean
}

export function syslogOutlet(options: { url: string | null; host?: string }): Outlet {
  const { url } = options
  if (url === null) return { id: 'syslog', detail: 'not configured: set SIMWARD_ALARM_SYSLOG', send: null }
  const { protocol, hostname: name, port } = new URL(url)
  const host = name.replace(/^\[|\]$/g, '')
  const own = options.host ?? hostname()
  if (protocol !== 'udp:' && protocol !== 'tcp:') {
    return { id: 'syslog', detail: `not configured: SIMWARD_ALARM_SYSLOG begins with udp:// or tcp://, not ${protocol}//`, send: null }
  }
  const isTcp = protocol === 'tcp:'
  const to = { host, port: Number(port === '' ? (isTcp ? 601 : 514) : port) }
  return {
    id: 'syslog',
    detail: `${protocol}//${to.host}:${to.port}`,
    send: (alarm) => (isTcp ? sendTcp : sendUdp)(Buffer.from(syslogMessage(alarm, own)), to),
  }
}

function sendUdp(message: Buffer, { host, port }: { host: string; port: number }): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.send(message.subarray(0, largestDatagram), port, host, (error) => (error === null ? resolve() : reject(error)))
  }).finally(() => socket.close())
}

/** Octet-counting frames (RFC 6587 §3.4.1), a connection for each alarm: they are few. */
function sendTcp(message: Buffer, { host, port }: { host: string; port: number }): Promise<void> {
  const socket = connect({ host, port })
  return new Promise<void>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error(`${host}:${port} does not answer`)))
    socket.once('error', reject)
    socket.once('connect', () => socket.end(Buffer.concat([Buffer.from(`${message.length} `), message]), resolve))
  }).finally(() => socket.destroySoon())
}
