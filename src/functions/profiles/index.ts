import type { NeedsAnswers } from '#domain/needs/questions.ts'
import { questions } from '#domain/needs/questions.ts'
import { defineFunction } from '#platform/function.ts'
import { profileOperations } from '#platform/http/schemas/profiles.ts'
import { listAcknowledgements, signAcknowledgement, withdrawAcknowledgement } from './acknowledgements.ts'
import { type Applying, applyProfile, approvalKind, executeApproval } from './applying.ts'
import { profileControls } from './controls.ts'
import { assessProfile, createProfile, createVersion, removeProfile } from './editing.ts'
import { startPushing } from './push.ts'
import { listProfiles, listVersions, profileDetail, proposalOf, roamingNetworks, versionDetail } from './viewing.ts'

/** Service profiles: the needs behind them, their versions, and how a version comes into force (CLP.14 §5.1). */
export const profilesFunction = defineFunction({
  name: 'profiles',
  config: [],
  provides: [],
  needs: ['store', 'ledger'],
  controls: profileControls,
  routes: Object.values(profileOperations),
  navigation: [{ id: 'profiles', path: '/profiles', order: 32 }],
  metrics: [],
  async start(ctx) {
    const now = (): number => ctx.clock.now()
    const pushing = startPushing({ db: ctx.ports.store, clock: ctx.clock, log: ctx.log, worker: ctx.newId(), ports: ctx.optional })
    const applying: Applying = {
      ledger: ctx.ports.ledger,
      ports: ctx.optional,
      now,
      newId: () => ctx.newId(),
      applied: () => pushing.wake(),
    }
    // Approvals may start after this function: it is asked for when everything runs.
    const registering = ctx.clock.after(0, () =>
      ctx.optional.approvals?.on(approvalKind, (approval) => executeApproval(approval, applying)),
    )
    const { serve } = ctx
    serve(profileOperations.listProfiles, (call) => listProfiles(call))
    serve(profileOperations.getProfile, (call) => profileDetail(call, now()))
    serve(profileOperations.listProfileVersions, (call) => listVersions(call))
    serve(profileOperations.getProfileVersion, (call) => versionDetail(call))
    serve(profileOperations.proposeProfile, ({ body }) => proposalOf(body as NeedsAnswers))
    serve(profileOperations.listQuestions, () => ({
      items: questions.map(({ id, kind, options }) => ({ id, kind, options: [...options] })),
    }))
    serve(profileOperations.listRoamingNetworks, async ({ db }) => ({ items: await roamingNetworks(db) }))
    serve(profileOperations.createProfile, (call) => createProfile(call, applying))
    serve(profileOperations.createProfileVersion, (call) => createVersion(call, applying))
    serve(profileOperations.applyProfile, (call) => applyProfile(call, applying))
    serve(profileOperations.removeProfile, (call) => removeProfile(call, applying))
    serve(profileOperations.assessProfile, (call) => assessProfile(call, applying))
    serve(profileOperations.listAcknowledgements, (call) => listAcknowledgements(call))
    serve(profileOperations.signAcknowledgement, (call) => signAcknowledgement(call, applying))
    serve(profileOperations.withdrawAcknowledgement, (call) => withdrawAcknowledgement(call, applying))
    return {
      async [Symbol.asyncDispose]() {
        registering.cancel()
        await pushing[Symbol.asyncDispose]()
      },
    }
  },
})
