import { join } from 'node:path'
import type { Logger } from 'pino'
import { projectRoot } from '#cli/root.ts'
import type { Clock } from '#core/clock.ts'
import { createIdMaker } from '#core/ids.ts'
import { createVault, type Vault } from '#crypto/vault.ts'
import { alarmsFunction } from '#functions/alarms/index.ts'
import { approvalsFunction } from '#functions/approvals/index.ts'
import { clientsFunction } from '#functions/clients/index.ts'
import { controlsFunction } from '#functions/controls/index.ts'
import { healthFunction } from '#functions/health/index.ts'
import { hssFunction } from '#functions/hss/index.ts'
import { jobsFunction } from '#functions/jobs/index.ts'
import { ledgerFunction } from '#functions/ledger/index.ts'
import { noticesFunction } from '#functions/notices/index.ts'
import { organisationsFunction } from '#functions/organisations/index.ts'
import { overviewFunction } from '#functions/overview/index.ts'
import { peopleFunction } from '#functions/people/index.ts'
import { plansFunction } from '#functions/plans/index.ts'
import { profilesFunction } from '#functions/profiles/index.ts'
import { screeningFunction } from '#functions/screening/index.ts'
import { signInFunction } from '#functions/sign-in/index.ts'
import { subscriptionsFunction } from '#functions/subscriptions/index.ts'
import { webhooksFunction } from '#functions/webhooks/index.ts'
import { type Composition, compose } from '#platform/compose.ts'
import type { ConfigValues } from '#platform/config.ts'
import { linkHash } from '#platform/enrolment.ts'
import type { AnyFunction } from '#platform/function.ts'
import { createEventHub } from '#platform/http/event-hub.ts'
import { createHttpServer } from '#platform/http/server.ts'
import type { Installation, Ports } from '#platform/ports.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import type { Db } from '#store/db.ts'
import { openStore } from '#store/open.ts'
import { openHttpSecret } from './cli/http-secret.ts'
import { loadMasterKey } from './cli/master-key.ts'

/** The composition root: which functions make up Simward, and what they stand on. */
export interface SimwardOptions {
  config: ConfigValues
  mode: 'demo' | 'open'
  version: string
  clock: Clock
  log: Logger
  /** The embedded store in memory, gone at the end. */
  ephemeral?: boolean
  /** Runs between opening the store and starting the functions: the demo fills an empty store here. */
  prepare?(db: Db, vault: Vault): Promise<void>
  /** Names of the standard functions to run here; default all. A process may run any subset. */
  only?: readonly string[]
  /** Functions beside the standard ones, and ports that the composition itself provides. */
  functions?: readonly AnyFunction[]
  ports?: Partial<Ports>
}

export interface Simward extends AsyncDisposable {
  readonly db: Db
  readonly vault: Vault
  readonly ports: Composition['ports']
  /** Portal and API; null where the HTTP port is not wanted. */
  readonly url: string
}

/** Every function of the product, whatever its ports. The vault goes to those that handle keys. */
export function standardFunctions(vault: Vault): readonly AnyFunction[] {
  const functions = [
    ledgerFunction({ vault }),
    noticesFunction,
    clientsFunction,
    webhooksFunction({ vault }),
    screeningFunction,
    recorderFunction,
    hssFunction({ vault }),
    subscriptionsFunction,
    organisationsFunction,
    peopleFunction,
    profilesFunction,
    plansFunction,
    alarmsFunction,
    approvalsFunction,
    jobsFunction({ vault }),
    healthFunction,
    signInFunction({ vault }),
    overviewFunction,
  ] as readonly AnyFunction[]
  // The controls function shows those of all others.
  return [...functions, controlsFunction({ others: functions }) as AnyFunction]
}

/** Starts everything; disposing stops it in reverse. Rejects with OperationError where the configuration or the store forbid. */
export async function startSimward(options: SimwardOptions): Promise<Simward> {
  const { config, clock, log } = options
  const vault = createVault(loadMasterKey(config.masterKey, config.dataDir))
  const db = await openStore({ ...storeAt(config, options.ephemeral === true), log, clock })
  const stack = new AsyncDisposableStack()
  stack.defer(() => db.close())
  try {
    await options.prepare?.(db, vault)
    const newId = createIdMaker()
    const id = (): string => newId(clock.now())
    const events = createEventHub({ clock, epoch: id() })
    const { only } = options
    const functions = [
      ...standardFunctions(vault).filter(({ name }) => only === undefined || only.includes(name)),
      ...(options.functions ?? []),
    ]
    const composition = stack.use(
      await compose({
        functions,
        base: { store: db, installation: installationOf(options), ...options.ports },
        config,
        clock,
        log,
        newId: id,
        events,
      }),
    )
    const secret = await openHttpSecret(db, vault)
    const http = stack.use(await createHttpServer({ ...httpOptions(options, composition, events), secret }))
    const { url } = await http.listen({ host: config.httpHost, port: config.httpPort })
    log.info({ url }, 'portal and API listen')
    if (options.mode === 'open') await announceClaim(options, composition.ports, url)
    return { db, vault, ports: composition.ports, url, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/**
 * Nothing has a default password: who can read this process's output claims it, once. Said last, when the link works. A
 * passkey is bound to a name, and the address of loopback is none.
 */
async function announceClaim({ config, log }: SimwardOptions, { enrolment }: Readonly<Partial<Ports>>, listening: string): Promise<void> {
  const token = await enrolment?.claimToken()
  if (token === null || token === undefined) return
  const { protocol, port } = new URL(listening)
  const url = new URL('/claim', config.httpOrigin ?? `${protocol}//localhost:${port}`)
  url.hash = linkHash(token)
  log.warn({ url: url.href, hours: config.claimHours }, 'nobody has claimed this installation: open the link once')
}

function storeAt(config: ConfigValues, isEphemeral: boolean): { url: string } | { dataDir: string } | { ephemeral: true } {
  if (config.databaseUrl !== null) return { url: config.databaseUrl }
  return isEphemeral ? { ephemeral: true } : { dataDir: join(config.dataDir, 'store') }
}

function installationOf({ config, mode, version, clock }: SimwardOptions): Installation {
  return { mode, name: config.name, plmn: config.plmn, node: config.node, version, startedAt: clock.now(), language: config.language }
}

function httpOptions(
  options: SimwardOptions,
  composition: Composition,
  events: ReturnType<typeof createEventHub>,
): Parameters<typeof createHttpServer>[0] {
  const { config, clock, log, version, mode } = options
  const { httpTlsKey: keyFile, httpTlsCert: certFile } = config
  return {
    clock,
    log,
    version,
    mode,
    routes: composition.routes,
    ports: composition.ports,
    events,
    registry: composition.registry,
    portalDirectory: join(projectRoot, 'portal', 'dist'),
    publicOrigin: config.httpOrigin,
    behindProxy: config.httpBehindProxy,
    metricsToken: config.metricsToken,
    tls: keyFile === null || certFile === null ? null : { keyFile, certFile, profile: config.httpTlsProfile },
  }
}
