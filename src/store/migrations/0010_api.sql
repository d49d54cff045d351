-- What programs of a customer need: notices of what happened, API clients, webhooks, and requests that may be repeated.

-- One thing that happened, written in the transaction of the change itself. Transactions commit in another order than
-- their ids were made in, so a reader that goes by id would miss rows: each row gets its place in the one order of
-- notices (`seq`) after its commit, and readers go by that.
CREATE TABLE notice (
  id uuid PRIMARY KEY,
  seq int8,
  -- Null: the operator's alone.
  provider_id uuid REFERENCES provider,
  type text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL
);
CREATE INDEX notice_unplaced ON notice (id) WHERE seq IS NULL;
CREATE UNIQUE INDEX notice_seq ON notice (seq);
CREATE INDEX notice_provider ON notice (provider_id, seq);
CREATE INDEX notice_type ON notice (type, seq);
CREATE INDEX notice_subject ON notice (subject_id, seq);
CREATE INDEX notice_age ON notice (at);

-- The last place given. Its row lock makes those who place wait for each other: places are committed in their order.
CREATE TABLE notice_place (one bool PRIMARY KEY DEFAULT true CHECK (one), last int8 NOT NULL);
INSERT INTO notice_place (last) VALUES (0);

CREATE TABLE api_client (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  kind text NOT NULL CHECK (kind IN ('key', 'oauth')),
  name text NOT NULL,
  -- What it may do, at most: permissions.
  scopes text[] NOT NULL,
  -- Addresses that it may come from; empty: any.
  sources text[] NOT NULL DEFAULT '{}',
  -- Public keys of a client that signs its assertions (RFC 7523), as a JWK set; null: it has a secret.
  keys jsonb,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  used_at timestamptz,
  used_from text,
  version int NOT NULL DEFAULT 1
);
CREATE INDEX api_client_provider ON api_client (provider_id, id);

-- SHA-256 of a key or secret: a copy of this table lets nobody in. Two rows while one replaces the other.
CREATE TABLE api_client_secret (
  digest bytea PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  client_id uuid NOT NULL REFERENCES api_client ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  -- Null: as long as its client.
  expires_at timestamptz
);
CREATE INDEX api_client_secret_client ON api_client_secret (client_id);

-- Access tokens, as digests.
CREATE TABLE api_token (
  digest bytea PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES api_client ON DELETE CASCADE,
  scopes text[] NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX api_token_expiry ON api_token (expires_at);
CREATE INDEX api_token_client ON api_token (client_id);

-- Assertions that were used: each works once (RFC 7523 §3, jti).
CREATE TABLE api_assertion (
  digest bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX api_assertion_expiry ON api_assertion (expires_at);

CREATE TABLE webhook (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  url text NOT NULL,
  description text NOT NULL DEFAULT '',
  types text[] NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
  -- Notices up to this place have been queued for it.
  position int8 NOT NULL,
  -- What signs, sealed under the master key; the former one signs as well until its time is up.
  secret bytea NOT NULL,
  former_secret bytea,
  former_until timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  succeeded_at timestamptz,
  failed_at timestamptz,
  disabled_because text,
  version int NOT NULL DEFAULT 1
);
CREATE INDEX webhook_provider ON webhook (provider_id, id);

CREATE TABLE webhook_delivery (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
  notice_id uuid NOT NULL,
  type text NOT NULL,
  -- What is sent, as it was when it was queued: retries and replays say the same.
  body text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  -- When it is tried next; while it is tried, when somebody else may.
  next_at timestamptz NOT NULL,
  last_at timestamptz,
  status int,
  took_ms int,
  answer text,
  problem text
);
CREATE INDEX webhook_delivery_list ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_age ON webhook_delivery (created_at);

-- Requests with an Idempotency-Key. The answer is sealed: it may hold what is shown once.
CREATE TABLE idempotent_request (
  -- SHA-256 over tenant, actor and key.
  key_digest bytea PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  actor text NOT NULL,
  -- SHA-256 over method, path and body.
  request_digest bytea NOT NULL,
  -- The process that carries it out: another one's that never ended was cut off.
  owner text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  done_at timestamptz,
  status int,
  answer bytea
);
CREATE INDEX idempotent_request_expiry ON idempotent_request (expires_at);
CREATE INDEX idempotent_request_actor ON idempotent_request (actor);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['notice', 'api_client', 'api_client_secret', 'webhook', 'webhook_delivery', 'idempotent_request'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO simward_tenant USING (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)
       WITH CHECK (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

-- Digests, sealed secrets and stored answers are in nobody's reach; they can be written and replaced.
GRANT SELECT, INSERT ON notice TO simward_tenant, simward_operator;
GRANT SELECT, INSERT, UPDATE ON api_client TO simward_tenant, simward_operator;
GRANT SELECT (client_id, provider_id, created_at, expires_at), INSERT, UPDATE (expires_at), DELETE
  ON api_client_secret TO simward_tenant, simward_operator;
GRANT SELECT (id, provider_id, url, description, types, state, position, former_until, created_by, created_at, succeeded_at, failed_at,
  disabled_because, version), INSERT, UPDATE, DELETE ON webhook TO simward_tenant, simward_operator;
GRANT SELECT, INSERT, UPDATE ON webhook_delivery TO simward_tenant, simward_operator;
