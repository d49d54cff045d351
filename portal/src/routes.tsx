import { createBrowserRouter, Navigate, type RouteObject } from 'react-router'
import { Broken, Nowhere, Shell } from './app/shell.tsx'
import { AlarmsPage } from './pages/alarms/page.tsx'
import { ControlsPage } from './pages/controls/page.tsx'
import { RulesPage } from './pages/controls/rules-page.tsx'
import { DemoPage } from './pages/demo/page.tsx'
import { ClaimPage } from './pages/entry/claim-page.tsx'
import { SignInPage } from './pages/entry/sign-in-page.tsx'
import { OverviewPage } from './pages/overview/page.tsx'
import { PartnersPage } from './pages/partners/page.tsx'
import { PartnerPage } from './pages/partners/partner-page.tsx'
import { PeerPage } from './pages/partners/peer-page.tsx'
import { SignallingPage } from './pages/signalling/page.tsx'
import { SimsPage } from './pages/sims/page.tsx'
import { SimPage } from './pages/sims/sim-page.tsx'

/** Every address of the portal. */
const routes: RouteObject[] = [
  { path: '/claim', element: <ClaimPage /> },
  { path: '/sign-in', element: <SignInPage /> },
  {
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      {
        // The frame stays when a page breaks.
        errorElement: <Broken />,
        children: [
          { path: '/', element: <OverviewPage /> },
          { path: '/signalling', element: <SignallingPage /> },
          { path: '/signalling/rules', element: <Navigate to="/controls/rules" replace /> },
          { path: '/sims', element: <SimsPage /> },
          { path: '/sims/:id', element: <SimPage /> },
          { path: '/partners', element: <PartnersPage /> },
          { path: '/partners/:id', element: <PartnerPage /> },
          { path: '/peers/:id', element: <PeerPage /> },
          { path: '/alarms', element: <AlarmsPage /> },
          { path: '/controls', element: <ControlsPage /> },
          { path: '/controls/rules', element: <RulesPage /> },
          { path: '/demo', element: <DemoPage /> },
          { path: '*', element: <Nowhere /> },
        ],
      },
    ],
  },
]

export const createRouter = () => createBrowserRouter(routes)
