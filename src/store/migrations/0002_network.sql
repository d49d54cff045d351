-- Roaming partners, Diameter neighbours, rule modes and settings. They belong to the operator; no tenant owns them.

CREATE TABLE partner (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  body jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX partner_name ON partner (lower(name));

CREATE TABLE peer (
  id text PRIMARY KEY,
  identity text NOT NULL,
  body jsonb NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  changed_at timestamptz NOT NULL DEFAULT now()
);
-- A Diameter identity compares without case (RFC 6733 §4.3.1).
CREATE UNIQUE INDEX peer_identity ON peer (lower(identity));

CREATE TABLE rule_mode (
  rule_id text PRIMARY KEY,
  mode text NOT NULL CHECK (mode IN ('off', 'learn', 'shadow', 'active')),
  changed_by text NOT NULL,
  reason text NOT NULL,
  changed_at timestamptz NOT NULL
);

CREATE TABLE setting (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
