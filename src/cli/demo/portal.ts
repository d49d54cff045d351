import { buildPortal } from '../../../portal/build.ts'

/** Of a failed build: the rest is a list of the same. */
const linesShown = 8

/**
 * Builds the portal beside the story where its sources have changed; tells its progress. Resolves to false where it failed,
 * which was told, or was ended by `interruption`.
 */
export async function buildPortalForDemo(write: (line: string) => void, interruption: AbortSignal): Promise<boolean> {
  const tell = (line: string): void => write(`  portal: ${line}`)
  try {
    await buildPortal({ log: tell, signal: interruption })
    return true
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n')
    for (const line of lines.slice(0, linesShown)) tell(line)
    if (lines.length > linesShown) tell(`... and ${lines.length - linesShown} more lines`)
    return false
  }
}
