export type ConfigType = 'text' | 'integer' | 'number' | 'boolean' | 'port' | 'plmn' | 'list' | 'url' | 'file' | 'word'

/** One row of the table that the documentation, the parser and the types come from. */
export interface ConfigRow {
  type: ConfigType
  /** null: unset. */
  default: string | number | boolean | readonly string[] | null
  env: string
  secret?: true
  /** For `word`: the words allowed. */
  words?: readonly string[]
  min?: number
  max?: number
  area: string
  doc: string
}

/** Every setting: key, type, default, environment name, secret or not, and what it does. Sorted by area. */
export const configRows = {
  name: {
    area: 'Installation',
    type: 'text',
    default: 'Simward',
    env: 'SIMWARD_NAME',
    doc: 'Name of the installation, as the portal shows it.',
  },
  node: {
    area: 'Installation',
    type: 'text',
    default: 'node-1',
    env: 'SIMWARD_NODE',
    doc: 'Name of this process among those that share one store.',
  },
  plmn: {
    area: 'Installation',
    type: 'plmn',
    default: '999-70',
    env: 'SIMWARD_PLMN',
    doc: 'Home network code; the length of the MNC is part of it.',
  },
  language: {
    area: 'Installation',
    type: 'word',
    words: ['en', 'zh-Hans', 'ja'],
    default: null,
    env: 'SIMWARD_LANGUAGE',
    doc: 'Language of the portal for readers who have not chosen one; otherwise the browser’s.',
  },
  logLevel: {
    area: 'Installation',
    type: 'word',
    words: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    env: 'SIMWARD_LOG_LEVEL',
    doc: 'The least that is logged.',
  },

  databaseUrl: {
    area: 'Store',
    type: 'url',
    default: null,
    secret: true,
    env: 'SIMWARD_DATABASE_URL',
    doc: 'PostgreSQL 15 or later, as postgres://user:password@host/database. Unset: the embedded store, which does not survive a power cut.',
  },
  dataDir: {
    area: 'Store',
    type: 'file',
    default: 'data',
    env: 'SIMWARD_DATA_DIR',
    doc: 'Directory of the embedded store and of what is made at first start.',
  },
  masterKey: {
    area: 'Store',
    type: 'text',
    default: null,
    secret: true,
    env: 'SIMWARD_MASTER_KEY',
    doc: 'Key under which all other keys are sealed: 64 hexadecimal digits. Unset: one is made at first start in the data directory.',
  },
  aes: {
    area: 'Store',
    type: 'word',
    words: ['table', 'constant-time'],
    default: 'table',
    env: 'SIMWARD_AES',
    doc: 'AES in MILENAGE: table is quick, but leaks through caches to hostile code on the same core; constant-time uses the processor’s own.',
  },
  signalDays: {
    area: 'Store',
    type: 'integer',
    min: 1,
    max: 3650,
    default: 30,
    env: 'SIMWARD_SIGNAL_DAYS',
    doc: 'Days for which judged messages are kept.',
  },
  signalRows: {
    area: 'Store',
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 500,
    env: 'SIMWARD_SIGNAL_ROWS',
    doc: 'Judged messages of note written per second; above it they are counted only.',
  },
  signalSamples: {
    area: 'Store',
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 50,
    env: 'SIMWARD_SIGNAL_SAMPLES',
    doc: 'Ordinary messages written per second beside those of note.',
  },

  diameterHost: {
    area: 'Diameter',
    type: 'text',
    default: '127.0.0.1',
    env: 'SIMWARD_DIAMETER_HOST',
    doc: 'Address on which Diameter peers connect. Loopback unless told otherwise.',
  },
  diameterPort: { area: 'Diameter', type: 'port', default: 3868, env: 'SIMWARD_DIAMETER_PORT', doc: 'Port for Diameter over TCP.' },
  diameterTlsPort: {
    area: 'Diameter',
    type: 'port',
    default: 5868,
    env: 'SIMWARD_DIAMETER_TLS_PORT',
    doc: 'Port for Diameter over TLS; used where a certificate is given.',
  },
  diameterTlsKey: { area: 'Diameter', type: 'file', default: null, env: 'SIMWARD_DIAMETER_TLS_KEY', doc: 'Private key, PEM.' },
  diameterTlsCert: {
    area: 'Diameter',
    type: 'file',
    default: null,
    env: 'SIMWARD_DIAMETER_TLS_CERT',
    doc: 'Certificate chain, PEM; its name is the Diameter identity.',
  },
  diameterTlsCa: {
    area: 'Diameter',
    type: 'file',
    default: null,
    env: 'SIMWARD_DIAMETER_TLS_CA',
    doc: 'Authorities whose certificates peers must show, PEM.',
  },
  originHost: {
    area: 'Diameter',
    type: 'text',
    default: null,
    env: 'SIMWARD_ORIGIN_HOST',
    doc: 'Diameter identity. Unset: hss1. and the realm.',
  },
  originRealm: {
    area: 'Diameter',
    type: 'text',
    default: null,
    env: 'SIMWARD_ORIGIN_REALM',
    doc: 'Diameter realm. Unset: the one that TS 23.003 §19.2 makes of the PLMN.',
  },

  capacity: {
    area: 'Admission',
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 1000,
    env: 'SIMWARD_CAPACITY',
    doc: 'Completed registrations per second that are let pass; a registration is an AIR and its ULR.',
  },
  cutOverComplete: {
    area: 'Admission',
    type: 'boolean',
    default: false,
    env: 'SIMWARD_CUT_OVER_COMPLETE',
    doc: 'True once every registration of before the cut-over is known; sequence rules only learn until then.',
  },
  attachObjective: {
    area: 'Objectives',
    type: 'number',
    min: 0,
    max: 1,
    default: 0.99,
    env: 'SIMWARD_ATTACH_OBJECTIVE',
    doc: 'Share of legitimate attach messages that must be answered with success.',
  },
  latencyObjectiveMs: {
    area: 'Objectives',
    type: 'number',
    min: 1,
    max: 60_000,
    default: 20,
    env: 'SIMWARD_LATENCY_OBJECTIVE_MS',
    doc: 'Time within which 99 % of messages must be answered, not counting what admission control holds.',
  },

  httpHost: {
    area: 'Portal and API',
    type: 'text',
    default: '127.0.0.1',
    env: 'SIMWARD_HTTP_HOST',
    doc: 'Address of portal and API. Loopback unless told otherwise; others need TLS or a proxy.',
  },
  httpPort: { area: 'Portal and API', type: 'port', default: 8480, env: 'SIMWARD_HTTP_PORT', doc: 'Port of portal and API.' },
  httpOrigin: {
    area: 'Portal and API',
    type: 'url',
    default: null,
    env: 'SIMWARD_HTTP_ORIGIN',
    doc: 'How browsers reach the portal, for example https://simward.example. Needed unless it is loopback; passkeys are bound to it.',
  },
  httpTlsKey: {
    area: 'Portal and API',
    type: 'file',
    default: null,
    env: 'SIMWARD_HTTP_TLS_KEY',
    doc: 'Private key, PEM. With a certificate the portal speaks TLS 1.3 itself.',
  },
  httpTlsCert: { area: 'Portal and API', type: 'file', default: null, env: 'SIMWARD_HTTP_TLS_CERT', doc: 'Certificate chain, PEM.' },
  httpBehindProxy: {
    area: 'Portal and API',
    type: 'boolean',
    default: false,
    env: 'SIMWARD_HTTP_BEHIND_PROXY',
    doc: 'True where a TLS-terminating proxy stands in front; its X-Forwarded-For is then believed.',
  },
  metricsToken: {
    area: 'Portal and API',
    type: 'text',
    default: null,
    secret: true,
    env: 'SIMWARD_METRICS_TOKEN',
    doc: 'Bearer token of /metrics. Unset: /metrics answers to loopback only.',
  },

  sessionIdleMinutes: {
    area: 'Sign-in',
    type: 'integer',
    min: 1,
    max: 60,
    default: 15,
    env: 'SIMWARD_SESSION_IDLE_MINUTES',
    doc: 'A session ends after this long without a request.',
  },
  sessionHours: {
    area: 'Sign-in',
    type: 'integer',
    min: 1,
    max: 24,
    default: 12,
    env: 'SIMWARD_SESSION_HOURS',
    doc: 'A session ends after this long whatever happens.',
  },
  claimHours: {
    area: 'Sign-in',
    type: 'integer',
    min: 1,
    max: 168,
    default: 24,
    env: 'SIMWARD_CLAIM_HOURS',
    doc: 'How long the one-time link that claims the installation is good.',
  },

  alarmWebhookUrl: {
    area: 'Alarms',
    type: 'url',
    default: null,
    env: 'SIMWARD_ALARM_WEBHOOK_URL',
    doc: 'Alarms are posted there as JSON.',
  },
  alarmWebhookSecret: {
    area: 'Alarms',
    type: 'text',
    default: null,
    secret: true,
    env: 'SIMWARD_ALARM_WEBHOOK_SECRET',
    doc: 'Signs each post: HMAC-SHA-256 over timestamp, dot, body, in the header Simward-Signature.',
  },
  alarmSyslog: {
    area: 'Alarms',
    type: 'url',
    default: null,
    env: 'SIMWARD_ALARM_SYSLOG',
    doc: 'Where alarms go as RFC 5424 messages: udp://host:514 or tcp://host:601.',
  },
  alarmEmailTo: { area: 'Alarms', type: 'list', default: [], env: 'SIMWARD_ALARM_EMAIL_TO', doc: 'Addresses that get alarms by e-mail.' },
  alarmEmailFrom: { area: 'Alarms', type: 'text', default: null, env: 'SIMWARD_ALARM_EMAIL_FROM', doc: 'Sender of those e-mails.' },
  alarmSmtp: {
    area: 'Alarms',
    type: 'url',
    default: null,
    secret: true,
    env: 'SIMWARD_ALARM_SMTP',
    doc: 'Mail server: smtps://user:password@host:465, or smtp://127.0.0.1:25 for a relay on this machine.',
  },
} as const satisfies Record<string, ConfigRow>
