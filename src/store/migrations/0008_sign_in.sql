-- Sign-in in full: sessions that know their proofs, links that enrol a person, and each organisation's own sign-on.

-- Sessions of before do not say with what their person proved who they are: they end.
DELETE FROM session;
ALTER TABLE session
  -- By which a session is listed and ended; its token changes at every new proof.
  ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN factors text[] NOT NULL DEFAULT '{}',
  ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now(),
  -- The proof was of a kind that no false site can pass on.
  ADD COLUMN phishing_resistant boolean NOT NULL DEFAULT false,
  ADD COLUMN address text,
  ADD COLUMN user_agent text;
CREATE UNIQUE INDEX session_id ON session (id);

ALTER TABLE credential
  -- What its owner calls it.
  ADD COLUMN name text,
  DROP CONSTRAINT credential_kind_check,
  ADD CONSTRAINT credential_kind_check CHECK (kind IN ('passkey', 'password', 'totp', 'recovery', 'oidc'));

-- Whom a one-time link is for; null: whoever claims the installation.
ALTER TABLE claim_token ADD COLUMN person_id uuid REFERENCES person ON DELETE CASCADE;
CREATE INDEX claim_token_person ON claim_token (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX claim_token_expiry ON claim_token (expires_at);

-- Single sign-on of one organisation; provider_id null: the operator's own.
CREATE TABLE sso_provider (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider ON DELETE CASCADE,
  name text NOT NULL,
  profile text NOT NULL CHECK (profile IN ('openid-connect', 'mobile-connect')),
  issuer text NOT NULL,
  client_id text NOT NULL,
  client_auth text NOT NULL CHECK (client_auth IN ('client_secret_basic', 'client_secret_post', 'private_key_jwt')),
  -- The client's secret or private key, sealed by the vault; never granted to a tenant's role.
  sealed_secret bytea NOT NULL,
  -- The public half of the key of private_key_jwt, which the provider is given.
  public_jwk jsonb,
  scopes text[] NOT NULL DEFAULT '{openid}',
  acr_values text[] NOT NULL DEFAULT '{}',
  -- Made at their first sign-in, or only people who were invited.
  auto_create boolean NOT NULL DEFAULT false,
  default_role text NOT NULL,
  -- {"claim": "groups", "roles": {"iot-admins": "provider-admin"}}
  role_map jsonb,
  enabled boolean NOT NULL DEFAULT true,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sso_provider_owner ON sso_provider (provider_id);

-- Domains of e-mail addresses whose people come this way. Each is one organisation's: nobody is led to another's provider.
CREATE TABLE sso_domain (
  domain text PRIMARY KEY,
  sso_id uuid NOT NULL REFERENCES sso_provider ON DELETE CASCADE,
  provider_id uuid REFERENCES provider ON DELETE CASCADE
);
CREATE INDEX sso_domain_sso ON sso_domain (sso_id);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sso_provider', 'sso_domain'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO simward_tenant USING (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)
       WITH CHECK (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
GRANT SELECT (id, provider_id, name, profile, issuer, client_id, client_auth, public_jwk, scopes, acr_values, auto_create,
  default_role, role_map, enabled, version, created_at, changed_at) ON sso_provider TO simward_tenant, simward_operator;
GRANT INSERT, UPDATE, DELETE ON sso_provider TO simward_tenant, simward_operator;
GRANT SELECT, INSERT, DELETE ON sso_domain TO simward_tenant, simward_operator;
