import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { sleep, systemClock } from '#core/clock.ts'
import { createAuthority } from '#sim/authority.ts'
import { hasFreeDiameter, startRelay } from '#sim/freediameter.ts'
import { home, peerRow, sparePeerId } from '#sim/world.ts'
import { firstLine } from './reference-program.ts'

/** freeDiameter as an HSS that answers from memory: the reference of the s6a bench, compiled and run here, never shipped. */
export interface ReferenceHss {
  readonly pid: number
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

const folder = fileURLToPath(new URL('./reference/', import.meta.url))
const extension = `${folder}build/s6a_hss.fdx`

/** Resolves to the running reference, or to why there is none here. */
export async function startReferenceHss(): Promise<ReferenceHss | { missing: string }> {
  if (!hasFreeDiameter()) return { missing: 'freeDiameterd is not installed (freediameterd)' }
  const fault = compile()
  if (fault !== null) return { missing: fault }
  const peer = peerRow(sparePeerId)
  const daemon = await startRelay({
    identity: home.hssHost,
    realm: home.realm,
    credentials: createAuthority('Simward bench', Date.now()).issue({ commonName: home.hssHost }),
    peers: [{ identity: peer.identity, tls: false }],
    clock: systemClock,
    extensions: [extension],
  })
  const hss = { pid: daemon.pid, host: daemon.host, port: daemon.port, stop: () => daemon.stop() }
  for (let tries = 0; tries < 100; tries++) {
    if (await listens(daemon.host, daemon.port)) return hss
    await sleep(systemClock, 100)
  }
  await daemon.stop()
  return { missing: `freeDiameter did not listen: ${daemon.output().slice(-5).join(' | ')}` }
}

function compile(): string | null {
  const source = `${folder}s6a_hss.c`
  try {
    if (!existsSync(extension) || statSync(extension).mtimeMs < statSync(source).mtimeMs) {
      mkdirSync(`${folder}build`, { recursive: true })
      execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', extension, source, '-lfdcore', '-lfdproto'], { stdio: 'pipe' })
    }
    return null
  } catch (error) {
    return `s6a_hss.c needs a C compiler and the headers of freeDiameter (libfreediameter-dev): ${firstLine(error)}`
  }
}

async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
