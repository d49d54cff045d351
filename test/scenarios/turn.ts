import type { VirtualClock } from '#core/clock.ts'

/** Turns the clock until the promise is settled; a story that takes more than ten virtual minutes is a fault. */
export async function turnUntil<T>(clock: VirtualClock, story: Promise<T>): Promise<T> {
  let isDone = false
  story.then(
    () => {
      isDone = true
    },
    () => {
      isDone = true
    },
  )
  for (let second = 0; second < 600 && !isDone; second++) await clock.advanceAsync(1000)
  if (!isDone) throw new Error('the story did not end within ten virtual minutes')
  return story
}
