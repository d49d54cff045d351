import { Trans, useLingui } from '@lingui/react/macro'
import { Drawer, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Link, Navigate, Outlet, useLocation, useNavigate, useRouteError } from 'react-router'
import { answerOf, api, sessionEndedEvent } from '../api/client.ts'
import { queries } from '../api/queries.ts'
import type { Session } from '../api/types.ts'
import { clock, exactTime } from '../logic/format.ts'
import { Button } from '../parts/basics.tsx'
import { Icon } from '../parts/icon.tsx'
import { Blank, Loaded } from '../parts/loaded.tsx'
import { durationText } from '../words/units.ts'
import { JumpDialog } from './jump.tsx'
import { LanguageMenu } from './language-menu.tsx'
import { leavePerson } from './leaving.ts'
import { MustEnrol } from './must-enrol.tsx'
import { Navigation } from './navigation.tsx'
import { LiveProvider, useLiveState, useNow } from './now.tsx'
import { type Place, PlaceContext } from './page.tsx'
import { PageKeysContext } from './page-keys.tsx'
import { HelpDialog, useShortcuts } from './shortcuts.tsx'
import { StepUp } from './step-up.tsx'

/** What stands around every page once it is known who is there. */
export function Shell() {
  const { t } = useLingui()
  const query = useQuery(queries.session())
  const session = query.data
  const location = useLocation()
  const client = useQueryClient()
  const ended = useRef(false)
  useEffect(() => {
    const onEnded = (): void => {
      ended.current = true
      void client.invalidateQueries({ queryKey: ['session'] })
    }
    window.addEventListener(sessionEndedEvent, onEnded)
    return () => window.removeEventListener(sessionEndedEvent, onEnded)
  }, [client])
  if (session !== undefined && session.permissions.length === 0) {
    const back = encodeURIComponent(location.pathname + location.search)
    return session.claimed ? <Navigate to={`/sign-in?back=${back}${ended.current ? '&ended=1' : ''}`} replace /> : <Unclaimed />
  }
  if (session === undefined)
    return (
      <Loaded query={query} what={t`the session`}>
        {() => null}
      </Loaded>
    )
  if (session.mustEnrol !== null) return <MustEnrol />
  return (
    <LiveProvider serverNow={session.now}>
      <Frame session={session} />
    </LiveProvider>
  )
}

function Unclaimed() {
  const { t } = useLingui()
  return (
    <Blank
      title={<Trans>This installation has no owner yet</Trans>}
      text={t`Open the one-time link that ./simward start printed in its terminal. It expires; a new start prints a new one.`}
    />
  )
}

function Frame({ session }: { session: Session }) {
  const { t } = useLingui()
  const [place, setPlace] = useState<Place>({ title: '' })
  const { over, setOver, run, pageKeys } = useShortcuts(session)
  const [menuOpen, setMenuOpen] = useState(false)
  const location = useLocation()
  const close = useCallback(() => setOver(null), [setOver])
  const openJump = useCallback(() => {
    setMenuOpen(false)
    setOver('palette')
  }, [setOver])
  const closeMenu = useCallback(() => setMenuOpen(false), [])
  const shown = useRef(location.pathname)
  useEffect(() => {
    if (shown.current === location.pathname) return
    shown.current = location.pathname
    setMenuOpen(false)
    // Another page starts at its top, and a screen reader starts reading there.
    const main = document.getElementById('main')
    main?.scrollTo({ top: 0 })
    main?.focus({ preventScroll: true })
  }, [location.pathname])
  return (
    <PlaceContext value={setPlace}>
      <div className="shell">
        <a className="skip" href="#main">
          <Trans>To the content</Trans>
        </a>
        <Navigation session={session} />
        <header className="top">
          <button type="button" className="menu" aria-label={t`Menu`} aria-expanded={menuOpen} onClick={() => setMenuOpen(true)}>
            <Icon name="menu" />
          </button>
          <Crumb place={place} />
          <button type="button" className="jump" onClick={openJump} aria-haspopup="dialog">
            <Icon name="find" size={12} />
            <Trans>Jump to a SIM, page or action</Trans>
            <kbd>Ctrl K</kbd>
          </button>
          <LiveSign />
          <div className="sep" />
          <UtcClock />
          <LanguageMenu />
          <ThemeButton />
          {session.mode === 'open' && <PersonMenu name={session.person?.name ?? ''} />}
        </header>
        <main id="main" tabIndex={-1}>
          <PageKeysContext value={pageKeys}>
            <Outlet />
          </PageKeysContext>
        </main>
      </div>
      <Drawer.Root opened={menuOpen} onClose={closeMenu} size={264} lockScroll={false} padding={0}>
        <Drawer.Overlay backgroundOpacity={0.35} />
        <Drawer.Content aria-label={t`Menu`}>
          <Navigation session={session} />
          <div className="drawer-tools">
            <button type="button" className="tool" onClick={openJump}>
              <Icon name="find" />
              <Trans>Jump</Trans>
            </button>
            <LanguageMenu />
            <ThemeButton />
          </div>
        </Drawer.Content>
      </Drawer.Root>
      {over === 'palette' && <JumpDialog onClose={close} session={session} onRun={run} />}
      {over === 'help' && <HelpDialog onClose={close} session={session} pageKeys={pageKeys.current} />}
      <StepUp />
    </PlaceContext>
  )
}

