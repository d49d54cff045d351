import type { ComponentType } from 'react'
import { createBrowserRouter, Navigate, type RouteObject } from 'react-router'
import { Home } from './app/home.tsx'
import { Broken, Nowhere, Shell } from './app/shell.tsx'

/** A page with a file of its own: fetched when it is first opened, while the former page, or the empty frame, stays. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return { lazy: async () => ({ Component: (await load())[name] }), hydrateFallbackElement: <></> }
}

/** Every address of the portal. */
const routes: RouteObject[] = [
  { path: '/claim', ...page(() => import('./pages/entry/claim-page.tsx'), 'ClaimPage') },
  { path: '/join', ...page(() => import('./pages/entry/join-page.tsx'), 'JoinPage') },
  { path: '/sign-in/sso', ...page(() => import('./pages/entry/sso-page.tsx'), 'SsoPage') },
  { path: '/sign-in', ...page(() => import('./pages/entry/sign-in-page.tsx'), 'SignInPage') },
  {
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      {
        // The frame stays when a page breaks.
        errorElement: <Broken />,
        children: [
          { path: '/', element: <Home />, children: [{ index: true, ...page(() => import('./pages/overview/page.tsx'), 'OverviewPage') }] },
          { path: '/signalling', ...page(() => import('./pages/signalling/page.tsx'), 'SignallingPage') },
          { path: '/signalling/rules', element: <Navigate to="/controls/rules" replace /> },
          { path: '/sims', ...page(() => import('./pages/sims/page.tsx'), 'SimsPage') },
          { path: '/sims/:id', ...page(() => import('./pages/sims/sim-page.tsx'), 'SimPage') },
          { path: '/jobs', ...page(() => import('./pages/jobs/page.tsx'), 'JobsPage') },
          { path: '/jobs/new', ...page(() => import('./pages/jobs/new-page.tsx'), 'NewJobPage') },
          { path: '/jobs/:id', ...page(() => import('./pages/jobs/job-page.tsx'), 'JobPage') },
          { path: '/profiles', ...page(() => import('./pages/profiles/page.tsx'), 'ProfilesPage') },
          { path: '/profiles/new', ...page(() => import('./pages/profiles/new-page.tsx'), 'NewProfilePage') },
          { path: '/profiles/:id', ...page(() => import('./pages/profiles/profile-page.tsx'), 'ProfilePage') },
          { path: '/plans', ...page(() => import('./pages/plans/page.tsx'), 'PlansPage') },
          { path: '/partners', ...page(() => import('./pages/partners/page.tsx'), 'PartnersPage') },
          { path: '/partners/:id', ...page(() => import('./pages/partners/partner-page.tsx'), 'PartnerPage') },
          { path: '/peers/:id', ...page(() => import('./pages/partners/peer-page.tsx'), 'PeerPage') },
          { path: '/health', ...page(() => import('./pages/health/page.tsx'), 'HealthPage') },
          { path: '/health/devices', ...page(() => import('./pages/health/devices-page.tsx'), 'DevicesPage') },
          { path: '/alarms', ...page(() => import('./pages/alarms/page.tsx'), 'AlarmsPage') },
          { path: '/approvals', ...page(() => import('./pages/approvals/page.tsx'), 'ApprovalsPage') },
          { path: '/approvals/:id', ...page(() => import('./pages/approvals/approval-page.tsx'), 'ApprovalPage') },
          { path: '/controls', ...page(() => import('./pages/controls/page.tsx'), 'ControlsPage') },
          { path: '/controls/rules', ...page(() => import('./pages/controls/rules-page.tsx'), 'RulesPage') },
          { path: '/developers', ...page(() => import('./pages/developers/page.tsx'), 'DevelopersPage') },
          { path: '/audit', ...page(() => import('./pages/audit/page.tsx'), 'AuditPage') },
          { path: '/sign-ons', ...page(() => import('./pages/sign-ons/page.tsx'), 'SignOnsPage') },
          { path: '/groups', ...page(() => import('./pages/groups/page.tsx'), 'GroupsPage') },
          { path: '/organisations', ...page(() => import('./pages/organisations/page.tsx'), 'OrganisationsPage') },
          { path: '/organisations/:id', ...page(() => import('./pages/organisations/organisation-page.tsx'), 'OrganisationPage') },
          { path: '/people', ...page(() => import('./pages/people/page.tsx'), 'PeoplePage') },
          { path: '/people/:id', ...page(() => import('./pages/people/person-page.tsx'), 'PersonPage') },
          { path: '/security', ...page(() => import('./pages/security/page.tsx'), 'SecurityPage') },
          { path: '/demo', ...page(() => import('./pages/demo/page.tsx'), 'DemoPage') },
          { path: '*', element: <Nowhere /> },
        ],
      },
    ],
  },
]

export const createRouter = () => createBrowserRouter(routes)
