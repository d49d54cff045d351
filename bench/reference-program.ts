import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TimedRun } from './bench.ts'

/**
 * A reference written in C: compiled from reference/<name>.c into reference/build/, run as a process of its own,
 * never shipped. It answers `check N` with what it makes, and in `time` each count on a line with the CPU nanoseconds.
 */
export interface ReferenceProgram {
  check(count: number): string[]
  time(): TimedReference
}

export interface TimedReference {
  run: TimedRun
  close(): Promise<void>
}

const folder = fileURLToPath(new URL('./reference/', import.meta.url))

/** The program, or why there is none here. `packageName` is what pkg-config calls the library. */
export function buildReference(name: string, packageName: string): ReferenceProgram | { missing: string } {
  const source = `${folder}${name}.c`
  const program = `${folder}build/${name}`
  try {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', packageName], { encoding: 'utf8', stdio: 'pipe' }).trim().split(/\s+/)
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) {
      mkdirSync(`${folder}build`, { recursive: true })
      execFileSync('cc', ['-O2', '-o', program, source, ...flags], { stdio: 'pipe' })
    }
  } catch (error) {
    return { missing: `${name}.c needs a C compiler and ${packageName} (libosmocore-dev): ${firstLine(error)}` }
  }
  return {
    check: (count) =>
      execFileSync(program, ['check', String(count)], { encoding: 'utf8', maxBuffer: 1 << 28 })
        .trimEnd()
        .split('\n'),
    time: () => new Timed(spawn(program, ['time'], { stdio: ['pipe', 'pipe', 'inherit'] })),
  }
}

/** The version of the library, for the printed line. */
export function referenceVersion(packageName: string): string {
  return execFileSync('pkg-config', ['--modversion', packageName], { encoding: 'utf8', stdio: 'pipe' }).trim()
}

class Timed implements TimedReference {
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>
  readonly run: TimedRun

  constructor(child: ChildProcess & { stdout: NodeJS.ReadableStream }) {
    this.#child = child
    this.#lines = createInterface({ input: child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
    this.run = async (count) => {
      this.#child.stdin?.write(`${count}\n`)
      const answer = await this.#answers.next()
      if (answer.done) throw new Error('the reference program ended before it answered')
      return Number(answer.value)
    }
  }

  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()))
    this.#child.stdin?.end()
    await ended
    this.#lines.close()
  }
}

/** What a failed command said first. */
export function firstLine(error: unknown): string {
  const stderr = (error as { stderr?: Buffer | string }).stderr?.toString().trim()
  return (stderr || String(error)).split('\n')[0] ?? ''
}
