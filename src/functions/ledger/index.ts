import { createIdMaker } from '#core/ids.ts'
import type { Vault } from '#crypto/vault.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import { createLedger } from '#store/ledger.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { createSubjectKeys } from '#store/subject-keys.ts'
import { auditRoutes, serveAudit } from './audit.ts'
import { openSigner, openVerifier, publicKeys, verifierOf } from './signing-key.ts'

/** A checkpoint follows a new entry within this time; the whole ledger is read again this often. */
const checkpointAfterMs = 2_000
const verifyEveryMs = 30_000

type LedgerContext = FunctionContext<'store', 'ledger' | 'ledgerStatus' | 'subjects'>

/** The append-only ledger of this process and the keys of the subjects in it. The vault is passed in. */
export function ledgerFunction(own: { vault: Vault }) {
  return defineFunction({
    name: 'ledger',
    config: ['node'],
    needs: ['store'],
    provides: ['ledger', 'ledgerStatus', 'subjects'],
    controls: [],
    routes: auditRoutes,
    navigation: [{ id: 'audit', path: '/audit', order: 66 }],
    metrics: [],
    start: (ctx) => startLedger(ctx, own.vault),
  })
}

async function startLedger(ctx: LedgerContext, vault: Vault): Promise<AsyncDisposable> {
  const { clock, log, config, ports } = ctx
  const newId = createIdMaker()
  const subjects = await createSubjectKeys({
    db: ports.store,
    clock,
    newId,
    wrapper: {
      wrap: (subjectId, key) => vault.seal('subject-key', subjectId, key),
      unwrap: (subjectId, wrapped) => vault.open('subject-key', subjectId, wrapped),
    },
  })
  const signer = await openSigner(ports.store, vault)
  const ledger = createLedger({ db: ports.store, clock, log, newId, node: config.node, subjects, signer, checkpointAfterMs })
  const verifier = await openVerifier(ports.store)
  let last: { at: number; ok: boolean } | null = null
  let isClosed = false
  const check = async (): Promise<void> => {
    try {
      const report = await verifyLedger(ports.store, verifier)
      if (!report.ok) log.error({ fault: report.fault }, 'the ledger does not verify')
      last = { at: clock.now(), ok: report.ok }
    } catch (error) {
      // A store that is away says nothing about the ledger: the last result stays, and grows old.
      log.warn({ err: error }, 'the ledger could not be read')
    }
    if (!isClosed) clock.after(verifyEveryMs, () => void check())
  }
  void check()
  ctx.provide('ledger', ledger)
  const verification = () => last
  const keys = () => publicKeys(ports.store)
  ctx.provide('ledgerStatus', { verification, publicKeys: keys, verifier: verifierOf })
  ctx.provide('subjects', subjects)
  serveAudit(ctx.serve, { store: ports.store, ledger, subjects, verification, publicKeys: keys, now: () => clock.now() })
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true
      await ledger.close()
      await subjects.close()
    },
  }
}
