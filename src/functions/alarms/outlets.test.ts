import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import type { AlarmView } from '#platform/alarm.ts'
import { emailOutlet, mailOf } from './email.ts'
import { createOutlets } from './outlets.ts'
import { syslogMessage, syslogOutlet } from './syslog.ts'
import { signatureOf, webhookOutlet } from './webhook.ts'

const alarm: AlarmView = {
  id: '0190-x',
  key: 'refused:forged-network:estrel',
  kind: 'forged-signalling',
  severity: 'major',
  state: 'raised',
  title: { key: 'alarm.forged', params: { who: 'Estrel "]\\\n', operation: 'ULR' } },
  cause: { key: 'alarm.cause', params: {} },
  action: { key: 'alarm.action', params: {} },
  owner: null,
  source: 'alarms',
  providerId: null,
  partnerId: null,
  imsi: null,
  raisedAt: Date.UTC(2026, 2, 13, 12, 15, 52),
  lastAt: Date.UTC(2026, 2, 13, 12, 15, 52),
  count: 4,
  acknowledgedAt: null,
  clearedAt: null,
  note: null,
}

test('an RFC 5424 message keeps hostile values inside its structured data', () => {
  const text = syslogMessage(alarm, 'node 1')
  assert.match(
    text,
    /^<35>1 2026-03-13T12:15:52\.000Z node-1 simward \d+ forged-signalling \[simward@32473 who="Estrel \\"\\]\\\\ " operation="ULR"/,
  )
  assert.doesNotMatch(text, /\n/)
  assert.match(syslogMessage({ ...alarm, state: 'cleared' }, 'n'), /^<37>1 /)
})

test('syslog arrives by UDP as it is and by TCP in counted frames', async () => {
  const udp = createSocket('udp4').bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const received = once(udp, 'message')
  await syslogOutlet({ url: `udp://127.0.0.1:${udp.address().port}`, host: 'n' }).send?.(alarm)
  assert.equal(String((await received)[0]), syslogMessage(alarm, 'n'))
  udp.close()

  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = once(server, 'connection')
  const sent = syslogOutlet({ url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, host: 'n' }).send?.(alarm)
  const [socket] = (await connection) as [Socket]
  let text = ''
  for await (const chunk of socket) text += chunk
  await sent
  const message = syslogMessage(alarm, 'n')
  assert.equal(text, `${Buffer.byteLength(message)} ${message}`)
  server.close()
})

test('a webhook is signed over its time and body, tried again, and given up in the end', async () => {
  const clock = new VirtualClock()
  const posts: { body: string; signature: string }[] = []
  let answers = [500, 200]
  const outlets = createOutlets(
    [
      webhookOutlet({
        url: 'https://hooks.example/alarm?token=abc',
        secret: 'shared',
        clock,
        fetch: (async (_url: string, options: RequestInit) => {
          posts.push({ body: String(options.body), signature: (options.headers as Record<string, string>)['simward-signature'] ?? '' })
          return new Response(null, { status: answers.shift() ?? 503 })
        }) as unknown as typeof fetch,
      }),
    ],
    clock,
  )
  assert.doesNotMatch(outlets.states()[0]?.detail ?? '', /abc|shared/)
  outlets.send(alarm)
  await clock.advanceAsync(1_500)
  await outlets.settled()
  assert.equal(posts.length, 2)
  assert.equal(posts[0]?.signature, signatureOf('shared', Math.floor((clock.now() - 1_500) / 1_000), posts[0]?.body ?? ''))
  assert.equal(JSON.parse(posts[0]?.body ?? '{}').alarm.key, alarm.key)
  assert.deepEqual([outlets.states()[0]?.sent, outlets.states()[0]?.failed], [1, 0])
  answers = []
  outlets.send(alarm)
  await clock.advanceAsync(60_000)
  await outlets.settled()
  assert.equal(posts.length, 6)
  assert.equal(outlets.states()[0]?.failed, 1)
  assert.equal(outlets.states()[0]?.lastError, 'hooks.example answered 503')
  for (let i = 0; i < 300; i++) outlets.send(alarm)
  assert.ok((outlets.states()[0]?.dropped ?? 0) > 0, 'a full queue drops and says so')
  outlets.close()
})

test('what is not configured names the setting that is missing', () => {
  const clock = new VirtualClock()
  assert.match(webhookOutlet({ url: null, secret: null, clock }).detail, /SIMWARD_ALARM_WEBHOOK_URL/)
  assert.match(syslogOutlet({ url: null }).detail, /SIMWARD_ALARM_SYSLOG/)
  assert.match(syslogOutlet({ url: 'https://x.example' }).detail, /udp:\/\/ or tcp:\/\//)
  const from = 'a@b.example'
  assert.match(
    emailOutlet({ server: null, from: null, to: [] }).detail,
    /SIMWARD_ALARM_SMTP, SIMWARD_ALARM_EMAIL_FROM, SIMWARD_ALARM_EMAIL_TO/,
  )
  assert.match(emailOutlet({ server: 'smtp://mail.example', from, to: [from] }).detail, /smtps/)
  assert.match(emailOutlet({ server: 'smtps://mail.example', from, to: ['x@y.example>\r\nRCPT'] }).detail, /not an e-mail address/)
})

test('an e-mail goes through a mail server line by line', async () => {
  const lines: string[] = []
  const server = createServer((socket) => {
    let isData = false
    let text = ''
    socket.write('220 relay\r\n')
    socket.on('data', (chunk) => {
      text += chunk
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 2)
        lines.push(line)
        if (isData && line !== '.') continue
        isData = line === 'DATA'
        if (line.startsWith('EHLO')) socket.write('250-relay\r\n250-SIZE 1000\r\n250 HELP\r\n')
        else socket.write(line === 'DATA' ? '354 go\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const to = ['noc@op.example', 'b@op.example']
  await emailOutlet({ server: `smtp://127.0.0.1:${port}`, from: 'simward@op.example', to }).send?.(alarm)
  assert.deepEqual(lines.slice(1, 5), ['MAIL FROM:<simward@op.example>', 'RCPT TO:<noc@op.example>', 'RCPT TO:<b@op.example>', 'DATA'])
  assert.deepEqual(lines.slice(5, -2), mailOf(alarm, 'simward@op.example', to).split('\r\n'))
  assert.deepEqual(lines.slice(-2), ['.', 'QUIT'])
  server.close()
  const refusing = createServer((socket) => socket.end('554 no\r\n'))
  refusing.listen(0, '127.0.0.1')
  await once(refusing, 'listening')
  const url = `smtp://127.0.0.1:${(refusing.address() as AddressInfo).port}`
  await assert.rejects(
    Promise.resolve(emailOutlet({ server: url, from: 'a@b.example', to }).send?.(alarm)),
    /answered 554 where 220 was expected/,
  )
  refusing.close()
})
