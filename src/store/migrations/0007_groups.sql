-- Nested groups of SIMs within a provider, and what of a subscription the portal and API work with.

-- A group may be a service: something its provider promises to somebody, with an objective of its own.
CREATE TABLE sim_group (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  parent_id uuid REFERENCES sim_group,
  name text NOT NULL,
  -- null: only a folder. {"objective": 0.995, "windowS": 2592000}: a service.
  service jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX sim_group_name ON sim_group (provider_id, coalesce(parent_id, id), lower(name)) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX sim_group_root_name ON sim_group (provider_id, lower(name)) WHERE parent_id IS NULL;

ALTER TABLE subscription
  ADD COLUMN group_id uuid REFERENCES sim_group,
  -- What the owner calls it. Not unique.
  ADD COLUMN label text,
  -- Rate plan; its table comes later.
  ADD COLUMN plan_id uuid,
  -- Rises with every change: the ETag of a SIM.
  ADD COLUMN version int NOT NULL DEFAULT 1,
  -- The next attach needs a person's release.
  ADD COLUMN hold_next_attach boolean NOT NULL DEFAULT false;
CREATE INDEX subscription_group ON subscription (group_id, imsi) WHERE group_id IS NOT NULL;
CREATE INDEX subscription_plan ON subscription (plan_id, imsi) WHERE plan_id IS NOT NULL;

ALTER TABLE sim_group ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sim_group TO simward_tenant USING (provider_id = nullif(current_setting('app.provider', true), '')::uuid)
  WITH CHECK (provider_id = nullif(current_setting('app.provider', true), '')::uuid);
CREATE POLICY operator ON sim_group TO simward_operator USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON sim_group TO simward_tenant, simward_operator;
