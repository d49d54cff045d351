import { buildPortal } from '../../../portal/build.ts'

/** Builds the portal where its sources have changed; says so on the terminal while it takes. */
export async function buildPortalForDemo(write: (line: string) => void): Promise<void> {
  await buildPortal({ log: (text) => write(`  portal: ${text}`) })
}
