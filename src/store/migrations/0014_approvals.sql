-- Commands that wait for persons, and what each person decided.

CREATE TABLE approval (
  id uuid PRIMARY KEY,
  -- Null: the operator's own.
  provider_id uuid REFERENCES provider,
  kind text NOT NULL,
  -- Canonical JSON, as text: the octets that are hashed, signed and executed.
  command text NOT NULL,
  command_hash bytea NOT NULL,
  summary jsonb NOT NULL,
  reason text NOT NULL,
  -- A person's or a client's id; null: a control asks.
  requested_by text,
  needed int NOT NULL CHECK (needed > 0),
  deciders text NOT NULL CHECK (deciders IN ('provider', 'operator')),
  imsi text COLLATE "C",
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'approved', 'executed', 'failed', 'refused', 'withdrawn', 'expired')),
  failure text,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Since when nobody can change it any more.
  closed_at timestamptz,
  -- False where it was asked for within another change's transaction, until its own ledger entry is written.
  in_ledger boolean NOT NULL DEFAULT false,
  -- Which process executes it, and until when it may be thought alive.
  lease_owner text,
  lease_until timestamptz
);
CREATE INDEX approval_provider ON approval (provider_id, id DESC);
CREATE INDEX approval_waiting ON approval (expires_at) WHERE state = 'waiting';
CREATE INDEX approval_open ON approval (id DESC) WHERE state IN ('waiting', 'approved');
CREATE INDEX approval_imsi ON approval (imsi, kind, id DESC) WHERE imsi IS NOT NULL;
CREATE INDEX approval_outside_ledger ON approval (id) WHERE NOT in_ledger;

CREATE TABLE approval_decision (
  approval_id uuid NOT NULL REFERENCES approval ON DELETE CASCADE,
  -- A person counts once.
  person_id text NOT NULL,
  -- The approval's.
  provider_id uuid,
  decision text NOT NULL CHECK (decision IN ('approve', 'refuse')),
  reason text NOT NULL,
  address text,
  at timestamptz NOT NULL,
  -- The WebAuthn assertion over the command's hash, with the public key it verifies under; null: unsigned, in the demo.
  assertion jsonb,
  PRIMARY KEY (approval_id, person_id)
);

ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE approval_decision ENABLE ROW LEVEL SECURITY;

CREATE POLICY operator ON approval TO simward_operator USING (true) WITH CHECK (true);
CREATE POLICY operator ON approval_decision TO simward_operator USING (true) WITH CHECK (true);

-- A tenant works with its own; it also reads what the operator plans with one of its SIMs.
CREATE POLICY tenant ON approval TO simward_tenant USING (provider_id = nullif(current_setting('app.provider', true), '')::uuid)
  WITH CHECK (provider_id = nullif(current_setting('app.provider', true), '')::uuid);
CREATE POLICY tenant_sims ON approval FOR SELECT TO simward_tenant
  USING (imsi IS NOT NULL AND EXISTS (SELECT FROM subscription s WHERE s.imsi = approval.imsi
    AND s.provider_id = nullif(current_setting('app.provider', true), '')::uuid));
-- What only the operator may decide, no tenant's role can write a decision about.
CREATE POLICY tenant ON approval_decision TO simward_tenant
  USING (EXISTS (SELECT FROM approval a WHERE a.id = approval_id))
  WITH CHECK (provider_id = nullif(current_setting('app.provider', true), '')::uuid
    AND EXISTS (SELECT FROM approval a WHERE a.id = approval_id AND a.deciders = 'provider' AND a.state = 'waiting'
      AND a.provider_id = nullif(current_setting('app.provider', true), '')::uuid));

GRANT SELECT, INSERT ON approval, approval_decision TO simward_tenant, simward_operator;
GRANT UPDATE (state, failure, closed_at, in_ledger) ON approval TO simward_tenant, simward_operator;

-- Every entry about one approval, whoever wrote it: what its receipt is made of.
CREATE INDEX ledger_entry_approval ON ledger_entry ((body ->> 'approvalId'), id) WHERE body ->> 'approvalId' IS NOT NULL;
