import { Trans } from '@lingui/react/macro'
import { Link } from 'react-router'

/** At the foot of the overview, in the demo only: what a visitor may do. */
export function DemoStrip() {
  return (
    <div className="demo-strip">
      <span>
        <Trans>This is a demo: the networks, devices and attacks are simulated, everything else is real.</Trans>
      </span>
      <Link className="btn" to="/demo">
        <Trans>Attack it yourself</Trans>
      </Link>
    </div>
  )
}
