/** A duration in at most two units, largest first; the words for the units are the reader's. */
export interface Piece {
  value: number
  unit: 's' | 'min' | 'h' | 'd'
}

/** Coarser as it grows: 12 s, 1 min 48 s, 18 min, 2 h, 3 d. Never negative. */
export function durationPieces(ms: number): Piece[] {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return [{ value: seconds, unit: 's' }]
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) {
    const rest = seconds - minutes * 60
    return rest === 0
      ? [{ value: minutes, unit: 'min' }]
      : [
          { value: minutes, unit: 'min' },
          { value: rest, unit: 's' },
        ]
  }
  if (minutes < 60) return [{ value: minutes, unit: 'min' }]
  const hours = Math.floor(minutes / 60)
  return hours < 36 ? [{ value: hours, unit: 'h' }] : [{ value: Math.floor(hours / 24), unit: 'd' }]
}

/** `12:16:39` in UTC. */
export function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}

/** `.799`, the part that a glance may skip. */
export function clockMillis(at: number): string {
  return new Date(at).toISOString().slice(19, 23)
}

/** `12:16` in UTC. */
export function hourMinute(at: number): string {
  return clock(at).slice(0, 5)
}

/** The exact time, for the hover: `2026-03-12 12:16:39.799 UTC`. */
export function exactTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10)} ${clock(at)}${clockMillis(at)} UTC`
}

/** Clock time today, day and clock time within this year, else the date, in the reader's language. */
export function when(at: number, now: number, locale: string): string {
  const day = 86_400_000
  if (Math.floor(at / day) === Math.floor(now / day)) return hourMinute(at)
  if (new Date(at).getUTCFullYear() !== new Date(now).getUTCFullYear()) return dayOf(at, locale)
  const date = new Intl.DateTimeFormat(dateLocale(locale), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(at)
  return `${date} ${hourMinute(at)}`
}

/** Day before month in English: `3 Nov 2025` cannot be misread. */
function dateLocale(locale: string): string {
  return locale === 'en' ? 'en-GB' : locale
}

export function dayOf(at: number, locale: string): string {
  return new Intl.DateTimeFormat(dateLocale(locale), { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(at)
}

export function count(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value)
}

/** A counted number that stopped counting: `10,000+`. */
export function cappedCount({ value, capped }: { value: number; capped: boolean }, locale: string): string {
  return `${count(value, locale)}${capped ? '+' : ''}`
}

/** Milliseconds as a column shows them: two decimals where one would say 0.0. */
export function fineMs(ms: number, locale: string): string {
  const digits = ms > 0 && ms < 0.1 ? 2 : ms < 99.95 ? 1 : 0
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(ms)
}

/** One decimal below 100, none above; `9.6`, `246`. */
export function rate(value: number, locale: string): string {
  const digits = Math.abs(value) < 99.95 ? 1 : 0
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
}

/** A share from 0 to 1 as `99.4 %`; never rounded up to a clean 100. */
export function percent(share: number, locale: string): string {
  if (share >= 1) return '100 %'
  const value = Math.min(Math.round(share * 1000) / 10, 99.9)
  return `${new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)} %`
}

/** `6.8 ms`, `402 ms`, `3.0 s`: three figures are enough. */
export function latency(ms: number, locale: string): string {
  if (ms >= 10_000) return `${rate(ms / 1000, locale)} s`
  return ms < 9.95 ? `${rate(ms, locale)} ms` : `${count(Math.round(ms), locale)} ms`
}

/** Digits in groups as people read them: ICCID in fours, MSISDN in threes after the code. */
export function grouped(digits: string, size: number): string {
  return digits.replaceAll(new RegExp(`(.{${size}})(?=.)`, 'g'), '$1 ')
}

/** `03/27`: month and year, where a day would be too much. */
export function monthOf(at: number): string {
  const iso = new Date(at).toISOString()
  return `${iso.slice(5, 7)}/${iso.slice(2, 4)}`
}

/** A long identifier with its middle left out: `89999070…21704232`. */
export function shortened(text: string, keep = 8): string {
  return text.length <= keep * 2 + 1 ? text : `${text.slice(0, keep)}…${text.slice(-keep)}`
}

const byteUnits = ['B', 'KB', 'MB', 'GB'] as const

/** `812 B`, `34.2 MB`: three figures are enough. */
export function bytesText(bytes: number, locale: string): string {
  const power = Math.min(byteUnits.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${power === 0 ? count(bytes, locale) : rate(bytes / 1000 ** power, locale)} ${byteUnits[power]}`
}
