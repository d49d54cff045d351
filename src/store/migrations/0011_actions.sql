-- Changes of single SIMs as things that can be looked up, how people like to see their lists, and which UICCs profiles and
-- groups are for.

-- One change that somebody asked for, until the network has confirmed it.
CREATE TABLE sim_action (
  -- A UUID of version 7: it rises with time, so that the list is paged by it.
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  provider_id uuid NOT NULL REFERENCES provider,
  subscription_id uuid NOT NULL REFERENCES subscription,
  imsi text COLLATE "C" NOT NULL,
  -- Person, client or control, and where the request came from.
  actor text NOT NULL,
  address text,
  reason text NOT NULL,
  -- The changes in their order, as platform/change.ts has them.
  changes jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'committed', 'telling', 'done', 'failed', 'dropped')),
  approval_id uuid,
  -- What the serving node made of it: {outcome, operation, resultCode, at}.
  told jsonb,
  -- Why it failed.
  problem jsonb,
  requested_at timestamptz NOT NULL,
  committed_at timestamptz,
  done_at timestamptz
);
CREATE INDEX sim_action_provider ON sim_action (provider_id, id DESC);
CREATE INDEX sim_action_imsi ON sim_action (imsi, id DESC);
CREATE INDEX sim_action_released ON sim_action (id DESC) WHERE kind = 'release-hold' AND state = 'done';
CREATE INDEX sim_action_open ON sim_action (id) WHERE state IN ('waiting', 'committed', 'telling');

-- Filters and columns that a person keeps under a name.
CREATE TABLE saved_view (
  id uuid PRIMARY KEY,
  -- null: somebody of the operator's.
  provider_id uuid REFERENCES provider,
  -- Whose it is; people see their own.
  owner text NOT NULL,
  page text NOT NULL,
  name text NOT NULL,
  -- What stands behind the question mark of the page's address.
  query text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX saved_view_name ON saved_view (owner, page, lower(name));

-- IoT and handset UICCs are kept apart where a profile or group says for which it is (CLP.14 §5.1); null: any.
ALTER TABLE service_profile ADD COLUMN card_use text CHECK (card_use IN ('iot', 'handset'));
ALTER TABLE sim_group ADD COLUMN card_use text CHECK (card_use IN ('iot', 'handset'));

-- What the list is filtered by.
-- Compared octet by octet, so that a prefix is a range: row-level security lets an index answer ranges, and not LIKE.
ALTER TABLE subscription ADD COLUMN label_key text COLLATE "C" GENERATED ALWAYS AS (lower(label)) STORED;
CREATE INDEX subscription_label ON subscription (label_key, imsi) WHERE label_key IS NOT NULL;
CREATE INDEX subscription_held ON subscription (imsi) WHERE hold_next_attach;
CREATE INDEX subscription_partition ON subscription (hss_partition, imsi) WHERE hss_partition <> 'main';
CREATE INDEX subscription_batch ON subscription (batch_id, imsi);

ALTER TABLE sim_action ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sim_action TO simward_tenant USING (provider_id = nullif(current_setting('app.provider', true), '')::uuid)
  WITH CHECK (provider_id = nullif(current_setting('app.provider', true), '')::uuid);
CREATE POLICY operator ON sim_action TO simward_operator USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON sim_action TO simward_tenant, simward_operator;

-- A view is its owner's alone: the transaction says who is asking.
ALTER TABLE saved_view ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON saved_view TO simward_tenant USING (owner = nullif(current_setting('app.person', true), '')
    AND provider_id = nullif(current_setting('app.provider', true), '')::uuid)
  WITH CHECK (owner = nullif(current_setting('app.person', true), '')
    AND provider_id = nullif(current_setting('app.provider', true), '')::uuid);
CREATE POLICY operator ON saved_view TO simward_operator USING (owner = nullif(current_setting('app.person', true), '') AND provider_id IS NULL)
  WITH CHECK (owner = nullif(current_setting('app.person', true), '') AND provider_id IS NULL);
GRANT SELECT, INSERT, DELETE ON saved_view TO simward_tenant, simward_operator;
