import { readdirSync, readFileSync } from 'node:fs'

/**
 * What processes take of the processors, from /proc: one ruler for Simward, PostgreSQL and the reference. User and system
 * time of every thread, in ticks of 10 ms; a slice of a bench lasts a second or more.
 */

/** Clock ticks a second as /proc counts them: 100 on every Linux that Node runs on (proc(5), sysconf(3)). */
const ticksPerSecond = 100

export interface ProcessTimes {
  pid: number
  parent: number
  /** Seconds of its own threads. */
  own: number
  /** Seconds of children that have ended and been waited for. */
  ended: number
}

/** Reads one line of /proc/<pid>/stat; the name in parentheses may hold anything, also a parenthesis. */
function parseStat(line: string): ProcessTimes {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  // Counted from the field after the name, the third of proc(5).
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    own: (field(14) + field(15)) / ticksPerSecond,
    ended: (field(16) + field(17)) / ticksPerSecond,
  }
}

/** Seconds that the process has taken so far. Throws where it does not run, or where there is no /proc. */
export function processSeconds(pid: number): number {
  return timesOf(pid).own
}

/** The same for a process and its children, those that have ended among them: PostgreSQL makes one for each connection. */
export function familySeconds(pid: number): number {
  const head = timesOf(pid)
  let seconds = head.own + head.ended
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const times = tryTimesOf(Number(name))
    if (times?.parent === pid) seconds += times.own + times.ended
  }
  return seconds
}

/** Resident memory now and at its peak, in megabytes (10^6 octets). */
export function residentMegabytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): number => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6
  return { now: of('VmRSS'), peak: of('VmHWM') }
}

function timesOf(pid: number): ProcessTimes {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

function tryTimesOf(pid: number): ProcessTimes | null {
  try {
    return timesOf(pid)
  } catch {
    return null
  }
}
