import { useLingui } from '@lingui/react/macro'
import { Tooltip } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { markOf, stateMark } from '../api/state.ts'
import type { Action, Reason, State } from '../api/types.ts'
import { useNow } from '../app/now.tsx'
import { clock, clockMillis, exactTime } from '../logic/format.ts'
import { word } from '../words/say.ts'
import { agoText, durationText } from '../words/units.ts'
import { actionWords, stateWords } from '../words/verdicts.ts'
import { Icon } from './icon.tsx'

/** Word and icon: the usual verdict quiet, the exceptional one seen. */
export function VerdictTag({ action, reason }: { action: Action; reason: Reason }) {
  const { i18n } = useLingui()
  const mark = markOf(action, reason)
  return (
    <span className={`v ${mark.tag}`}>
      <Icon name={mark.icon} size={12} />
      {word(i18n, actionWords, action)}
    </span>
  )
}

/** A state that stands without its word beside it names itself. */
export function StateIcon({ state, size = 12 }: { state: State; size?: 12 | 16 | 24 }) {
  const { i18n } = useLingui()
  const { icon, tone } = stateMark[state]
  return <Icon name={icon} tone={tone} size={size} label={word(i18n, stateWords, state)} />
}

/** "12 s ago", the exact time on hover. */
export function Ago({ at }: { at: number }) {
  const { i18n } = useLingui()
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {agoText(i18n, now - at)}
    </time>
  )
}

/** "1 min 48 s" since then. */
export function Since({ at }: { at: number }) {
  const { i18n } = useLingui()
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {durationText(i18n, Math.abs(now - at))}
    </time>
  )
}

/** `12:16:39.799`, the date on hover. */
export function Clock({ at, millis = true }: { at: number; millis?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {clock(at)}
      {millis && <small>{clockMillis(at)}</small>}
    </time>
  )
}

/** An identifier: monospace, with a button that copies the whole of it even where it is shortened. */
export function Identifier({ value, shown = value, copy = true }: { value: string; shown?: string; copy?: boolean }) {
  return (
    <>
      <span className="mono clip" title={value}>
        {shown}
      </span>
      {copy && <Copy text={value} />}
    </>
  )
}

export function Copy({ text, size = 12 }: { text: string; size?: 12 | 16 }) {
  const { t } = useLingui()
  const [done, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(text).then(
      () => setDone(true),
      () => setDone(false),
    )
    setTimeout(() => setDone(false), 1500)
  }
  return (
    <button
      type="button"
      className="copy"
      aria-label={done ? t`Copied` : t`Copy ${text}`}
      title={done ? t`Copied` : t`Copy`}
      onClick={() => void copy()}
    >
      <Icon name={done ? 'ok' : 'copy'} size={size} />
    </button>
  )
}

interface ButtonProps {
  children: ReactNode
  onClick?: () => void
  primary?: boolean
  small?: boolean
  /** Why it cannot be pressed now; it stays reachable, so that the reason can be read. */
  because?: string | null | undefined
  type?: 'button' | 'submit'
  busy?: boolean
  className?: string
}

export function Button({
  children,
  onClick,
  primary = false,
  small = false,
  because,
  type = 'button',
  busy = false,
  className = '',
}: ButtonProps) {
  const off = because !== undefined && because !== null
  const button = (
    <button
      type={type}
      className={`btn${primary ? ' primary' : ''}${small ? ' small' : ''} ${className}`}
      aria-disabled={off || busy || undefined}
      onClick={(event) => {
        if (off || busy) return event.preventDefault()
        onClick?.()
      }}
    >
      {children}
    </button>
  )
  return off ? (
    <Tooltip label={because} events={{ hover: true, focus: true, touch: true }}>
      {button}
    </Tooltip>
  ) : (
    button
  )
}

/** One of a few, as buttons that are pressed or not. */
export function Choice<T extends string | number>({
  label,
  options,
  value,
  onChange,
}: {
  label: string
  options: readonly { value: T; label: string }[]
  value: T
  onChange: (value: T) => void
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row in every browser
    <div className="seg" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  )
}

export function Panel({
  title,
  meta,
  children,
  className = '',
}: {
  title: ReactNode
  meta?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={`panel ${className}`}>
      <header>
        <h2>{title}</h2>
        {meta !== undefined && <span className="meta">{meta}</span>}
      </header>
      {children}
    </section>
  )
}

/** The answer: outcome, one sentence, one line of explanation, the means on the right. */
export function Answer({
  state,
  question,
  title,
  soft,
  text,
  children,
}: {
  state: State
  question?: string
  title: ReactNode
  soft?: ReactNode
  text?: ReactNode
  children?: ReactNode
}) {
  return (
    <div className="answer">
      <StateIcon state={state} size={24} />
      <div>
        {question !== undefined && <span className="q">{question}</span>}
        <h1>
          {title}
          {soft !== undefined && <span className="soft"> {soft}</span>}
        </h1>
        {text !== undefined && <p>{text}</p>}
      </div>
      {children}
    </div>
  )
}
