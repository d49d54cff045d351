import { readFileSync } from 'node:fs'
import type { Command } from '../command.ts'

/** The version in package.json. */
export function readVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  return manifest.version
}

export const versionCommand: Command = {
  name: 'version',
  summary: 'Prints the versions of Simward and of Node',
  usage: 'version',
  options: [],
  async run() {
    process.stdout.write(`simward ${readVersion()} (node ${process.versions.node})\n`)
    return 0
  },
}
