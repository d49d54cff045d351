-- Persons who sign in, what they sign in with, and the one-time links that claim an installation.

CREATE TABLE person (
  id uuid PRIMARY KEY,
  -- Null: an operator's person, not a provider's.
  provider_id uuid REFERENCES provider,
  name text NOT NULL,
  email text,
  language text,
  roles text[] NOT NULL DEFAULT '{}',
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX person_name ON person (lower(name));
CREATE INDEX person_provider ON person (provider_id);

CREATE TABLE credential (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('passkey', 'password', 'totp', 'recovery')),
  -- A passkey's credential id; unique so that a sign-in finds its person.
  external_id text,
  secret bytea,
  body jsonb NOT NULL DEFAULT '{}',
  counter int8 NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz
);
CREATE UNIQUE INDEX credential_external ON credential (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX credential_person ON credential (person_id);

CREATE TABLE session (
  -- SHA-256 of the cookie's token: a copy of this table signs nobody in.
  token_hash bytea PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  body jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE claim_token (
  token_hash bytea PRIMARY KEY,
  purpose text NOT NULL,
  body jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
