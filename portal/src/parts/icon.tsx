import type { ReactNode } from 'react'

const ring = <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
const line = (d: string, width = 1.5): ReactNode => <path d={d} fill="none" stroke="currentColor" strokeWidth={width} />

/** Every shape that the portal draws, by name. A state never shares its shape with another. */
const shapes = {
  ok: (
    <>
      {ring}
      {line('M5.2 8.2l2 2 3.7-4.2')}
    </>
  ),
  att: <path fillRule="evenodd" fill="currentColor" d="M8 1.2 15.2 14H.8zM7.2 5.6v4h1.6v-4zm0 5.2v1.6h1.6v-1.6z" />,
  ref: <path fillRule="evenodd" fill="currentColor" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1zM4 7.2v1.6h8V7.2z" />,
  unk: (
    <>
      <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.6 2.3" />
      {line('M6.2 6.4c0-1 .8-1.7 1.8-1.7s1.8.7 1.8 1.6c0 1.4-1.8 1.4-1.8 2.6', 1.4)}
      <circle cx="8" cy="11.2" r=".9" fill="currentColor" />
    </>
  ),
  hold: (
    <>
      {ring}
      {line('M6.4 5.4v5.2M9.6 5.4v5.2')}
    </>
  ),
  chal: line('M2 3.5h12v7H8.5L5.5 13v-2.5H2z'),
  drop: (
    <>
      {ring}
      {line('M3.6 12.4l8.8-8.8')}
    </>
  ),
  gauge: line('M2.2 12.5a6.3 6.3 0 1 1 11.6 0M8 9.5l3-3.6'),
  sig: line('M1.5 5.5h12l-3-3M14.5 10.5h-12l3 3'),
  sim: (
    <>
      {line('M3.5 1.75h6l3 3v9.5h-9z')}
      {line('M6 8h4v3.5H6z', 1.2)}
    </>
  ),
  net: (
    <>
      <circle cx="3.5" cy="8" r="1.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <circle cx="12.5" cy="3.5" r="1.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <circle cx="12.5" cy="12.5" r="1.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      {line('M5.1 7.2l5.8-2.9M5.1 8.8l5.8 2.9', 1.3)}
    </>
  ),
  bell: line('M3.5 11.5c1-1 1-2 1-4a3.5 3.5 0 0 1 7 0c0 2 0 3 1 4zM6.5 13.5h3'),
  check: line('M2 4.2l1.2 1.2 2-2.4M2 11.2l1.2 1.2 2-2.4M8 4.5h6M8 11.5h6'),
  key: (
    <>
      <circle cx="5" cy="8" r="3" fill="none" stroke="currentColor" strokeWidth="1.5" />
      {line('M8 8h6.5M12 8v2.5')}
    </>
  ),
  play: line('M4.5 2.5v11l8.5-5.5z'),
  chev: line('M6 4l4 4-4 4'),
  down: line('M4 6l4 4 4-4'),
  find: (
    <>
      <circle cx="7" cy="7" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      {line('M10.5 10.5L14 14')}
    </>
  ),
  copy: line('M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3', 1.3),
  moon: line('M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z', 1.4),
  sun: (
    <>
      <circle cx="8" cy="8" r="3" fill="none" stroke="currentColor" strokeWidth="1.4" />
      {line('M8 1v2M8 13v2M1 8h2M13 8h2M3.1 3.1l1.4 1.4M11.5 11.5l1.4 1.4M12.9 3.1l-1.4 1.4M4.5 11.5l-1.4 1.4', 1.4)}
    </>
  ),
  menu: line('M2 4.5h12M2 8h12M2 11.5h12'),
  no: line('M4 8h8'),
  x: line('M4 4l8 8M12 4l-8 8'),
  pause: line('M5.5 3.5v9M10.5 3.5v9', 1.75),
  up: line('M4 10l4-4 4 4'),
  plus: line('M8 3v10M3 8h10'),
  profiles: line('M2 4.5h5M11 4.5h3M2 11.5h2M8 11.5h6M9 2.5v4M6 9.5v4'),
  plans: line('M2.5 13.5v-4M6.2 13.5v-7M9.8 13.5V9M13.5 13.5v-11'),
  code: line('M5.5 4L2 8l3.5 4M10.5 4L14 8l-3.5 4M9 3L7 13'),
  jobs: line('M2 4h8M2 8h5M2 12h5M10 7.5l4 3-4 3z'),
  approvals: (
    <>
      {line('M8 1.75l5.25 2v4c0 3-2.2 5.3-5.25 6.5-3.05-1.2-5.25-3.5-5.25-6.5v-4z', 1.4)}
      {line('M5.6 7.9l1.8 1.8 3.1-3.6', 1.4)}
    </>
  ),
  health: line('M1.5 8.5h3l2-5 3 9 2-4h3'),
  audit: (
    <>
      {line('M3.5 1.75h9v12.5h-9z', 1.4)}
      {line('M6 5h4M6 8h4M6 11h2.5', 1.4)}
    </>
  ),
  groups: line('M2 2.5h4v3H2zM9 6.5h5v3H9zM9 11.5h5v3H9zM4 5.5V13h5M4 8h5', 1.3),
  organisations: line('M2.5 14V4.5L8 2v12M8 6.5l5.5 2V14M1 14h14M5 6.5v1M5 9.5v1M10.75 10.5v1'),
  people: (
    <>
      <circle cx="6" cy="5" r="2.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      {line('M1.5 13.5c0-2.6 1.9-4.2 4.5-4.2s4.5 1.6 4.5 4.2M10.5 2.8a2.4 2.4 0 0 1 0 4.5M12.2 9.9c1.5.6 2.4 1.9 2.4 3.6')}
    </>
  ),
  developers: line('M5 4.5L1.5 8 5 11.5M11 4.5L14.5 8 11 11.5M9.2 3L6.8 13'),
  signalling: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  policy: <path d="M8 1.6L14.4 8 8 14.4 1.6 8z" fill="currentColor" />,
  square: <path d="M3 3h10v10H3z" fill="currentColor" />,
  next: <circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.4 2" />,
} as const

export type IconName = keyof typeof shapes

/** Decoration: whatever it says also stands as a word next to it, or in `label`. */
export function Icon({ name, size = 16, tone, label }: { name: IconName; size?: 12 | 16 | 24; tone?: string | undefined; label?: string }) {
  const className = `${size === 12 ? 'i12' : size === 24 ? 'i24' : 'i'}${tone === undefined ? '' : ` ${tone}`}`
  return label === undefined ? (
    <svg className={className} viewBox="0 0 16 16" aria-hidden="true">
      {shapes[name]}
    </svg>
  ) : (
    <svg className={className} viewBox="0 0 16 16" role="img" aria-label={label}>
      {shapes[name]}
    </svg>
  )
}

export function Brand() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M4 1.5h8L17 6.5v12H4z" fill="none" stroke="currentColor" strokeWidth="1.75" />
      <path d="M8 15v-3.2a2.75 2.75 0 1 1 3.5 0V15z" fill="currentColor" />
    </svg>
  )
}
