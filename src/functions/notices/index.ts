import { defineFunction } from '#platform/function.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { listNotices } from './list.ts'
import { notedChannel, placedChannel, startPlacing } from './placing.ts'
import { createNoticeFeed, createNoticePort } from './port.ts'

/** What happened, for the systems of those it concerns: written with the change, read by place. */
export const noticesFunction = defineFunction({
  name: 'notices',
  config: [],
  needs: ['store'],
  provides: ['notices', 'noticeFeed'],
  controls: [],
  routes: [operations.listNotices],
  navigation: [],
  metrics: [],
  async start(ctx) {
    const { clock, log } = ctx
    const { store: db } = ctx.ports
    const port = createNoticePort({ db, clock, log, newId: () => ctx.newId() })
    const feed = createNoticeFeed(db)
    const placing = startPlacing({ db, clock, log })
    const stopNoted = await db.listen(
      notedChannel,
      () => placing.wake(),
      () => placing.wake(),
    )
    const stopPlaced = await db.listen(
      placedChannel,
      () => feed.placed(),
      () => feed.placed(),
    )
    ctx.provide('notices', port)
    ctx.provide('noticeFeed', feed)
    ctx.serve(operations.listNotices, (call) => listNotices(call, clock.now()))
    return {
      async [Symbol.asyncDispose]() {
        await port.close()
        await stopNoted()
        await stopPlaced()
        await placing.close()
      },
    }
  },
})