function Crumb({ place }: { place: Place }) {
  return (
    <div className="crumb">
      {place.parent !== undefined && (
        <>
          <Link className="far" to={place.parent.to}>
            {place.parent.title}
          </Link>
          <Icon name="chev" size={12} tone="far" />
        </>
      )}
      <span className={place.mono ? 'mono clip' : 'clip'}>{place.title}</span>
    </div>
  )
}

/** Whether what is shown is live, and how far behind. */
function LiveSign() {
  const { t, i18n } = useLingui()
  const state = useLiveState()
  const now = useNow()
  const silence = state.heardAt === null ? 0 : now - state.offsetMs - state.heardAt
  const behind = (Math.round(state.behindMs / 100) / 10).toFixed(1)
  const age = durationText(i18n, silence)
  const text =
    state.status === 'connecting'
      ? t`Connecting`
      : state.status === 'lost'
        ? t`Not live for ${age}`
        : silence > 10_000
          ? t`Live, quiet for ${age}`
          : t`Live, ${behind} s behind`
  return (
    <div className={`live${state.status === 'live' ? '' : ' lost'}`} title={text}>
      <i aria-hidden="true" />
      <span>{text}</span>
    </div>
  )
}

function UtcClock() {
  const now = useNow()
  return (
    <div className="tool">
      <time dateTime={new Date(now).toISOString()} title={exactTime(now)}>
        {clock(now)} UTC
      </time>
    </div>
  )
}

function ThemeButton() {
  const { t } = useLingui()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const other = scheme === 'dark' ? 'light' : 'dark'
  return (
    <button
      type="button"
      className="tool"
      aria-label={other === 'dark' ? t`Dark theme` : t`Light theme`}
      onClick={() => setColorScheme(other)}
    >
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
    </button>
  )
}

function PersonMenu({ name }: { name: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const leave = async (): Promise<void> => {
    await leavePerson(async () => answerOf(await api.POST('/api/v1/sign-out')), client, sessionStorage)
    await navigate('/sign-in')
  }
  return (
    <Menu classNames={{ dropdown: 'pop' }} position="bottom-end" width={160}>
      <Menu.Target>
        <button type="button" className="tool">
          {name}
          <Icon name="down" size={12} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/security">
          <Trans>My security</Trans>
        </Menu.Item>
        <Menu.Item onClick={() => void leave()}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** A page that broke: what is known of it, and the ways on. Nothing is sent anywhere. */
export function Broken() {
  const { t } = useLingui()
  const error = useRouteError()
  const what = error instanceof Error ? error.message : String(error)
  return (
    <Blank
      state="failed"
      title={<Trans>This page broke</Trans>}
      text={t`It is a fault of the portal, not of the network: signalling goes on. What it says: ${what}`}
    >
      <Button primary onClick={() => location.reload()}>
        <Trans>Load it again</Trans>
      </Button>
      <Button onClick={() => location.assign('/')}>
        <Trans>Open the overview</Trans>
      </Button>
    </Blank>
  )
}

/** An address that leads nowhere. */
export function Nowhere() {
  const navigate = useNavigate()
  return (
    <Blank title={<Trans>There is no page at this address</Trans>} text={useLocation().pathname}>
      <Button primary onClick={() => void navigate('/')}>
        <Trans>Open the overview</Trans>
      </Button>
    </Blank>
  )
}
