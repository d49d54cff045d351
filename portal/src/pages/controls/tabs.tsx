import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from 'react-router'

/** Requirements and the rules behind them are two views of one place. */
export function Tabs({ here }: { here: 'requirements' | 'rules' }) {
  const { t } = useLingui()
  return (
    <nav className="seg" aria-label={t`Views`}>
      <Link to="/controls" aria-current={here === 'requirements' ? 'page' : undefined}>
        <Trans>Requirements</Trans>
      </Link>
      <Link to="/controls/rules" aria-current={here === 'rules' ? 'page' : undefined}>
        <Trans>Rules</Trans>
      </Link>
    </nav>
  )
}
